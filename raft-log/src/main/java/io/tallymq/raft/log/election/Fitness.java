package io.tallymq.raft.log.election;

import io.tallymq.raft.log.link.Rank;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;

/**
 * How well this node would lead. A leader confirms nothing that it has not flushed itself, appends the next entry when the one before is applied by itself, and takes entries when
 * all before its term is applied: a log or a store that does not move stops all nodes if it is the leader's, and nobody but its own clients if it is a follower's.
 */
public final class Fitness {
    /** So long nothing is flushed although something waits for it, or what is applied is not done: too long for a leader. A busy disk takes tenths of a second. */
    static final Duration LATE = Duration.ofSeconds(2);

    /** After so long a store tells of it. */
    private static final long STORE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** The same of a log, of which is known to half a second since when it has waited. */
    private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A median of flushes from which on a node tells of it, and one that is too long for a leader: who does not tell is four times as quick at least. */
    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

    private static final long TOO_SLOW_NANOS = 4 * SLOW_NANOS;

    /** Some slow flushes among nothing are no reason: of the last five seconds so much has to be theirs. */
    private static final long BUSY_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** What others said within this time counts when flushes are compared. */
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** What was committed so long ago and is not applied is behind. */
    private static final long BEHIND_NANOS = TimeUnit.SECONDS.toNanos(1);

    /**
     * Why this node should not lead.
     *
     * @param rank of this node
     * @param since what others said before counts nothing: they may wait for the same reason
     * @param beyond who has flushed no more than this is no better
     */
    record Trouble(Rank rank, long since, long beyond, String what, long nanos) {}

    private final Supplier<RaftServer.Division> division;
    private final LongSupplier applied;
    private final LongSupplier applyingNanos;
    private final FlushTimes flushes = new FlushTimes();
    private volatile long flushed = Long.MIN_VALUE;
    private volatile long since = System.nanoTime();
    /** Committed at two of the looks, {@link #BEHIND_NANOS} from one another. */
    private volatile long committedThen = -1;

    private long committedLater = -1;
    private long marked = System.nanoTime();

    /**
     * Watches from now on.
     *
     * @param division null before the start
     * @param applied index of the last entry applied
     * @param applyingNanos for how long what is being applied or written has taken
     */
    public Fitness(Supplier<RaftServer.Division> division, LongSupplier applied, LongSupplier applyingNanos) {
        this.division = division;
        this.applied = applied;
        this.applyingNanos = applyingNanos;
    }

    /** A flush of the log is done. Any thread. */
    public void flushed(long nanos) {
        flushes.add(nanos, System.nanoTime());
    }

    /** For how many nanoseconds nothing was flushed although something waits for it, 0 if nothing does. Any thread. */
    public long pendingNanos() {
        RaftServer.Division its = division.get();
        if (its == null) {
            return 0;
        }
        RaftLog log = its.getRaftLog();
        return log.getNextIndex() - 1 <= log.getFlushIndex() ? 0 : System.nanoTime() - since;
    }

    /** Some times a second, on one thread; what is appended between two looks counts as waiting since the first of them. */
    void look() {
        RaftLog log = division.get().getRaftLog();
        if (!log.isOpened()) {
            return;
        }
        long index = log.getFlushIndex();
        long now = System.nanoTime();
        if (index != flushed || log.getNextIndex() - 1 <= index) {
            flushed = index;
            since = now;
        }
        if (now - marked >= BEHIND_NANOS) {
            marked = now;
            committedThen = committedLater;
            committedLater = log.getLastCommittedIndex();
        }
    }

    /** What this node tells the others. Any thread, cheap. */
    public Rank rank() {
        if (applyingNanos.getAsLong() > STORE_NANOS || pendingNanos() > LOG_NANOS) {
            return Rank.LATE;
        } else if (applied.getAsLong() < committedThen) {
            return Rank.BEHIND;
        }
        return flushes.median(System.nanoTime(), 0) > SLOW_NANOS ? Rank.SLOW : Rank.FIT;
    }

    /** Null for none: that it has much to apply is no reason, for that ends by itself. */
    Trouble trouble() {
        long pending = pendingNanos();
        long applying = applyingNanos.getAsLong();
        long now = System.nanoTime();
        if (pending >= LATE.toNanos()) {
            String what = "its disk has not flushed the log";
            return new Trouble(Rank.LATE, now - pending + LATE.toNanos(), flushed, what, pending);
        } else if (applying >= LATE.toNanos()) {
            String what = "what it writes to its store has not been done";
            return new Trouble(Rank.LATE, now - applying + LATE.toNanos(), -1, what, applying);
        }
        long median = flushes.median(now, BUSY_NANOS);
        return median < TOO_SLOW_NANOS
                ? null
                : new Trouble(Rank.SLOW, now - FRESH_NANOS, tooFar(), "each flush of its log takes long", median);
    }

    /** A slow leader takes entries, and one that waits for its successor takes none: nobody who has to be sent much is better than it, however quick he is. */
    private long tooFar() {
        long last = division.get().getRaftLog().getNextIndex() - 1;
        return last - HandOver.NEAR - 1;
    }
}
