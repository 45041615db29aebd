package io.tallymq.raft.log.election;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands leadership over when this leader's store takes nothing (no room, a disk that hangs) and another node's does. The next entry is appended when the one before is applied
 * here, so such a leader stops all nodes, and Ratis lets it lead on. A follower whose store waits delays nobody but its own clients, and if all wait a change of leader helps nobody.
 *
 * <p>Who is elected while his store waits has not applied the first entry of his term, and Ratis hands nothing over then: he steps down, and one of the others is elected, or
 * he is again.
 */
public final class ApplyWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ApplyWatch.class);

    /** So long takes no entry, and no write of what was gathered. */
    static final Duration LATE = Duration.ofSeconds(2);
    /** What others said so long after it began is no word from before their own stores had to wait for the same reason. */
    private static final long SINCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Between two attempts; one that fails gives up after {@link HandOver#MAX_MILLIS}. */
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** What the other nodes said of themselves. */
    public interface Others {
        /** See {@link io.tallymq.raft.log.link.ForwardHandler#isDone}. */
        boolean isDone(String peer, long index, long since);
    }

    private final RaftServer.Division division;
    private final LongSupplier applyingNanos;
    private final Others others;
    private final HandOver handOver;
    private final Executor background;
    private long notBefore = System.nanoTime();

    /**
     * Watches from now on.
     *
     * @param applyingNanos for how long what is being applied or written has taken
     * @param background where leadership is handed over, which takes seconds
     */
    public ApplyWatch(
            RaftServer.Division division,
            LongSupplier applyingNanos,
            Others others,
            HandOver handOver,
            Executor background) {
        this.division = division;
        this.applyingNanos = applyingNanos;
        this.others = others;
        this.handOver = handOver;
        this.background = background;
    }

    /** Some times a second, on one thread. */
    public void look() {
        long took = applyingNanos.getAsLong();
        long now = System.nanoTime();
        if (took < LATE.toNanos() || now - notBefore < 0 || !division.getInfo().isLeader()) {
            return;
        }
        long index = division.getRaftLog().getLastCommittedIndex();
        long since = now - took + SINCE_NANOS;
        if (!handOver.hasSuccessor(peer -> others.isDone(peer, index, since))) {
            return;
        }
        notBefore = now + AGAIN_NANOS;
        LOG.warn(
                "This node leads and what it writes to its store has not been done for {} ms, another node's has: look after the disk of the store",
                TimeUnit.NANOSECONDS.toMillis(took));
        try {
            background.execute(() -> run(index, since));
        } catch (RejectedExecutionException e) {
            LOG.debug("The node is stopping", e);
        }
    }

    private void run(long index, long since) {
        if (division.getInfo().isLeaderReady()) {
            handOver.run(peer -> others.isDone(peer, index, since));
        } else {
            handOver.stepDown();
        }
    }
}
