package io.tallymq.raft;

import io.tallymq.raft.copies.LeftBehind;
import io.tallymq.raft.log.config.ClusterName;
import io.tallymq.raft.log.config.RaftNodeConfig;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells people that the leader has gone on without this node for a while. The reporting thread. */
final class LeaderAhead {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderAhead.class);
    /** What a flush takes at most on a disk that is busy and not broken. */
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final RaftNodeConfig config;
    private final Platform platform;
    private final LeftBehind leftBehind = new LeftBehind();

    LeaderAhead(RaftNodeConfig config, Platform platform) {
        this.config = config;
        this.platform = platform;
    }

    /**
     * @param leader null for none
     * @param its what that said of itself, null for nothing
     * @param commit index of the last entry that this node knows to be committed
     * @param flushPending for how many nanoseconds this node's disk has flushed nothing although something waits for it; asked if there is something to tell
     */
    void look(String leader, NodeReport its, long commit, LongSupplier flushPending) {
        if (leftBehind.look(commit, its == null ? -1 : its.commit(), platform.nanoTime())) {
            LOG.warn(text(leader, its.commit(), commit, flushPending.getAsLong()));
        }
    }

    /** What helps: a disk that hangs must not cost the node its data. */
    String text(String leader, long its, long commit, long flushPending) {
        String news = "Node '" + config.nameOf(leader) + "' leads and has " + its
                + " entries, and this node has taken none behind " + commit + " for a while. ";
        if (flushPending >= LATE_NANOS) {
            return news + "Its disk has not flushed the log for " + TimeUnit.NANOSECONDS.toMillis(flushPending)
                    + " ms: look after the disk; the node goes on by itself once that is done";
        }
        String origin = ClusterName.originOf(config.clusterName());
        boolean restored = !origin.isEmpty();
        return news + "If no copy of the store is on its way, and node '" + config.nameOf(leader)
                + "' does not log that it can not read its own log (let another node lead then, and look at the disk of"
                + " that one), this node's log does not fit that of the leader"
                + (restored ? ", as that of a node that comes from an earlier restore of the same backup" : "")
                + ": it serves nobody. Stop it, move its data.dir away, and start it empty"
                + (restored ? " with cluster.origin = " + origin : "") + ": it gets a copy";
    }
}
