package io.tallymq.raft.log;

import io.tallymq.raft.log.link.Rank;

/**
 * What a node's ports refused and what its log waits for, at one moment.
 *
 * @param raftRefusals calls and connections refused on the Raft port since the start
 * @param linkRefusals connections refused on the link's port since the start
 * @param checkpointHolds nodes for which the log is kept behind a checkpoint
 * @param flushPendingNanos how long the oldest entry that this node's disk does not have yet has been waiting; 0 for none
 * @param flushIndex the last entry that is on this node's disk, -1 for none
 * @param applyingNanos how long what is being applied or written to the store has taken by now; 0 for nothing
 * @param rank how well this node would lead
 */
public record LogGauges(
        long raftRefusals,
        long linkRefusals,
        int checkpointHolds,
        long flushPendingNanos,
        long flushIndex,
        long applyingNanos,
        Rank rank) {}
