package io.tallymq.raft.session;

/** Whether there is room for what sessions put in. Asked by any thread, changed by those that hold the outbox' lock. */
final class Writability {
    private final PendingLimit ofPublishers;
    private final PendingLimit ofUnconfirmed;
    private final long most;
    /** Room for what publishers send. */
    private volatile boolean writable = true;
    /** Room for what is published without confirms. Its own count, so that those who wait for confirms leave it some. */
    private volatile boolean unconfirmedToo = true;
    /** No room for anything, such as acks and declarations without end. */
    private volatile boolean full;

    /** @param most bytes that may be pending of everything; of publishers it is less, see {@link PendingLimit} */
    Writability(long most) {
        this.ofPublishers = new PendingLimit(most);
        this.ofUnconfirmed = PendingLimit.ofUnconfirmed(most);
        this.most = most;
    }

    /** @param unconfirmed whether it publishes without confirms */
    boolean isWritable(boolean publisher, boolean unconfirmed) {
        return publisher ? writable && (unconfirmedToo || !unconfirmed) : !full;
    }

    /** Whether there is room for everybody. */
    boolean isOpen() {
        return writable && unconfirmedToo;
    }

    /** So much is pending since something was put in, and so much of it was published without confirms. */
    void grown(long pending, long unconfirmed) {
        if (writable && pending > ofPublishers.bytes()) {
            writable = false;
        }
        if (unconfirmedToo && unconfirmed > ofUnconfirmed.bytes()) {
            unconfirmedToo = false;
        }
        if (!full && pending > most) {
            full = true;
        }
    }

    /** A batch is applied that was sent {@code took} nanoseconds ago, and so much is still pending. */
    void answered(Batch batch, long took, long now, long pending) {
        ofPublishers.answered(batch.bytes.length, took, now, pending > 0);
        ofUnconfirmed.answered(batch.bytes.length, took, now, pending > 0);
    }

    /** As {@link PendingLimit#applied}. */
    boolean applied(boolean behind) {
        return ofPublishers.applied(behind);
    }

    /** Whether some publishers may send again, now that so much is pending. */
    boolean shrunk(long pending, long unconfirmed) {
        boolean some = false;
        if (!writable) {
            writable = pending <= ofPublishers.bytes() / 2;
            full &= !writable;
            some = writable;
        }
        if (!unconfirmedToo) {
            unconfirmedToo = unconfirmed <= ofUnconfirmed.bytes() / 2;
            some |= unconfirmedToo;
        }
        return some;
    }
}
