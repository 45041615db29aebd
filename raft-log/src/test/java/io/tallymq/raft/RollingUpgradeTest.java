package io.tallymq.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.format.Versions;
import io.tallymq.raft.log.config.ElectionTuning;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.session.RuntimeTuning;
import io.tallymq.store.RocksStore;
import io.tallymq.store.RocksStoreConfig;
import io.tallymq.store.StoreException;
import io.tallymq.store.StoredCopy;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes whose programs know different levels, one cluster: real Raft, real stores. */
class RollingUpgradeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Versions OLD = new Versions(1, 1);
    private static final Versions NEW = new Versions(1, 2);
    private static final RaftTuning QUICK = RaftTuning.DEFAULTS.withElection(new ElectionTuning(
            Duration.ofMillis(500),
            Duration.ofMillis(1_000),
            Duration.ofSeconds(4),
            Duration.ofMillis(100),
            Duration.ofSeconds(60)));

    @TempDir
    Path dir;

    private final List<RaftNodeConfig.Peer> peers = new ArrayList<>();
    private final Map<String, RaftBroker> nodes = new TreeMap<>();
    private final Map<String, Stores> stores = new TreeMap<>();
    private final ConcurrentLinkedQueue<String> fatal = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void threePeers() throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            sockets.add(new ServerSocket(0));
        }
        for (int i = 0; i < 3; i++) {
            int raft = sockets.get(2 * i).getLocalPort();
            int link = sockets.get(2 * i + 1).getLocalPort();
            peers.add(new RaftNodeConfig.Peer("n" + (i + 1), "127.0.0.1", raft, link));
        }
        for (ServerSocket s : sockets) {
            s.close();
        }
    }

    @AfterEach
    void stop() {
        nodes.values().forEach(RaftBroker::close);
    }

    private void start(int peer, Versions levels, String directory) throws RaftStartException {
        RaftNodeConfig.Peer p = peers.get(peer - 1);
        Path home = dir.resolve(directory);
        RaftNodeConfig config = new RaftNodeConfig(
                "test",
                p.id(),
                peers,
                new RaftNodeConfig.Bind("127.0.0.1", p.raftPort(), p.linkPort()),
                home.resolve("raft"),
                "secret",
                QUICK);
        Stores its = new Stores(RocksStoreConfig.in(home.resolve("store")), levels);
        RaftBroker node = new RaftBroker(
                new RaftBroker.Parts(
                        config, its, RuntimeTuning.DEFAULTS, (reason, cause) -> fatal.add(p.id() + ": " + reason)),
                levels);
        nodes.put(p.id(), node);
        stores.put(p.id(), its);
        node.start();
    }

    private void stop(int peer) {
        nodes.remove("n" + peer).close();
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain for " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private void awaitAllKnown() {
        await("a leader that has heard the levels of all", () -> nodes.values().stream()
                .anyMatch(n -> n.node().equals(n.status().leader())
                        && n.status().members().stream().allMatch(m -> m.levels() != null)));
    }

    private void awaitLevel(int level) {
        await("level " + level + " everywhere", () -> nodes.values().stream()
                .allMatch(n -> n.status().level() == level && n.read(BrokerView::level) == level));
    }

    @Test
    void theLevelRisesOnceTheLastNodeKnowsItAndThenNoOlderProgramComesBack() throws Exception {
        start(1, NEW, "n1");
        start(2, NEW, "n2");
        start(3, OLD, "n3");
        awaitAllKnown();
        Reply probe = nodes.get("n1").submit(new Probe(false)).get(60, TimeUnit.SECONDS);
        assertTrue(probe instanceof Reply.Probed, probe.toString());
        assertEquals(1, nodes.get("n1").status().level(), "n3 knows level 1 only");
        stop(3);
        start(3, NEW, "n3");
        awaitLevel(2);
        await(
                "the level in n3's store",
                () -> stores.get("n3").durable() != null
                        && stores.get("n3").durable().level() == 2);
        assertEquals(List.of(), List.copyOf(fatal));

        stop(3);
        String refusal =
                assertThrows(StoreException.class, () -> start(3, OLD, "n3")).getMessage();
        assertTrue(
                refusal.contains("is of level 2, and this version of TallyMQ knows level 1: start the version"),
                refusal);

        start(3, OLD, "n3-without-its-data");
        await("the old program to end", () -> !fatal.isEmpty());
        assertTrue(
                fatal.peek().contains("is of level 2, and this version of TallyMQ knows level 1: start the version"),
                fatal.peek());
        stop(3);
        start(3, NEW, "n3");
        awaitLevel(2);
    }

    private static final class Stores implements StoreProvider {
        private final RocksStoreConfig config;
        private final Versions levels;
        private volatile RocksStore store;

        Stores(RocksStoreConfig config, Versions levels) {
            this.config = config;
            this.levels = levels;
        }

        @Override
        public MessageStore open(Consumer<String> onFailure) {
            store = RocksStore.open(config, levels, onFailure);
            return store;
        }

        @Override
        public MessageStore.Applied durable() {
            return store.durable();
        }

        @Override
        public void forceDurable() {
            store.forceDurable();
        }

        @Override
        public Path checkpoint(Path directory) {
            return store.checkpoint(directory);
        }

        @Override
        public void verify(Path copy) {
            new StoredCopy(copy, levels).verify();
        }

        @Override
        public void install(Path copy) {
            RocksStore.install(config, copy);
        }
    }
}
