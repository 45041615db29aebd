package io.tallymq.raft.log.election;

import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands leadership over when this leader's log or store does not move and another node says that its own do: Ratis lets a leader lead on as long as it sends heartbeats. If nobody is
 * better, a change of leader helps nobody.
 *
 * <p>Who is elected while his store waits has not applied the first entry of his term, and Ratis hands nothing over then: he steps down, and who is better is elected, see {@link
 * QuickElection}.
 */
public final class LeadWatch {
    private static final Logger LOG = LoggerFactory.getLogger(LeadWatch.class);

    /** Between two attempts, twice as long after each that comes within {@link #FORGET_NANOS}; one that fails gives up after {@link HandOver#MAX_MILLIS}. */
    private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long FORGET_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final RaftServer.Division division;
    private final Fitness fitness;
    private final HandOver handOver;
    private final Executor background;
    private long actedAt;
    /** 0: it has never acted. */
    private long pause;

    /**
     * Watches from now on.
     *
     * @param background where leadership is handed over, which takes seconds
     */
    public LeadWatch(RaftServer.Division division, Fitness fitness, HandOver handOver, Executor background) {
        this.division = division;
        this.fitness = fitness;
        this.handOver = handOver;
        this.background = background;
    }

    /** Some times a second, on one thread. */
    public void look() {
        fitness.look();
        long now = System.nanoTime();
        if (!division.getInfo().isLeader() || pause > 0 && now - actedAt < pause) {
            return;
        }
        Fitness.Trouble trouble = fitness.trouble();
        Peer next = trouble == null ? null : handOver.better(trouble);
        if (next == null) {
            return;
        }
        pause = pauseAfter(pause, now - actedAt);
        actedAt = now;
        LOG.warn(
                "This node leads and {} for {} ms, node '{}' says that it is better: look after the disk, and after what else takes this machine",
                trouble.what(),
                TimeUnit.NANOSECONDS.toMillis(trouble.nanos()),
                next.name());
        try {
            background.execute(() -> leave(next));
        } catch (RejectedExecutionException e) {
            LOG.debug("The node is stopping", e);
        }
    }

    /** @param ago when it acted last */
    static long pauseAfter(long pause, long ago) {
        return pause == 0 || ago > FORGET_NANOS ? FIRST_NANOS : Math.min(MOST_NANOS, 2 * pause);
    }

    private void leave(Peer next) {
        if (division.getInfo().isLeaderReady()) {
            handOver.to(next);
        } else {
            handOver.stepDown();
        }
    }
}
