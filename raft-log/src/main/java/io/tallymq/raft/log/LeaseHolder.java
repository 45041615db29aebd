package io.tallymq.raft.log;

import io.tallymq.raft.log.election.Lease;
import io.tallymq.raft.log.state.ReplicatedState;
import io.tallymq.raft.log.state.ReplicatedState.Position;

/** A node as its lease sees it. */
record LeaseHolder(RaftNode node, ReplicatedState state) implements Lease.Self {
    @Override
    public boolean leads() {
        return node.isLeader();
    }

    @Override
    public long term() {
        return node.term();
    }

    @Override
    public Position told() {
        return state.told();
    }

    @Override
    public Position committed() {
        return new Position(node.term(), node.commitIndex());
    }
}
