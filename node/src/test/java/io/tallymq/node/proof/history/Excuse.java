package io.tallymq.node.proof.history;

/** Whether a message that was confirmed may have gone without an ack, or without coming to anybody. Asked at the end of a history. */
public interface Excuse {
    boolean mayBeGone(MessageId id, boolean came);
}
