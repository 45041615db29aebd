package io.tallymq.node.proof.history;

/** What is known of the order in which a queue's messages come out. */
public enum Order {
    /** The queue had one consumer at a time: {@link Rule#RTORDER} is checked, and REORDER. */
    REAL_TIME,
    /** Those of one publisher come in order to each consumer: {@link Rule#REORDER} is checked. */
    PER_PUBLISHER,
    /** None: they take ways that differ in length. */
    NONE
}
