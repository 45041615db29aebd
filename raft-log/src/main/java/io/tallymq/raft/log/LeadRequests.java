package io.tallymq.raft.log;

import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.election.HandOver;
import io.tallymq.raft.log.link.NodeLink;
import io.tallymq.raft.log.link.Rank;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** Somebody asks that a node lead. */
final class LeadRequests {
    private final RaftNodeConfig config;
    private final RaftDivision division;
    private final NodeLink link;
    private final Supplier<HandOver> handOver;
    private final Executor background;
    private final AtomicBoolean handingOver = new AtomicBoolean();

    LeadRequests(
            RaftNodeConfig config,
            RaftDivision division,
            NodeLink link,
            Supplier<HandOver> handOver,
            Executor background) {
        this.config = config;
        this.division = division;
        this.link = link;
        this.handOver = handOver;
        this.background = background;
    }

    /**
     * Asks that a node lead: the leader, this one or another, hands over to it if its log is near enough, and it and its store move. What comes of it is in {@link #leaderId}.
     * Any thread.
     *
     * @param node a peer's id
     * @return false when no leader is known, or it is not reached, or this one leads and the node is not reached, behind or waits for its disk: nothing was asked
     */
    boolean lead(String node) {
        String leader = division.leaderId();
        if (leader == null
                || config.peers().stream().noneMatch(peer -> peer.id().equals(node))) {
            return false;
        } else if (!config.nodeId().equals(leader)) {
            boolean unfit = link.reachable(node) && !link.rank(node).isBetter(Rank.BEHIND);
            return !unfit && link.lead(leader, node);
        }
        HandOver over = handOver.get();
        if (!node.equals(leader) && !over.isReady(node, division.lastEntry().index())) {
            return false;
        }
        if (!node.equals(leader) && handingOver.compareAndSet(false, true)) {
            background.execute(() -> {
                try {
                    over.to(node);
                } finally {
                    handingOver.set(false);
                }
            });
        }
        return true;
    }
}
