package io.tallymq.raft;

import io.tallymq.broker.ClusterStatus;
import io.tallymq.raft.log.RaftStatus;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.link.Rank;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** The cluster as one node knows it, from what the others said of themselves last. */
final class ClusterPicture {
    private final RaftNodeConfig config;
    private final NodeReport own;
    private final Function<String, NodeReport> reports;
    private final Predicate<String> reachable;

    /** @param reports of the other nodes by their ids; null for none */
    ClusterPicture(
            RaftNodeConfig config, NodeReport own, Function<String, NodeReport> reports, Predicate<String> reachable) {
        this.config = config;
        this.own = own;
        this.reports = reports;
        this.reachable = reachable;
    }

    ClusterStatus status(RaftStatus s, boolean ready, int level) {
        long committed = s.indexes().committed();
        for (RaftNodeConfig.Peer p : config.peers()) {
            NodeReport r = reports.apply(p.id());
            committed = Math.max(committed, r == null ? -1 : r.commit());
        }
        List<ClusterStatus.Member> members = new ArrayList<>();
        for (RaftNodeConfig.Peer p : config.peers()) {
            if (p.id().equals(config.nodeId())) {
                members.add(member(p, true, own, committed, s.rank()));
            } else {
                members.add(member(p, reachable.test(p.id()), reports.apply(p.id()), committed, rankOf(p.id(), s)));
            }
        }
        return new ClusterStatus(
                config.shownCluster(),
                config.self().name(),
                config.nameOf(s.leaderId()),
                s.term(),
                ready,
                level,
                members);
    }

    /** Null for one that is not reached. */
    private static Rank rankOf(String id, RaftStatus s) {
        for (RaftStatus.PeerStatus peer : s.peers()) {
            if (peer.id().equals(id)) {
                return peer.rank();
            }
        }
        return null;
    }

    private static ClusterStatus.Member member(
            RaftNodeConfig.Peer p, boolean reachable, NodeReport r, long highestCommit, Rank itsRank) {
        String rank = itsRank == null ? null : itsRank.name();
        if (r == null) {
            return new ClusterStatus.Member(
                    p.id(), p.name(), p.host(), "UNKNOWN", reachable, -1, -1, -1, -1, -1, rank, null);
        }
        long lag = Math.max(0, highestCommit - r.applied());
        String role = reachable ? r.role() : "UNKNOWN";
        return new ClusterStatus.Member(
                p.id(),
                p.name(),
                p.host(),
                role,
                reachable,
                r.term(),
                r.commit(),
                r.applied(),
                r.durable(),
                lag,
                rank,
                r.levels());
    }
}
