package io.tallymq.raft.log;

import io.tallymq.raft.log.link.Rank;
import java.util.List;

/**
 * A picture of a node, valid with and without a leader.
 *
 * @param leaderId {@code null} if none is known
 * @param durable last index that is in the store after a crash, -1 when none
 * @param pendingEntries submitted here and not applied yet
 * @param logBytes size of the log's files
 * @param rank how well this node would lead
 * @param peers the other nodes
 */
public record RaftStatus(
        String nodeId,
        Role role,
        String leaderId,
        long term,
        Indexes indexes,
        long pendingEntries,
        long logBytes,
        Rank rank,
        List<PeerStatus> peers) {

    /** What a node is at the moment. */
    public enum Role {
        LEADER,
        FOLLOWER,
        CANDIDATE,
        LISTENER,
        STARTING,
        STOPPED
    }

    /** Places in this node's log: appended and flushed, committed, applied, durable in the store; -1 when none. */
    public record Indexes(long flushed, long committed, long applied, long durable) {}

    /**
     * Another node as this one sees it.
     *
     * @param reachable this node's link to it is up
     * @param rank how well it would lead, as it last said; null while the link is down
     * @param matchIndex what the leader knows to be in its log, -1 unless this node leads
     * @param nextIndex what the leader sends next, -1 unless this node leads
     * @param lastRpcMillis since its last answer (leader) or the leader's last request (follower), -1 if unknown
     */
    public record PeerStatus(
            String id, boolean reachable, Rank rank, long matchIndex, long nextIndex, long lastRpcMillis) {}
}
