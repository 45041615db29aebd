package io.tallymq.raft.session;

/**
 * How many bytes of a node may wait for the log before its publishers are not read any more: as many as the log takes in a
 * round trip and {@link #QUEUE_NANOS}. So a publisher at full speed keeps the log busy, and what another client asks for waits
 * a few hundredths of a second at most, whatever the machine manages. Less as long as entries leave more behind than they may do. Guarded by the outbox.
 */
final class PendingLimit {
    /** What may wait beyond a round trip, as time. */
    static final long QUEUE_NANOS = 20_000_000;
    /** The log's speed is measured over so long. */
    static final long WINDOW_NANOS = 25_000_000;
    /** Two parts of a large body: never less by the log's speed alone. */
    static final long LEAST = 2 << 20;
    /** As long as the log's speed is not known: many publishers of large messages that begin at once would fill all there may ever be. */
    static final long FIRST = 4 << 20;
    /** The shortest round trip counts for so many windows. */
    private static final int ROUND_TRIP_WINDOWS = 200;

    private static final int NEW_SHARE = 4;

    /** So often it is halved at most while dead letters or scheduled messages become more than entries move. */
    private static final int MOST_HALVINGS = 10;
    /** So many entries in turn have to keep up before it doubles again. */
    private static final int KEPT_UP = 8;

    /** Of who publishes without confirms, who waits for nothing and would fill whatever there is: what may wait beyond a round trip. */
    static final long UNCONFIRMED_QUEUE_NANOS = 6_000_000;
    /** The same as {@link #LEAST} of these. */
    static final long UNCONFIRMED_LEAST = 512 << 10;

    private final long most;
    private final long least;
    private final long queueNanos;
    private long limit;
    private double bytesPerNano;
    private long roundTrip = Long.MAX_VALUE;
    private int roundTripAge;
    private long windowFrom;
    private long windowBytes;
    private boolean measuring;
    private int halvings;
    private int keptUp;

    /** @param most bytes that are never exceeded */
    PendingLimit(long most) {
        this(most, LEAST, QUEUE_NANOS);
    }

    private PendingLimit(long most, long least, long queueNanos) {
        this.most = most;
        this.least = least;
        this.queueNanos = queueNanos;
        this.limit = Math.min(FIRST / LEAST * least, most);
    }

    /** For what is published without confirms. */
    static PendingLimit ofUnconfirmed(long most) {
        return new PendingLimit(most, UNCONFIRMED_LEAST, UNCONFIRMED_QUEUE_NANOS);
    }

    /** Bytes that may be pending; whoever waits for nothing may send, however little that is. */
    long bytes() {
        return limit >> halvings;
    }

    /**
     * An entry is applied, whoever's it is.
     *
     * @param behind whether more became of dead letters and of what is due by it than it might move: less of what makes these is to come then
     * @return whether the limit is lower than the log's speed allows
     */
    boolean applied(boolean behind) {
        if (behind) {
            halvings = Math.min(halvings + 1, MOST_HALVINGS);
            keptUp = 0;
        } else if (halvings > 0 && ++keptUp == KEPT_UP) {
            halvings--;
            keptUp = 0;
        }
        return halvings > 0;
    }

    /**
     * A batch is applied.
     *
     * @param took nanoseconds since it was sent
     * @param busy something else is pending: the time until the next answer tells how fast the log is
     */
    void answered(long bytes, long took, long now, boolean busy) {
        windowBytes += bytes;
        if (took <= roundTrip || ++roundTripAge > ROUND_TRIP_WINDOWS) {
            roundTrip = Math.max(1, took);
            roundTripAge = 0;
        }
        if (measuring && now - windowFrom >= WINDOW_NANOS) {
            measured((double) windowBytes / (now - windowFrom));
            measuring = false;
        }
        if (!measuring || !busy) {
            measuring = busy;
            windowFrom = now;
            windowBytes = 0;
        }
    }

    private void measured(double rate) {
        bytesPerNano = bytesPerNano == 0 ? rate : bytesPerNano + (rate - bytesPerNano) / NEW_SHARE;
        limit = Math.max(Math.min(least, most), Math.min(most, (long) (bytesPerNano * (roundTrip + queueNanos))));
    }
}
