package io.tallymq.raft.log.election;

import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.log.link.NodeLink;
import io.tallymq.raft.log.link.Rank;
import io.tallymq.raft.log.ratis.CommitPush;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A leader that stops, or should not lead, makes the node that would lead best its successor: nobody waits for a timeout. */
public final class HandOver {
    private static final Logger LOG = LoggerFactory.getLogger(HandOver.class);

    /** It is given up after this time. */
    static final long MAX_MILLIS = 2_000;

    /** Entries that a node has within a moment. */
    static final long NEAR = 1_000;

    private final RaftNodeConfig config;
    private final RaftServer server;
    private final RaftGroupId groupId;
    private final CommitPush.Followers followers;
    private final NodeLink link;

    /**
     * From this node, whenever it leads.
     *
     * @param followers how far they have flushed the log
     * @param link whether they are reached, and what they say of themselves
     */
    public HandOver(
            RaftNodeConfig config,
            RaftServer server,
            RaftGroupId groupId,
            CommitPush.Followers followers,
            NodeLink link) {
        this.config = config;
        this.server = server;
        this.groupId = groupId;
        this.followers = followers;
        this.link = link;
    }

    /** Who is better than this node with its trouble, and has said so since; null for nobody. Any thread. */
    Peer better(Fitness.Trouble than) {
        return best(peer -> link.rank(peer).isBetter(than.rank())
                && link.answeredSince(peer, than.since())
                && followers.get(peer).getMatchIndex() > than.beyond());
    }

    /** To whoever is best, if anybody is reached. Blocks until it is done or given up, {@value #MAX_MILLIS} ms at most. */
    public void run() {
        Peer best = best(peer -> true);
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
     * Whether the peer with this id would lead at once: it is reached, has all but {@link #NEAR} of what this leader has, and its log and its store move. To wait for one that is
     * not would take no entries meanwhile. Any thread.
     *
     * @param last index of this leader's last entry
     */
    public boolean isReady(String node, long last) {
        FollowerInfo follower = followers.get(node);
        return follower != null
                && link.reachable(node)
                && follower.getMatchIndex() >= last - NEAR
                && link.rank(node).isBetter(Rank.BEHIND);
    }

    /** The same to the peer with this id, however far it is. Blocks until it is done or given up, {@value #MAX_MILLIS} ms at most. */
    public void to(String node) {
        config.peers().stream().filter(peer -> peer.id().equals(node)).forEach(this::to);
    }

    void to(Peer best) {
        LOG.info("Handing leadership over to '{}'", best.name());
        transfer(RaftPeerId.valueOf(best.id()));
    }

    /** @param next null for whoever is elected */
    private void transfer(RaftPeerId next) {
        TransferLeadershipRequest request =
                new TransferLeadershipRequest(ClientId.randomId(), server.getId(), groupId, 1, next, MAX_MILLIS);
        try {
            RaftClientReply reply = server.transferLeadershipAsync(request).get(MAX_MILLIS, TimeUnit.MILLISECONDS);
            if (!reply.isSuccess()) {
                LOG.info("Leadership was not handed over: {}", String.valueOf(reply.getException()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | IOException e) {
            LOG.info("Leadership was not handed over: {}", e.toString());
        }
    }

    /** Nobody is waited for who has to be sent much; of the others the one that would lead best, then the one that has most, then the first of the peers. */
    private Peer best(Predicate<String> may) {
        List<Peer> those = config.peers().stream()
                .filter(p -> followers.get(p.id()) != null && link.reachable(p.id()) && may.test(p.id()))
                .toList();
        long most = those.stream().mapToLong(this::match).max().orElse(-1);
        return those.stream()
                .min(Comparator.<Peer>comparingInt(p -> match(p) >= most - NEAR ? 0 : 1)
                        .thenComparing(p -> link.rank(p.id()))
                        .thenComparing(this::match, Comparator.reverseOrder()))
                .orElse(null);
    }

    private long match(Peer peer) {
        FollowerInfo follower = followers.get(peer.id());
        return follower == null ? -1 : follower.getMatchIndex();
    }
}
