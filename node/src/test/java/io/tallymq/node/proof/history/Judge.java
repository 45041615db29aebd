package io.tallymq.node.proof.history;

/** Judges some promises. Is told all events of a history one after the other, in the order in which they were noted. One thread. */
public interface Judge {
    void accept(HistoryEvent event);

    /** There are no more. */
    void end();
}
