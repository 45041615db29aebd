package io.tallymq.raft.log.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.MemoryState;
import io.tallymq.raft.log.TestCluster;
import io.tallymq.raft.log.config.Groups;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.log.ratis.RatisSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

class LogStateMachineTest {
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final MemoryState state = new MemoryState();
    private final LogStateMachine machine =
            new LogStateMachine(state, RaftTuning.DEFAULTS, new Silent(), Runnable::run);

    /** Ratis may have been given up while its thread still applies: the store is native memory. */
    @Test
    void nothingIsAppliedOnceItHasStoppedAndItTellsWhenItCouldNot() throws Exception {
        state.awaited(false);
        CountDownLatch busy = new CountDownLatch(1);
        Thread updater = new Thread(() -> {
            try {
                machine.install(new ReplicatedState.Position(1, 0), () -> {
                    busy.countDown();
                    awaitGoOn();
                    state.advance(1, 0);
                    state.forceDurable();
                    return state.applied();
                });
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        updater.start();
        busy.await();
        assertFalse(machine.stop(Duration.ofMillis(20)));
        goOn.countDown();
        updater.join();
        machine.notifyTermIndexUpdated(1, 1);
        assertTrue(machine.stop(TestCluster.PATIENCE));
        assertThrows(IllegalStateException.class, () -> machine.notifyTermIndexUpdated(1, 2));
        assertThrows(
                IllegalStateException.class, () -> machine.install(new ReplicatedState.Position(1, 9), state::applied));
        assertEquals(1, state.applied().index());
    }

    /** The state is between two entries then, and some of what it has to write is not of the next one's position. */
    @Test
    void nothingIsAppliedBehindAWritingThatFailedOnAnotherThread() throws Exception {
        IllegalStateException interrupted = new IllegalStateException("interrupted");
        state.awaited(false);
        state.beforeFlush(() -> {
            throw interrupted;
        });
        machine.notifyTermIndexUpdated(1, 0);
        Thread background = new Thread(
                () -> assertSame(interrupted, assertThrows(IllegalStateException.class, machine::flushGathered)));
        background.start();
        background.join();
        assertThrows(IllegalStateException.class, () -> machine.notifyTermIndexUpdated(1, 1));
        assertEquals(0, state.applied().index());
    }

    @Test
    void onlyWhatThisNodeSubmittedBecomesAnEntry() throws Exception {
        assertNotNull(machine.startTransaction(request(Message.valueOf("abc"))).getException());
        assertNull(machine.startTransaction(request(new Entry(ByteString.copyFromUtf8("abc"))))
                .getException());
    }

    /** Ratis asks again only when it was answered, and calls this thread's failure nobody's. */
    @Test
    void whatIsABugWhileACheckpointIsFetchedEndsTheNode() {
        AssertionError bug = new AssertionError("a bug");
        List<Throwable> failed = new ArrayList<>();
        LogStateMachine.Node node = new Silent() {
            @Override
            public void failed(String reason, Throwable cause) {
                failed.add(cause);
            }

            @Override
            public void fetchCheckpoint(String leaderId, LogStateMachine to) {
                throw bug;
            }
        };
        CompletableFuture<TermIndex> installed = new LogStateMachine(
                        state, RaftTuning.DEFAULTS, node, task -> CompletableFuture.runAsync(task, Runnable::run))
                .notifyInstallSnapshotFromLeader(RoleInfoProto.getDefaultInstance(), TermIndex.valueOf(1, 1));
        assertTrue(installed.isCompletedExceptionally());
        assertEquals(List.of(bug), failed);
    }

    private static RaftClientRequest request(Message message) {
        return RaftClientRequest.newBuilder()
                .setClientId(ClientId.randomId())
                .setServerId(RaftPeerId.valueOf("n0"))
                .setGroupId(RatisSettings.groupId("test", Groups.BROKER))
                .setCallId(1)
                .setMessage(message)
                .setType(RaftClientRequest.writeRequestType())
                .build();
    }

    private void awaitGoOn() {
        try {
            goOn.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static class Silent implements LogStateMachine.Node {
        @Override
        public void failed(String reason, Throwable cause) {}

        @Override
        public void fetchCheckpoint(String leaderId, LogStateMachine machine) {}

        @Override
        public void leaderChanged(String leaderId) {}

        @Override
        public void applied() {}

        @Override
        public void serverClosed() {}
    }
}
