package io.tallymq.broker.effect;

/** How a queue's consumers keep up with what is published to it. Only for the applying thread, while it applies. */
public interface Backlog {
    /** The queue's number. */
    long number();

    /** The queue's name. */
    String name();

    /** Whether publishes to it are confirmed when all members of the cluster have them, not only a majority. */
    default boolean confirmsByAll() {
        return false;
    }

    /** Messages that no client was sent. */
    long ready();

    /** Messages consumed so far. */
    long acked();
}
