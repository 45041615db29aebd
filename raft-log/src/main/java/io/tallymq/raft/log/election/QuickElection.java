package io.tallymq.raft.log.election;

import io.tallymq.raft.log.config.ElectionTuning;
import io.tallymq.raft.log.config.LinkTuning;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.log.link.NodeLink;
import io.tallymq.raft.log.link.Rank;
import io.tallymq.raft.log.ratis.CallTurns;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import io.tallymq.timer.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.impl.Candidacy;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands for election at once when the leader's process has ended, and after {@link LinkTuning#suspectAfter} when the leader
 * has fallen silent and a majority says so, in place of waiting for the election timeout. The
 * survivors ask each other for their last entries; only who has the longest log stands, and of several the one that would lead best goes first, see {@link Rank}, and of equals
 * the one that comes first in the list of peers; the next one {@link ElectionTuning#stagger} later: an election that is lost keeps the better one from
 * its own. Who does not answer in time counts as equal. If two stood at once all the same, neither wins, and both take turns
 * again, knowing more of each other. An election is safe at any
 * time, so a wrong guess costs a change of leader and nothing else.
 *
 * <p>A leader that says itself that it leads no more is as good as silent: who steps down tells nobody, and Ratis takes him for the leader until a timeout has passed.
 *
 * <p>Why not leave silence to Ratis: a node whose pre-vote failed, because the others' timeouts had not passed yet, refuses
 * theirs for another timeout. With timeouts of 1 to 2 s three cuts in a row took 3.7 to 6.5 s.
 *
 * <p>It skips the pre-vote: who stands here knows that a majority misses the leader.
 */
public final class QuickElection {
    private static final String ELECTION = "standing for election";
    private static final Logger LOG = LoggerFactory.getLogger(QuickElection.class);

    /** Time for the survivors' answers. */
    private static final long ASK_MILLIS = 20;

    /** A leader that is silent for this part of what makes it suspect is looked at often: what is left is longer than the pause between two looks. */
    private static final double NEAR = 0.55;

    static final int HOPELESS = -1;

    /** In place of a leader's name while none is known. */
    private static final String NOBODY = "";

    /** After standing for election so long nothing more is done about the same silence. */
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Elections lost in a row are repeated at once so often; then as after any silence. */
    private static final int MAX_REPEATS = 3;
    /** Looks at an election that is not decided yet. */
    private static final int MOST_WAITS = 8;

    /** Between two of them, and before the first one. */
    private static final long WAIT_MILLIS = 150;

    private final RaftNodeConfig config;
    private final RaftServer.Division division;
    private final CallTurns turns;
    private final NodeLink link;
    private final ScheduledExecutorService scheduler;
    private final Timers timers;
    private final Supplier<Rank> own;
    private final long suspectNanos;

    /** @param at {@link System#nanoTime}: this node had this leader in this term by then */
    private record Taken(String leader, long term, long at) {}

    private volatile Taken taken = new Taken(NOBODY, 0, System.nanoTime());

    /** The scheduler's: who was silent at the last look, null for nobody. */
    private String suspected;

    /** The scheduler's: when a leader was known last, or this node was no follower. */
    private long leaderSeen = System.nanoTime();

    private long notBefore = System.nanoTime();

    /** The scheduler's: when the others were asked last. */
    private long askedAt = System.nanoTime();

    /** The scheduler's. */
    private int repeats;

    /**
     * For one start of a node.
     *
     * @param turns in which the others' calls are handled: this node stands between two of them
     * @param link by which the nodes ask each other
     * @param own how well this node would lead
     * @param scheduler one thread, on which it looks and stands for election
     */
    public QuickElection(
            RaftNodeConfig config,
            RaftServer.Division division,
            CallTurns turns,
            NodeLink link,
            Supplier<Rank> own,
            ScheduledExecutorService scheduler,
            Timers timers) {
        this.config = config;
        this.division = division;
        this.turns = turns;
        this.link = link;
        this.own = own;
        this.scheduler = scheduler;
        this.timers = timers;
        this.suspectNanos = config.tuning().link().suspectAfter().toNanos();
    }

    private void after(long millis, Runnable task) {
        var unused = timers.after(scheduler, millis, TimeUnit.MILLISECONDS, ELECTION, task);
    }

    /** Whether this node leads or heard its leader lately. Any thread. */
    public boolean hearsLeader() {
        RaftPeerId leader = division.getInfo().getLeaderId();
        return leader != null
                && (leader.equals(division.getId()) || !isSilent(leader.toString()) && !leadsNoMore(leader.toString()));
    }

    /** It has said so, and was asked after this node had taken it for its leader: what it said before may be of a time before. */
    private boolean leadsNoMore(String leader) {
        Taken t = taken;
        return t.leader.equals(leader)
                && t.term == division.getInfo().getCurrentTerm()
                && link.missesLeader(leader)
                && link.answeredSince(leader, t.at);
    }

    private boolean isSilent(String peer) {
        return link.silentNanos(peer) > suspectNanos;
    }

    /** Looks for a leader that has fallen silent, and for having none for as long. The scheduler. Returns whether there may be one to be found soon. */
    public boolean look() {
        try {
            lookForSilence();
            return isNear();
        } catch (RuntimeException e) { // while the server closes, its log may
            LOG.warn("Could not look after the leader; Ratis' own election timeout still does: {}", e.toString());
            return true;
        }
    }

    private boolean isNear() {
        RaftPeerId leader = division.getInfo().getLeaderId();
        if (leader == null || suspected != null) {
            return true;
        }
        String id = leader.toString();
        return leads(id) && (isMissing(id) || link.silentNanos(id) > NEAR * suspectNanos);
    }

    private void lookForSilence() {
        RaftPeerId id = division.getInfo().getLeaderId();
        String leader = id == null ? NOBODY : id.toString();
        take(leader);
        long now = System.nanoTime();
        if (id != null || !division.getInfo().isFollower()) {
            leaderSeen = now;
        }
        if (id != null) {
            repeats = 0;
        }
        if (!isMissing(leader) || id == null && now - leaderSeen < suspectNanos) {
            suspected = null;
            return;
        }
        long asked = askedAt;
        ask();
        if (!leader.equals(suspected)) {
            suspected = leader; // what the others say of it is known at the next look
        } else if (now >= notBefore && majorityMisses(leader)) {
            notBefore = now + AGAIN_NANOS;
            LOG.info(
                    "A majority of the nodes does not hear {}",
                    id == null ? "any leader" : "leader '" + config.nameOf(leader) + "'");
            standAfterMyTurn(leader, asked);
        }
    }

    private void take(String leader) {
        long term = division.getInfo().getCurrentTerm();
        if (!taken.leader.equals(leader) || taken.term != term) {
            taken = new Taken(leader, term, System.nanoTime());
        }
    }

    /** This node follows {@code leader} (or nobody) and can't hear it. */
    private boolean isMissing(String leader) {
        if (leader.equals(NOBODY)) {
            return division.getInfo().getLeaderId() == null
                    && division.getInfo().isFollower();
        }
        return leads(leader) && (!link.reachable(leader) || isSilent(leader) || leadsNoMore(leader));
    }

    private boolean majorityMisses(String leader) {
        int missing = 1;
        for (Peer peer : config.peers()) {
            boolean other = !peer.id().equals(config.nodeId()) && (!peer.id().equals(leader) || leadsNoMore(leader));
            if (other && link.reachable(peer.id()) && !isSilent(peer.id()) && link.missesLeader(peer.id())) {
                missing++;
            }
        }
        return missing > config.peers().size() / 2;
    }

    /** The process of {@code peer} seems to have ended. Any thread; never blocks. */
    public void onGone(String peer) {
        if (!leads(peer)) {
            return;
        }
        LOG.info("The process of leader '{}' has ended", config.nameOf(peer));
        scheduler.execute(() -> askAndStand(peer));
    }

    private long ask() {
        askedAt = System.nanoTime();
        link.pingAll();
        return askedAt;
    }

    private void askAndStand(String gone) {
        long asked = ask();
        after(ASK_MILLIS, () -> standAfterMyTurn(gone, asked));
    }

    private boolean leads(String peer) {
        RaftPeerId leader = division.getInfo().getLeaderId();
        return leader != null
                && leader.toString().equals(peer)
                && division.getInfo().isFollower();
    }

    private void standAfterMyTurn(String gone, long asked) {
        long term = division.getInfo().getCurrentTerm();
        int turn = turn(gone, asked);
        if (turn == HOPELESS) {
            LOG.info("Another node has more of the log: it has to stand for election");
        } else if (turn == 0) {
            stand(gone, term);
        } else {
            after(turn * staggerMillis(), () -> stand(gone, term));
        }
    }

    private long staggerMillis() {
        return config.tuning().election().stagger().toMillis();
    }

    /** A node that may stand: what it said of its log and of itself last, and whether that was after it was asked. */
    record Survivor(Position last, boolean answered, Rank rank) {}

    /** How many survivors should try before this node; {@link #HOPELESS} if one of them would not vote for it. */
    private int turn(String gone, long asked) {
        List<Survivor> before = new ArrayList<>();
        List<Survivor> after = new ArrayList<>();
        List<Survivor> side = before;
        for (Peer peer : config.peers()) {
            if (peer.id().equals(config.nodeId())) {
                side = after;
            } else if ((!peer.id().equals(gone) || leadsNoMore(gone)) && link.reachable(peer.id())) {
                side.add(new Survivor(
                        link.lastEntryOf(peer.id()), link.answeredSince(peer.id(), asked), link.rank(peer.id())));
            }
        }
        return turn(before, last(), own.get(), after);
    }

    /**
     * As above.
     *
     * @param before those that come before this node in the list of peers
     */
    static int turn(List<Survivor> before, Position mine, Rank own, List<Survivor> after) {
        if (Stream.concat(before.stream(), after.stream()).anyMatch(s -> s.last.isAfter(mine))) {
            return HOPELESS;
        }
        long first = before.stream()
                .filter(s -> mayWin(s, mine) && !own.isBetter(s.rank))
                .count();
        long better = after.stream()
                .filter(s -> mayWin(s, mine) && s.rank.isBetter(own))
                .count();
        return (int) (first + better);
    }

    /** As far as this node knows: a log may have grown since it was told of. */
    private static boolean mayWin(Survivor s, Position mine) {
        return !s.answered || s.last.equals(mine);
    }

    private Position last() {
        TermIndex last = division.getRaftLog().getLastEntryTermIndex();
        return last == null ? Position.NONE : new Position(last.getTerm(), last.getIndex());
    }

    /**
     * Not if the term has moved on since this node took its turn: it has voted for another one, or has been asked to, and would take the vote
     * back by standing beside it. Whoever it is, it may lose.
     */
    private void stand(String gone, long term) {
        if (isMissing(gone) && turns.alone(() -> Candidacy.stand(division, term))) {
            LOG.info(
                    "Standing for election{}", gone.equals(NOBODY) ? "" : " in place of '" + config.nameOf(gone) + "'");
        } else if (division.getInfo().getLeaderId() != null) {
            return;
        }
        after(WAIT_MILLIS, () -> repeatIfLost(MOST_WAITS));
    }

    /** @param waits how often it may still wait for the end of the election that it stood for */
    private void repeatIfLost(int waits) {
        if (division.getInfo().isCandidate() && waits > 0) {
            after(WAIT_MILLIS, () -> repeatIfLost(waits - 1));
        } else if (isMissing(NOBODY) && repeats < MAX_REPEATS) {
            repeats++;
            long asked = ask();
            after(ASK_MILLIS, () -> repeat(asked));
        }
    }

    private void repeat(long asked) {
        if (majorityMisses(NOBODY)) {
            LOG.info("The election was lost and nobody leads: once more");
            standAfterMyTurn(NOBODY, asked);
        }
    }
}
