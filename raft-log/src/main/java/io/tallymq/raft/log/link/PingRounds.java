package io.tallymq.raft.log.link;

import io.tallymq.raft.log.state.ReplicatedState.Position;

/**
 * Whom a round of pings is for. Two followers have little to tell each other while nothing is written, so every second round is for the leader
 * only then: each ping and its answer wake up two nodes. Who misses the leader asks all, see {@link
 * io.tallymq.raft.log.election.QuickElection}. One thread.
 */
final class PingRounds {
    private Position last = Position.NONE;
    private boolean forLeader;

    /**
     * Begins a round.
     *
     * @param now this node's last entry
     * @return whether the log has grown since the round before
     */
    boolean begin(Position now) {
        boolean grows = !now.equals(last);
        last = now;
        forLeader = !grows && !forLeader;
        return grows;
    }

    /** Whether this round is for the leader only. */
    boolean forLeader() {
        return forLeader;
    }
}
