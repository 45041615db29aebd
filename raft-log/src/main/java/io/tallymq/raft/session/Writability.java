package io.tallymq.raft.session;

/** Whether there is room for what sessions put in. Asked by any thread, changed by those that hold the outbox' lock. */
final class Writability {
    private final PendingLimit ofPublishers;
    private final long most;
    /** Room for what publishers send. */
    private volatile boolean writable = true;
    /** No room for anything, such as acks and declarations without end. */
    private volatile boolean full;

    /** @param most bytes that may be pending of everything; of publishers it is less, see {@link PendingLimit} */
    Writability(long most) {
        this.ofPublishers = new PendingLimit(most);
        this.most = most;
    }

    boolean isWritable(boolean publisher) {
        return publisher ? writable : !full;
    }

    /** So much is pending since something was put in. */
    void grown(long pending) {
        if (writable && pending > ofPublishers.bytes()) {
            writable = false;
        }
        if (!full && pending > most) {
            full = true;
        }
    }

    /** A batch is applied that was sent {@code took} nanoseconds ago, and so much is still pending. */
    void answered(Batch batch, long took, long now, long pending) {
        ofPublishers.answered(batch.bytes.length, took, now, pending > 0);
    }

    /** As {@link PendingLimit#applied}. */
    boolean applied(boolean behind) {
        return ofPublishers.applied(behind);
    }

    /** Whether publishers may send again, now that so much is pending. */
    boolean shrunk(long pending) {
        writable = pending <= ofPublishers.bytes() / 2;
        full &= !writable;
        return writable;
    }
}
