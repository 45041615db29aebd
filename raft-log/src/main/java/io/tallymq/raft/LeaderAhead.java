package io.tallymq.raft;

import io.tallymq.raft.copies.LeftBehind;
import io.tallymq.raft.log.config.ClusterName;
import io.tallymq.raft.log.config.RaftNodeConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells people that the leader has gone on without this node for a while. The reporting thread. */
final class LeaderAhead {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderAhead.class);

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
     */
    void look(String leader, NodeReport its, long commit) {
        if (leftBehind.look(commit, its == null ? -1 : its.commit(), platform.nanoTime())) {
            String origin = ClusterName.originOf(config.clusterName());
            LOG.warn(
                    "Node '{}' leads and has {} entries, and this node has taken none behind {} for a while. If no copy of the store is on its way,"
                            + " its log does not fit that of the leader{}: it serves nobody. Stop it, move its data.dir away, and"
                            + " start it empty{}: it gets a copy",
                    config.nameOf(leader),
                    its.commit(),
                    commit,
                    origin.isEmpty() ? "" : ", as that of a node that comes from an earlier restore of the same backup",
                    origin.isEmpty() ? "" : " with cluster.origin = " + origin);
        }
    }
}
