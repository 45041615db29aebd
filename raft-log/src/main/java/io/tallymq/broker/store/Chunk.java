package io.tallymq.broker.store;

/**
 * All messages of one log entry that went to one queue: the unit of storage. Sequence numbers are per queue and contiguous
 * within a chunk. The descriptor is small and immutable but for {@link #body}, which comes and goes with the cache.
 */
public final class Chunk {
    private final long queue;
    private final long firstSeq;
    private final int count;
    private final long bytes;
    private final long shared;
    private final boolean mixed;
    private final long earliest;
    private final long latest;
    private final long publishedAt;
    private final boolean reports;
    private volatile ChunkBody body;

    /** As the other one, of bodies that all have one length. */
    public Chunk(long queue, long firstSeq, int count, long bytes, long shared) {
        this(queue, firstSeq, count, bytes, shared, false, 0, 0, 0);
    }

    /** As the other one, of messages of which nobody is to be told when they leave. */
    public Chunk(
            long queue,
            long firstSeq,
            int count,
            long bytes,
            long shared,
            boolean mixed,
            long earliest,
            long latest,
            long publishedAt) {
        this(queue, firstSeq, count, bytes, shared, mixed, earliest, latest, publishedAt, false);
    }

    /**
     * @param queue the queue's number, never reused
     * @param bytes body bytes of all its messages
     * @param shared number of the shared body its messages refer to, 0 for none
     * @param mixed whether the bodies differ in length
     * @param earliest when the first message expires, 0: none does
     * @param latest when the last message expires, 0: not all do
     * @param publishedAt when they came into the queue
     * @param reports whether their publishers want to be told when some of them leave the queue
     */
    public Chunk(
            long queue,
            long firstSeq,
            int count,
            long bytes,
            long shared,
            boolean mixed,
            long earliest,
            long latest,
            long publishedAt,
            boolean reports) {
        this.reports = reports;
        this.publishedAt = publishedAt;
        this.earliest = earliest;
        this.latest = latest;
        this.mixed = mixed;
        this.queue = queue;
        this.firstSeq = firstSeq;
        this.count = count;
        this.bytes = bytes;
        this.shared = shared;
    }

    public long queue() {
        return queue;
    }

    public long firstSeq() {
        return firstSeq;
    }

    /** One past the last sequence number. */
    public long endSeq() {
        return firstSeq + count;
    }

    public int count() {
        return count;
    }

    public long bytes() {
        return bytes;
    }

    public long shared() {
        return shared;
    }

    /** Whether the bodies differ in length. */
    public boolean isMixed() {
        return mixed;
    }

    /** When the first of its messages expires, in milliseconds since the epoch; 0: none does. */
    public long earliest() {
        return earliest;
    }

    /** When the last of its messages expires; 0: not all do. */
    public long latest() {
        return latest;
    }

    /** When its messages came into the queue: the time of their entry, in milliseconds since the epoch. */
    public long publishedAt() {
        return publishedAt;
    }

    /** Whether somebody is to be told when some of its messages leave the queue: which, their records say. */
    public boolean hasReports() {
        return reports;
    }

    /** The messages when they are in memory, else null: then a reader thread loads them. Any thread. */
    public ChunkBody body() {
        return body;
    }

    /** The cache's business: sets or drops the messages. Any thread. */
    public void body(ChunkBody b) {
        body = b;
    }

    /** The one that comes first, of which either may be null. */
    public static Chunk first(Chunk a, Chunk b) {
        return a == null || b != null && b.firstSeq() < a.firstSeq() ? b : a;
    }
}
