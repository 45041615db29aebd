package io.tallymq.raft.log.election;

import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.log.link.PeerLink;
import io.tallymq.raft.log.ratis.CommitPush;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A leader that stops, or should not lead, makes the node with the longest log its successor: nobody waits for a timeout. */
public final class HandOver {
    private static final Logger LOG = LoggerFactory.getLogger(HandOver.class);

    /** It is given up after this time. */
    static final long MAX_MILLIS = 2_000;

    /** Entries that a node has within a moment. */
    private static final long NEAR = 1_000;

    private final RaftNodeConfig config;
    private final RaftServer server;
    private final RaftGroupId groupId;
    private final CommitPush.Followers followers;
    private final PeerLink link;

    /**
     * From this node, whenever it leads.
     *
     * @param followers how far they have flushed the log
     * @param link whether they are reached
     */
    public HandOver(
            RaftNodeConfig config,
            RaftServer server,
            RaftGroupId groupId,
            CommitPush.Followers followers,
            PeerLink link) {
        this.config = config;
        this.server = server;
        this.groupId = groupId;
        this.followers = followers;
        this.link = link;
    }

    /** Whether there is a node that has flushed more than this. Any thread. */
    boolean hasSuccessorBeyond(long index) {
        return furthestPeer(index, id -> true) != null;
    }

    /** Whether there is one that may lead. Any thread. */
    boolean hasSuccessor(Predicate<String> may) {
        return furthestPeer(-1, may) != null;
    }

    /** Blocks until it is done or given up, {@value #MAX_MILLIS} ms at most. A node that has flushed no more than {@code index} is not asked. */
    public void run(long index) {
        run(furthestPeer(index, id -> true));
    }

    /** The same to one that may lead, by its id. */
    void run(Predicate<String> may) {
        run(furthestPeer(-1, may));
    }

    private void run(Peer best) {
        if (best != null) {
            to(best);
        }
    }

    /** This node leads no more, and an election decides who does. Blocks as the others do. */
    void stepDown() {
        LOG.info("Stepping down");
        transfer(null);
    }

    /**
     * Whether the peer with this id would lead at once: it is reached, and has all but {@link #NEAR} of what this leader has. To wait for one that is
     * not would take no entries meanwhile. Any thread.
     *
     * @param last index of this leader's last entry
     */
    public boolean isNear(String node, long last) {
        FollowerInfo follower = followers.get(node);
        return follower != null && link.reachable(node) && follower.getMatchIndex() >= last - NEAR;
    }

    /** The same to the peer with this id, however far it is. Blocks until it is done or given up, {@value #MAX_MILLIS} ms at most. */
    public void to(String node) {
        config.peers().stream().filter(peer -> peer.id().equals(node)).forEach(this::to);
    }

    private void to(Peer best) {
        LOG.info("Handing leadership over to '{}'", best.name());
        transfer(RaftPeerId.valueOf(best.id()));
    }

    /** @param next null for whoever is elected */
    private void transfer(RaftPeerId next) {
        TransferLeadershipRequest request =
                new TransferLeadershipRequest(ClientId.randomId(), server.getId(), groupId, 1, next, MAX_MILLIS);
        try {
            server.transferLeadershipAsync(request).get(MAX_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | IOException e) {
            LOG.info("Leadership was not handed over: {}", e.toString());
        }
    }

    private Peer furthestPeer(long index, Predicate<String> may) {
        Peer best = null;
        long bestMatch = index;
        for (Peer peer : config.peers()) {
            FollowerInfo follower = followers.get(peer.id());
            if (follower != null
                    && link.reachable(peer.id())
                    && follower.getMatchIndex() > bestMatch
                    && may.test(peer.id())) {
                best = peer;
                bestMatch = follower.getMatchIndex();
            }
        }
        return best;
    }
}
