package io.tallymq.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.raft.log.RaftNode;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.session.RuntimeTuning;
import io.tallymq.raft.session.Submitter;
import io.tallymq.store.MemoryStore;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The replicated time behind a start, on a machine whose clock is wrong by then. */
@Timeout(120)
class ClockAtStartTest {
    private static final long YEAR = TimeUnit.DAYS.toMillis(365);

    @TempDir
    Path dir;

    private MemoryStore store = new MemoryStore();
    private final ConcurrentLinkedQueue<String> fatal = new ConcurrentLinkedQueue<>();

    /** A machine with a clock that is ahead. */
    private record Ahead(Platform of, long millis) implements Platform {
        @Override
        public long nanoTime() {
            return of.nanoTime();
        }

        @Override
        public long currentTimeMillis() {
            return of.currentTimeMillis() + millis;
        }

        @Override
        public int randomInt() {
            return of.randomInt();
        }

        @Override
        public double processorsInUse() {
            return of.processorsInUse();
        }

        @Override
        public ScheduledExecutorService scheduler(String name) {
            return of.scheduler(name);
        }

        @Override
        public Executor answers() {
            return of.answers();
        }

        @Override
        public void awaitRoom() {
            of.awaitRoom();
        }

        @Override
        public Runnable run(String name, Submitter submitter) {
            return of.run(name, submitter);
        }
    }

    /** As much of the store as a crash may leave: all, or nothing. */
    private final class Stores implements StoreProvider {
        @Override
        public MessageStore open(Consumer<String> onFailure) {
            return store;
        }

        @Override
        public MessageStore.Applied durable() {
            return store.applied();
        }

        @Override
        public void forceDurable() {}

        @Override
        public Path checkpoint(Path directory) {
            throw new AssertionError("a node that is alone sends no copy of its store");
        }

        @Override
        public void verify(Path copy) {}

        @Override
        public void install(Path copy) {}
    }

    private static int port() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** The replicated time after something was asked of a node that was started with its clock so far ahead. */
    private long timeOfAStart(long ahead) throws Exception {
        RaftNodeConfig.Peer peer = new RaftNodeConfig.Peer("n1", "127.0.0.1", port(), port());
        RaftBroker.Parts parts = new RaftBroker.Parts(
                new RaftNodeConfig(
                        "test",
                        "n1",
                        List.of(peer),
                        new RaftNodeConfig.Bind("127.0.0.1", peer.raftPort(), peer.linkPort()),
                        dir.resolve("raft"),
                        "secret",
                        RaftTuning.DEFAULTS),
                new Stores(),
                RuntimeTuning.DEFAULTS,
                (reason, cause) -> fatal.add(reason));
        try (RaftBroker node =
                new RaftBroker(parts, BrokerMachine.LEVELS, new Ahead(new SystemPlatform(), ahead), RaftNode::new)) {
            node.start();
            assertInstanceOf(Reply.Probed.class, node.submit(new Probe(false)).get(60, TimeUnit.SECONDS));
            return node.runtime().time();
        } finally {
            assertEquals(List.of(), List.copyOf(fatal));
        }
    }

    private void assertNoStep(long before, long after) {
        assertTrue(
                after - before < YEAR / 2, "time went on by " + TimeUnit.MILLISECONDS.toDays(after - before) + " days");
    }

    @Test
    void aClockThatIsFarAheadIsNoStepWhereTheStoreKnowsTheTime() throws Exception {
        long before = timeOfAStart(0);
        assertNoStep(before, timeOfAStart(YEAR));
    }

    @Test
    void norWhereTheLogAloneDoes() throws Exception {
        long before = timeOfAStart(0);
        store = new MemoryStore();
        assertNoStep(before, timeOfAStart(YEAR));
    }
}
