package io.tallymq.raft.log;

import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.state.ReplicatedState;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the state, and people, who leads: once for each leader and term, however often it is heard. Any thread. */
final class LeaderNews {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderNews.class);

    private final RaftNodeConfig config;
    private final ReplicatedState state;
    private final Object lock = new Object();

    private String knownLeader;
    private long knownTerm = -1;

    LeaderNews(RaftNodeConfig config, ReplicatedState state) {
        this.config = config;
        this.state = state;
    }

    /** Tells the state whenever leader or term is another one than last told. */
    void leaderIs(String idOrNull, long term) {
        synchronized (lock) {
            boolean same = Objects.equals(idOrNull, knownLeader);
            if (same && (term == knownTerm || idOrNull == null)) {
                return;
            }
            knownLeader = idOrNull;
            knownTerm = term;
            if (config.nodeId().equals(idOrNull)) {
                LOG.info("This node leads the cluster since term {}", term);
            } else if (idOrNull != null) {
                LOG.info("Node '{}' leads the cluster in term {}", config.nameOf(idOrNull), term);
            } else {
                LOG.warn("No leader is known: nothing is confirmed until a majority of the nodes has elected one");
            }
            state.leaderChanged(idOrNull, term);
        }
    }

    /** This node leads, and takes entries. */
    void ready() {
        state.leaderReady();
    }
}
