package io.tallymq.raft;

import io.tallymq.raft.log.RaftStatus.Role;
import io.tallymq.raft.log.config.ElectionTuning;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.util.HashSet;
import java.util.Set;

/** Who leads, as one node of a {@link ModelLog} sees it: terms and votes, which are on its disk, and for how long the leader was silent. */
final class ModelElection {
    private static final int QUICK = (int) (300 * VirtualTime.MILLI);

    private final ModelLog log;
    private final VirtualProcess process;
    private final ModelNetwork network;
    private final ModelDisk disk;
    private final ElectionTuning tuning;
    private final int majority;
    private final Set<String> votes = new HashSet<>();
    private Role role = Role.FOLLOWER;
    private String leader;
    private long electionAt;
    private long leaderHeard;

    ModelElection(ModelLog log, ModelLog.Parts parts, ElectionTuning tuning) {
        this.log = log;
        this.process = parts.process();
        this.network = parts.network();
        this.disk = parts.disk();
        this.tuning = tuning;
        this.majority = (log.others().size() + 1) / 2 + 1;
    }

    Role role() {
        return role;
    }

    boolean leads() {
        return role == Role.LEADER;
    }

    /** Null when it is not known. */
    String leader() {
        return leader;
    }

    /** Whoever led may be dead by now. */
    void start() {
        waitLong();
        leaderHeard = process.nanoTime() - tuning.timeoutMin().toNanos();
    }

    /** From time to time. */
    void look() {
        long now = process.nanoTime();
        if (leads()) {
            int heard = log.replication().answeredSince(now - tuning.stepDown().toNanos());
            if (heard + 1 < majority) {
                follow(disk.term, null);
            } else {
                log.replication().heartbeat(now);
            }
        } else if (now - electionAt >= 0) {
            waitLong();
            askFirst();
        }
    }

    private void waitLong() {
        long min = tuning.timeoutMin().toNanos();
        long max = tuning.timeoutMax().toNanos();
        electionAt = process.nanoTime() + min + (long) (process.random().nextDouble() * (max - min));
    }

    /** The leader's process has ended. */
    void leaderGone(String peer) {
        if (peer.equals(leader) && role == Role.FOLLOWER) {
            leaderHeard = process.nanoTime() - tuning.timeoutMin().toNanos();
            electionAt = process.nanoTime() + process.random().nextInt(QUICK);
        }
    }

    /** Something came from this peer over the link. */
    void heard(String peer) {
        if (peer.equals(leader)) {
            leaderHeard = process.nanoTime();
        }
    }

    // ---- candidates

    /** A node that nobody would vote for disturbs nobody. */
    private void askFirst() {
        long term = disk.term;
        Position last = disk.lastPosition();
        String self = log.node();
        Set<String> willing = new HashSet<>(Set.of(self));
        leader = null;
        role = Role.CANDIDATE;
        for (String other : log.others()) {
            network.send(self, other, "prevote?", its -> {
                boolean yes = its.election().wouldVote(term + 1, last);
                network.send(other, self, "prevote", me -> {
                    boolean counts = yes && me == log && role == Role.CANDIDATE && disk.term == term;
                    if (counts && willing.add(other) && willing.size() == majority) {
                        stand();
                    }
                });
            });
        }
    }

    private boolean wouldVote(long term, Position candidates) {
        long silence = process.nanoTime() - leaderHeard;
        boolean content = leader != null && silence < tuning.timeoutMin().toNanos();
        return term > disk.term && !leads() && !content && isUpToDate(candidates);
    }

    private boolean isUpToDate(Position candidates) {
        Position mine = disk.lastPosition();
        return candidates.term() != mine.term() ? candidates.term() > mine.term() : candidates.index() >= mine.index();
    }

    private void stand() {
        disk.term++;
        disk.vote = log.node();
        votes.clear();
        votes.add(log.node());
        long term = disk.term;
        Position last = disk.flushedPosition();
        for (String other : log.others()) {
            network.send(log.node(), other, "vote?", its -> {
                boolean yes = its.election().vote(log.node(), term, last);
                long itsTerm = its.realTerm();
                network.send(other, log.node(), "vote", me -> {
                    if (me == log) {
                        voted(other, term, itsTerm, yes);
                    }
                });
            });
        }
    }

    private boolean vote(String candidate, long term, Position last) {
        if (term < disk.term) {
            return false;
        }
        if (term > disk.term) {
            follow(term, null);
        }
        boolean yes = (disk.vote == null || disk.vote.equals(candidate)) && isUpToDate(last);
        if (yes) {
            disk.vote = candidate;
            waitLong();
        }
        return yes;
    }

    private void voted(String other, long term, long its, boolean yes) {
        if (its > disk.term) {
            follow(its, null);
        } else if (yes && term == disk.term && role == Role.CANDIDATE) {
            votes.add(other);
            if (votes.size() >= majority) {
                lead();
            }
        }
    }

    private void lead() {
        log.world().leads(log.node(), disk.term);
        role = Role.LEADER;
        leader = log.node();
        log.replication().lead();
    }

    // ---- followers

    private void follow(long term, String newLeader) {
        boolean led = leads();
        if (term > disk.term) {
            disk.term = term;
            disk.vote = null;
        }
        role = Role.FOLLOWER;
        leader = newLeader;
        log.replication().follow();
        waitLong();
        if (led) {
            log.applying().leadsNoMore();
        }
    }

    /** Somebody speaks as the leader of this term. Returns whether it is to be followed. */
    boolean hears(String from, long term) {
        if (term < disk.term) {
            network.send(log.node(), from, "newer", its -> its.election().newerTerm(disk.term));
            return false;
        }
        if (term > disk.term || role != Role.FOLLOWER || !from.equals(leader)) {
            follow(term, from);
        }
        leaderHeard = process.nanoTime();
        waitLong();
        return true;
    }

    private void newerTerm(long term) {
        if (term > disk.term) {
            follow(term, null);
        }
    }
}
