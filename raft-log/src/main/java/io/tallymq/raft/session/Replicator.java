package io.tallymq.raft.session;

/**
 * The way of a batch to the leader. What was sent comes back through the {@link Applier} in log order, or is lost:
 * the outbox sends again what it misses, so an implementation may lose, repeat and delay batches.
 */
public interface Replicator {
    /**
     * Sends a batch. Called from one thread; may block while the log is full.
     *
     * @param bytes exactly the batch; the replicator may keep it for ever
     * @param again the array was sent before and somebody may hold it: it must not be changed
     * @return false when there is nobody to send to now: everything is sent again at {@link Outbox#connected}
     */
    boolean send(byte[] bytes, boolean again);

    /** Whether what was sent is surely not lost at the moment, so that waiting is better than sending it again. */
    boolean certain();

    /** Nothing is sent any more, by a bug or for want of memory: the node must not go on. Any thread. */
    void failed(String reason, Throwable cause);
}
