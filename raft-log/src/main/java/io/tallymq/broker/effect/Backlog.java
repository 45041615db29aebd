package io.tallymq.broker.effect;

/** How a queue's consumers keep up with what is published to it. Only for the applying thread, while it applies. */
public interface Backlog {
    /** The queue's number. */
    long number();

    /** The queue's name. */
    String name();

    /** Messages that no client was sent. */
    long ready();

    /** Messages consumed so far. */
    long acked();
}
