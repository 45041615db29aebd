package io.tallymq.raft.log;

import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.ratis.CommitPush;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.raftlog.segmented.SegmentRoll;

/** What Ratis says of this node's place in the group: nothing before it has started. Any thread, cheap. */
final class RaftDivision {
    private volatile RaftServer.Division division;

    void started(RaftServer.Division by) {
        division = by;
    }

    /** Null before the start. */
    RaftServer.Division get() {
        return division;
    }

    /** It leads and takes entries. */
    boolean isLeader() {
        RaftServer.Division d = division;
        return d != null && d.getInfo().isLeader() && d.getInfo().isLeaderReady();
    }

    /** {@code null} when no leader is known. */
    String leaderId() {
        RaftServer.Division d = division;
        RaftPeerId id = d == null ? null : d.getInfo().getLeaderId();
        return id == null ? null : id.toString();
    }

    long term() {
        RaftServer.Division d = division;
        return d == null ? 0 : d.getInfo().getCurrentTerm();
    }

    long commitIndex() {
        RaftServer.Division d = division;
        return d == null ? -1 : d.getRaftLog().getLastCommittedIndex();
    }

    long flushIndex() {
        RaftServer.Division d = division;
        return d == null ? -1 : d.getRaftLog().getFlushIndex();
    }

    /** How many files that are written to the end have their entries in memory. */
    long closedInMemory() {
        RaftServer.Division d = division;
        return d == null ? 0 : SegmentRoll.closedInMemory(d.getRaftLog());
    }

    /** The last one of the log, flushed or not. */
    Position lastEntry() {
        RaftServer.Division d = division;
        var last =
                d == null || !d.getRaftLog().isOpened() ? null : d.getRaftLog().getLastEntryTermIndex();
        return last == null ? Position.NONE : new Position(last.getTerm(), last.getIndex());
    }

    /** What is known of the followers is this term's as soon as this node takes entries: before that it may be of a term in which they had others. */
    long everywhere(RaftNodeConfig config, CommitPush.Followers followers) {
        long term = term();
        if (!isLeader()) {
            return -1;
        }
        long least = commitIndex();
        for (RaftNodeConfig.Peer peer : config.peers()) {
            if (!peer.id().equals(config.nodeId())) {
                FollowerInfo follower = followers.get(peer.id());
                least = Math.min(least, follower == null ? -1 : follower.getMatchIndex());
            }
        }
        return isLeader() && term() == term ? least : -1;
    }
}
