package io.tallymq.raft.log;

import io.tallymq.raft.log.checkpoint.Checkpoints;
import io.tallymq.raft.log.state.LogStateMachine;
import java.io.IOException;

/** What Ratis tells a node through its state machine. Ratis' threads. */
final class MachineEvents implements LogStateMachine.Node {
    private final RaftNode node;
    private final LeaderNews leaderNews;
    private final Checkpoints checkpoints;

    MachineEvents(RaftNode node, LeaderNews leaderNews, Checkpoints checkpoints) {
        this.node = node;
        this.leaderNews = leaderNews;
        this.checkpoints = checkpoints;
    }

    @Override
    public void failed(String reason, Throwable cause) {
        node.fail(reason, cause);
    }

    @Override
    public void fetchCheckpoint(String leaderId, LogStateMachine to) throws IOException {
        checkpoints.fetch(leaderId, to);
    }

    @Override
    public void leaderChanged(String leaderId) {
        leaderNews.leaderIs(leaderId, node.term());
        node.lookSoon();
    }

    @Override
    public void leaderReady() {
        leaderNews.ready();
    }

    @Override
    public void applied() {
        RaftWatch watch = node.watches().watch();
        if (watch != null) {
            watch.applied();
        }
    }

    @Override
    public void serverClosed() {
        node.fail("The Raft server closed itself, see the log above for the reason.", null);
    }
}
