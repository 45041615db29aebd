package io.tallymq.broker.life;

/** Whether a batch of commands takes effect: exactly once and in order per (node, epoch). */
public enum Admission {
    /** The next of its node. */
    ACCEPTED,
    /** Applied before: a resend. */
    DUPLICATE,
    /** An earlier batch of the node has not come yet: dropped, its node sends all of them again. */
    GAP,
    /** The node's epoch is not (or no longer) the registered one. */
    FENCED
}
