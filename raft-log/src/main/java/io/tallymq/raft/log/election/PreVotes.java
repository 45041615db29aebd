package io.tallymq.raft.log.election;

import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.log.link.NodeLink;
import io.tallymq.raft.log.link.Rank;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who stands by Ratis' own timeout gets no pre-vote of this node while another one would lead better, see {@link Rank}, and has as much of the log: this one, or one that has told it so just
 * now. Ratis' timeouts ask nobody how he is; {@link QuickElection} does, and comes too late at a start, or when the link lies.
 *
 * <p>Only for a time: if the better one does not come to lead, for it is reached on the link and not by Raft, who stands gets its pre-vote in the end, as if nobody had looked.
 */
public final class PreVotes {
    private static final Logger LOG = LoggerFactory.getLogger(PreVotes.class);

    /** The better one's own timeout passes in one of Ratis' longest timeouts; its first attempt may fail. */
    private static final int MOST_TIMEOUTS = 3;

    /** Times what makes a leader suspect: two followers ask each other once a second while nothing is written. */
    private static final int FRESH = 2;

    /** A node that may stand. */
    record Standing(String id, Position last, Rank rank) {
        boolean isBetter(Standing than) {
            return rank.isBetter(than.rank) && !than.last.isAfter(last);
        }
    }

    private final RaftNodeConfig config;
    private final Supplier<RaftServer.Division> division;
    private final NodeLink link;
    private final Supplier<Rank> own;
    private final Patience patience;

    /**
     * For one start of a node.
     *
     * @param division null before the start
     * @param link what the others say of themselves
     * @param own how well this node would lead
     */
    public PreVotes(RaftNodeConfig config, Supplier<RaftServer.Division> division, NodeLink link, Supplier<Rank> own) {
        this.config = config;
        this.division = division;
        this.link = link;
        this.own = own;
        this.patience = new Patience(
                MOST_TIMEOUTS * config.tuning().election().timeoutMax().toNanos());
    }

    /**
     * Why this node gives no pre-vote to the one with this id; null to let Ratis decide. One call at a time; never blocks.
     *
     * @param term of the last entry of its log
     * @param index of that entry
     */
    public String refusal(String candidate, long term, long index) {
        RaftServer.Division its = division.get();
        if (its == null || config.peer(candidate) == null || candidate.equals(config.nodeId())) {
            return null;
        }
        Position mine = last(its);
        Standing asking = new Standing(candidate, new Position(term, index), rankOf(candidate));
        Standing better = better(asking, others(candidate, mine));
        if (better == null || !isWaitedFor(its, candidate, mine)) {
            return null;
        }
        String why = "'" + config.nameOf(candidate) + "' is " + asking.rank + ", '" + config.nameOf(better.id) + "' is "
                + better.rank + " and has as much of the log";
        LOG.info("No pre-vote: {}", why);
        return why;
    }

    /** A leader waits for nobody: it steps down when it reaches no majority. */
    private boolean isWaitedFor(RaftServer.Division its, String candidate, Position mine) {
        if (its.getInfo().isLeader()) {
            return true;
        } else if (hearsLeader(its, candidate)) { // Ratis refuses
            patience.end();
            return false;
        }
        return patience.has(mine, System.nanoTime());
    }

    /** Another one than the candidate: who stands has heard of none. */
    private boolean hearsLeader(RaftServer.Division its, String candidate) {
        RoleInfoProto info = its.getInfo().getRoleInfoProto();
        RaftPeerId leader = its.getInfo().getLeaderId();
        return leader != null
                && !leader.toString().equals(candidate)
                && info.hasFollowerInfo()
                && info.getFollowerInfo().getLeaderInfo().getLastRpcElapsedTimeMs()
                        < config.tuning().election().timeoutMin().toMillis();
    }

    /** What was told before tells nothing of a node that was started since. */
    private Rank rankOf(String candidate) {
        return hasAnswered(candidate) ? link.rank(candidate) : Rank.FIT;
    }

    private boolean hasAnswered(String id) {
        long fresh = System.nanoTime()
                - FRESH * config.tuning().link().suspectAfter().toNanos();
        return link.reachable(id) && link.answeredSince(id, fresh);
    }

    /** All that may stand in its place: this node, and who has answered just now. */
    private List<Standing> others(String candidate, Position mine) {
        List<Standing> others = new ArrayList<>();
        others.add(new Standing(config.nodeId(), mine, own.get()));
        for (Peer peer : config.peers()) {
            String id = peer.id();
            if (!id.equals(config.nodeId()) && !id.equals(candidate) && hasAnswered(id)) {
                others.add(new Standing(id, link.lastEntryOf(id), link.rank(id)));
            }
        }
        return others;
    }

    /** The first that is; null for nobody. */
    static Standing better(Standing than, List<Standing> others) {
        return others.stream().filter(other -> other.isBetter(than)).findFirst().orElse(null);
    }

    private static Position last(RaftServer.Division its) {
        TermIndex last = its.getRaftLog().isOpened() ? its.getRaftLog().getLastEntryTermIndex() : null;
        return last == null ? Position.NONE : new Position(last.getTerm(), last.getIndex());
    }

    /** How long the better one is waited for: a log that grows has a leader, and one that stands still is waited for once. */
    static final class Patience {
        private final long mostNanos;
        private Position at;
        private long since;

        Patience(long mostNanos) {
            this.mostNanos = mostNanos;
        }

        /** @param last entry of this node's log */
        boolean has(Position last, long now) {
            if (!Objects.equals(last, at)) {
                at = last;
                since = now;
            }
            return now - since < mostNanos;
        }

        /** A leader is heard: whoever is missed later is waited for anew. */
        void end() {
            at = null;
        }
    }
}
