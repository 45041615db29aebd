package io.tallymq.raft.log.election;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands leadership over when this leader's own disk does not flush and another node's does. A leader confirms nothing that it has not
 * flushed itself, and Ratis lets it lead on as long as it sends heartbeats. A follower whose disk hangs delays nobody but its
 * own clients, and if all disks hang a change of leader helps nobody.
 */
public final class FlushWatch {
    private static final Logger LOG = LoggerFactory.getLogger(FlushWatch.class);

    /** Nothing was flushed for so long although something waits for it. A busy disk takes tenths of a second. */
    static final Duration LATE = Duration.ofSeconds(2);

    /** Between two attempts; one that fails gives up after {@link HandOver#MAX_MILLIS}. */
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final RaftServer.Division division;
    private final HandOver handOver;
    private final Executor background;
    private volatile long flushed = Long.MIN_VALUE;
    private volatile long since = System.nanoTime();
    private long notBefore = System.nanoTime();

    /**
     * Watches from now on.
     *
     * @param background where leadership is handed over, which takes seconds
     */
    public FlushWatch(RaftServer.Division division, HandOver handOver, Executor background) {
        this.division = division;
        this.handOver = handOver;
        this.background = background;
    }

    /** For how many nanoseconds nothing was flushed although something waits for it, 0 if nothing does. Any thread. */
    public long pendingNanos() {
        RaftLog log = division.getRaftLog();
        return log.getNextIndex() - 1 <= log.getFlushIndex() ? 0 : System.nanoTime() - since;
    }

    /** Some times a second, on one thread; what is appended between two looks counts as waiting since the first of them. */
    public void look() {
        RaftLog log = division.getRaftLog();
        if (!log.isOpened()) {
            return;
        }
        long index = log.getFlushIndex();
        long now = System.nanoTime();
        if (index != flushed || log.getNextIndex() - 1 <= index) {
            flushed = index;
            since = now;
        }
        if (now - since < LATE.toNanos()
                || now - notBefore < 0
                || !division.getInfo().isLeader()) {
            return;
        }
        if (!handOver.hasSuccessorBeyond(index)) {
            return;
        }
        notBefore = now + AGAIN_NANOS;
        LOG.warn(
                "This node leads and its disk has not flushed the log for {} ms, another node's has: look after the disk",
                TimeUnit.NANOSECONDS.toMillis(now - since));
        try {
            background.execute(() -> handOver.run(index));
        } catch (RejectedExecutionException e) {
            LOG.debug("The node is stopping", e);
        }
    }
}
