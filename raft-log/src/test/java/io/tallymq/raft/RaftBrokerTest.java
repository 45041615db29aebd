package io.tallymq.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.raft.log.RaftNode;
import io.tallymq.raft.log.ReplicatedLog;
import io.tallymq.raft.log.config.ElectionTuning;
import io.tallymq.raft.log.config.LogAmount;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.log.link.ForwardHandler;
import io.tallymq.raft.session.Client;
import io.tallymq.raft.session.RuntimeTuning;
import io.tallymq.raft.trace.TraceBook;
import io.tallymq.raft.trace.TraceShare;
import io.tallymq.raft.vitals.NodeVitals;
import io.tallymq.store.RocksStore;
import io.tallymq.store.RocksStoreConfig;
import io.tallymq.store.StoreException;
import io.tallymq.store.StoredCopy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Three whole nodes in one process, without front ends. */
class RaftBrokerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final RaftTuning QUICK = RaftTuning.DEFAULTS.withElection(new ElectionTuning(
            Duration.ofMillis(500),
            Duration.ofMillis(1_000),
            Duration.ofSeconds(4),
            Duration.ofMillis(100),
            Duration.ofSeconds(60)));

    /** For tests in which a node misses so much that it needs a checkpoint. */
    private static final String SHORT_LOG = "short-log";

    private static final RaftTuning SHORT = QUICK.withLog(QUICK.log().withSegmentEntries(20))
            .withSnapshot(QUICK.snapshot()
                    .withTrigger(new LogAmount(1 << 20, 20))
                    .withForce(new LogAmount(1 << 20, 20))
                    .withKeep(new LogAmount(1 << 20, 40)));

    @TempDir
    Path dir;

    private final List<RaftNodeConfig.Peer> peers = new ArrayList<>();
    private final Map<String, RaftBroker> nodes = new TreeMap<>();
    private final List<Client> clients = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> fatal = new ConcurrentLinkedQueue<>();
    private RaftTuning tuning;

    /** Runs while a store is closed because another one takes its place. */
    private volatile Runnable whileReplaced = () -> {};

    /** What a bad disk makes of a table that another node is sent. */
    private volatile boolean damaging;

    private final AtomicInteger damagedFound = new AtomicInteger();

    /** The node whose store has no room. */
    private volatile String full = "none";

    @BeforeEach
    void start(TestInfo test) throws IOException, RaftStartException {
        tuning = test.getTags().contains(SHORT_LOG) ? SHORT : QUICK;
        List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            sockets.add(new ServerSocket(0));
        }
        for (int i = 0; i < 3; i++) {
            peers.add(new RaftNodeConfig.Peer(
                    "n" + (i + 1),
                    "127.0.0.1",
                    sockets.get(2 * i).getLocalPort(),
                    sockets.get(2 * i + 1).getLocalPort()));
        }
        for (ServerSocket s : sockets) {
            s.close();
        }
        for (RaftNodeConfig.Peer p : peers) {
            start(p);
        }
        await("three nodes that serve", () -> nodes.values().stream().allMatch(RaftBroker::readyToServe));
    }

    private void start(RaftNodeConfig.Peer p) throws RaftStartException {
        start(p, RaftNode::new);
    }

    private void start(RaftNodeConfig.Peer p, ReplicatedLog.Factory log) throws RaftStartException {
        Path home = dir.resolve(p.id());
        RaftBroker.Parts parts = new RaftBroker.Parts(
                new RaftNodeConfig(
                        "test",
                        p.id(),
                        peers,
                        new RaftNodeConfig.Bind("127.0.0.1", p.raftPort(), p.linkPort()),
                        home.resolve("raft"),
                        "secret",
                        tuning),
                new Stores(p.id(), RocksStoreConfig.in(home.resolve("store"))),
                RuntimeTuning.DEFAULTS,
                (reason, cause) -> fatal.add(p.id() + ": " + reason));
        RaftBroker node = new RaftBroker(parts, BrokerMachine.LEVELS, new SystemPlatform(), log);
        nodes.put(p.id(), node);
        node.start();
    }

    private final class Stores implements StoreProvider {
        private final String node;
        private final RocksStoreConfig config;
        private volatile RocksStore store;

        Stores(String node, RocksStoreConfig config) {
            this.node = node;
            this.config = config;
        }

        @Override
        public MessageStore open(Consumer<String> onFailure) {
            RocksStore opened = RocksStore.open(config, BrokerMachine.LEVELS, onFailure);
            store = opened;
            return (MessageStore) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {MessageStore.class}, (proxy, method, args) -> {
                        if (full.equals(node) && method.getName().equals("commit")) {
                            return false;
                        }
                        try {
                            return method.invoke(opened, args);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
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
            Path copy = store.checkpoint(directory);
            return damaging ? DamagedCopy.flip(copy) : copy;
        }

        @Override
        public void verify(Path copy) {
            try {
                new StoredCopy(copy, BrokerMachine.LEVELS).verify();
            } catch (StoreException e) {
                damagedFound.incrementAndGet();
                throw e;
            }
        }

        @Override
        public void install(Path copy) {
            whileReplaced.run();
            RocksStore.install(config, copy);
        }
    }

    @AfterEach
    void stop() {
        clients.forEach(Client::close);
        nodes.values().forEach(RaftBroker::close);
        assertEquals(List.of(), List.copyOf(fatal));
    }

    private void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain for " + what + ", as the nodes see it: " + picture());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private String picture() {
        List<String> seen = new ArrayList<>();
        nodes.forEach((name, node) ->
                seen.add(name + (node.readyToServe() ? " serves " : " does not serve ") + node.status()));
        return String.join("; ", seen);
    }

    private Client client(RaftBroker node) {
        Client c = new Client(node, true);
        clients.add(c);
        return c.open();
    }

    private RaftBroker leader() {
        return nodes.get(nodes.values().iterator().next().status().leader());
    }

    private List<RaftBroker> followers() {
        RaftBroker leader = leader();
        return nodes.values().stream().filter(n -> n != leader).toList();
    }

    private static void publish(Client c, int from, int to, String queue) {
        c.on(s -> IntStream.rangeClosed(from, to)
                .forEach(i -> s.publish(7, i, Client.to(queue), Client.content("m" + i))));
    }

    private static List<String> delivered(Client c) {
        return c.heard().stream().filter(h -> h.contains("delivered")).toList();
    }

    private static List<String> expected(String queue, int n) {
        return IntStream.rangeClosed(1, n)
                .mapToObj(i -> "delivered 1 tag-" + queue + " m" + i)
                .toList();
    }

    private void assertAlike() {
        long index = nodes.values().stream()
                .mapToLong(n -> n.read(v -> v.appliedIndex()))
                .max()
                .orElseThrow();
        await("all nodes at one index", () -> nodes.values().stream()
                .allMatch(n -> n.read(v -> v.appliedIndex()) >= index));
        await("all replicas alike", () -> {
            List<String> states = nodes.values().stream()
                    .map(n -> n.read(v -> v.appliedIndex() + " " + v.digest()))
                    .distinct()
                    .toList();
            return states.size() == 1;
        });
    }

    @Test
    void whatOneNodeTakesAnotherDelivers() {
        Client publisher = client(followers().get(0));
        publisher.declare("q");
        Client consumer = client(followers().get(1));
        consumer.consume(1, "q", 100);
        publish(publisher, 1, 500, "q");
        publisher.awaitHeard("confirmed 7 500");
        consumer.awaitHeard(h -> h.size() >= 500, "500 messages");
        assertEquals(expected("q", 500), delivered(consumer));
        assertAlike();
        await("a leader that serves", () -> leader().status().serving());
        assertEquals(3, leader().status().members().size());
        await("every node's position", () -> leader().status().members().stream()
                .allMatch(m -> m.appliedIndex() > 0));
    }

    /** Each node tells what it knows, so all tell the same, and more than a majority has flushed it in the end. */
    @Test
    void allNodesTellTheTimesOfATracedMessage() {
        RaftBroker follower = followers().get(0);
        Client publisher = client(follower);
        publisher.declare("q");
        publish(publisher, 1, 3, "q"); // a node does not know what its log's first flush covers
        publisher.awaitHeard("confirmed 7 3");
        publisher.on(s -> s.publish(7, 4, Client.to("q"), Client.traced("m4", "order-4")));
        publisher.awaitHeard("confirmed 7 4");
        await("the share of each node", () -> nodes.values().stream().allMatch(n -> isWhole(n.traces())));
        await(
                "all nodes alike",
                () -> nodes.values().stream().map(RaftBroker::traces).distinct().count() == 1);
        TraceBook.Trace trace = follower.traces().get(0);
        assertEquals(nodes.keySet(), trace.shares().keySet());
        TraceShare.Publish publish = trace.shares().get(follower.node()).publish();
        assertEquals("order-4", publish.names().messageId());
        assertEquals(List.of("q"), publish.queues());
        assertEquals("confirmed", publish.outcome());
        TraceShare.Lead lead = trace.shares().get(leader().node()).lead();
        assertEquals(
                followers().stream().map(RaftBroker::node).sorted().toList(),
                List.copyOf(lead.learnt().keySet()));
        // Each node by its own clock. The leader notes what a follower has flushed behind what that lets it commit, so
        // both notes may be the later ones.
        assertTrue(publish.journey() > 0 && lead.replicate() > 0, trace.toString());
        assertTrue(lead.learnt().values().stream().allMatch(after -> after > 0), trace.toString());
        assertNull(trace.shares().get(leader().node()).publish());
        await("what each tells of the phases of confirms", () -> nodes.values().stream()
                .allMatch(n ->
                        nodes.keySet().stream().allMatch(other -> n.node().equals(other) || n.anatomy(other) != null)));
        assertEquals(1, follower.runtime().metrics().traced());
    }

    private boolean isWhole(List<TraceBook.Trace> traces) {
        return traces.size() == 1
                && traces.get(0).shares().size() == 3
                && traces.get(0).shares().values().stream().allMatch(s -> s.flushed() != null)
                && traces.get(0).shares().values().stream()
                        .anyMatch(s -> s.lead() != null && s.lead().learnt().size() == 2)
                && traces.get(0).shares().values().stream()
                        .anyMatch(s -> s.publish() != null && s.publish().write() >= 0);
    }

    @Test
    void connectionsOfTheOtherNodesOutliveTheirLeader() throws RaftStartException {
        RaftBroker old = leader();
        List<RaftBroker> others = followers();
        Client a = client(others.get(0));
        Client b = client(others.get(1));
        a.declare("to-a");
        b.declare("to-b");
        a.consume(1, "to-a", 100);
        b.consume(1, "to-b", 100);
        publish(a, 1, 300, "to-b");
        publish(b, 1, 300, "to-a");
        old.close();
        nodes.remove(old.node());
        publish(a, 301, 600, "to-b");
        publish(b, 301, 600, "to-a");
        for (Client c : List.of(a, b)) {
            c.awaitHeard("confirmed 7 600");
            c.awaitHeard(h -> h.stream().filter(x -> x.contains("delivered")).count() >= 600, "600 messages");
            assertFalse(c.heard().contains("closed"));
        }
        assertEquals(expected("to-a", 600), delivered(a));
        assertEquals(expected("to-b", 600), delivered(b));
        start(peers.stream().filter(p -> p.id().equals(old.node())).findFirst().orElseThrow());
        await("the old leader to serve again", () -> nodes.get(old.node()).readyToServe());
        Client again = client(nodes.get(old.node()));
        Client.expect(Reply.Probed.class, again.call(new Probe(true)));
        assertAlike();
    }

    @Test
    void withoutAMajorityNothingIsConfirmedUntilItIsBack() throws RaftStartException {
        RaftBroker survivor = followers().get(0);
        Client c = client(survivor);
        c.declare("q");
        List<String> gone = new ArrayList<>();
        for (RaftBroker n : List.copyOf(nodes.values())) {
            if (n != survivor) {
                n.close();
                nodes.remove(n.node());
                gone.add(n.node());
            }
        }
        publish(c, 1, 1, "q");
        c.awaitHeard("blocked");
        assertFalse(c.heard().contains("confirmed 7 1"));
        for (RaftNodeConfig.Peer p : peers) {
            if (gone.contains(p.id())) {
                start(p);
            }
        }
        c.awaitHeard("confirmed 7 1");
        c.awaitHeard("unblocked");
        assertAlike();
    }

    private RaftNodeConfig.Peer someoneLeaves() {
        RaftBroker away = followers().get(0);
        away.close();
        nodes.remove(away.node());
        return peers.stream()
                .filter(p -> p.id().equals(away.node()))
                .findFirst()
                .orElseThrow();
    }

    private int fillUntilTheLogIsCut(Client publisher) throws IOException {
        publisher.declare("q");
        int n = 0;
        while (firstIndex(leader().node()) < 60) {
            n++;
            publish(publisher, n, n, "q");
            publisher.awaitHeard("confirmed 7 " + n);
        }
        return n;
    }

    /** Its own store serves on until the leader's can be copied. */
    @Test
    @Tag(SHORT_LOG)
    void aNodeThatGetsADamagedCopyStaysUpAndAsksAgain() throws Exception {
        RaftNodeConfig.Peer peer = someoneLeaves();
        fillUntilTheLogIsCut(client(leader()));
        damaging = true;
        start(peer);
        await("two damaged copies", () -> damagedFound.get() >= 2);
        assertEquals(List.of(), List.copyOf(fatal));
        assertTrue(nodes.get(peer.id()).read(v -> v.appliedIndex()) < 60, "its own store is what is read");
        damaging = false;
        await("a node that serves again", () -> nodes.get(peer.id()).readyToServe());
        assertAlike();
    }

    /** While the store is replaced it is closed: nobody may ask it anything. */
    @Test
    @Tag(SHORT_LOG)
    void aNodeThatInstallsACheckpointGoesOnAsBefore() throws Exception {
        RaftNodeConfig.Peer peer = someoneLeaves();
        Client publisher = client(leader());
        int n = fillUntilTheLogIsCut(publisher);
        CompletableFuture<CompletableFuture<Long>> reading = new CompletableFuture<>();
        whileReplaced = () -> {
            RaftBroker node = nodes.get(peer.id());
            node.status(); // as the reports to the other nodes do
            reading.complete(CompletableFuture.supplyAsync(() -> node.read(v -> v.appliedIndex())));
        };
        start(peer);
        await("a checkpoint", reading::isDone);
        await("a node that serves again", () -> nodes.get(peer.id()).readyToServe());
        assertTrue(reading.get().get(PATIENCE.toSeconds(), TimeUnit.SECONDS) >= 60, "who reads waits for the new one");
        publish(publisher, n + 1, n + 10, "q");
        publisher.awaitHeard("confirmed 7 " + (n + 10));
        long applied = leader().read(v -> v.appliedIndex());
        await("its reports", () -> leader().status().members().stream()
                .anyMatch(m -> m.name().equals(peer.id()) && m.appliedIndex() >= applied));
        Client consumer = client(nodes.get(peer.id()));
        consumer.consume(1, "q", 1_000);
        int all = n + 10;
        consumer.awaitHeard(h -> h.stream().filter(x -> x.contains("delivered")).count() >= all, "all messages");
        assertEquals(expected("q", all), delivered(consumer));
        assertAlike();
    }

    /** The disk or the memory of any node: publishers of all nodes are blocked, consumers go on, and all ends by itself. */
    @Test
    void oneNodesDiskBlocksThePublishersOfAll() throws RaftStartException {
        Client publisher = client(leader());
        publisher.declare("q");
        publish(publisher, 1, 10, "q");
        publisher.awaitHeard("confirmed 7 10");
        for (String low : List.of(followers().get(0).node(), leader().node())) {
            nodes.get(low).vitals(withDisk(5, true));
            for (RaftBroker node : nodes.values()) {
                // On a slow machine a node may have no lease or nothing applied for a moment meanwhile.
                String reason = "low on disk: node '" + low + "' has 5 bytes free, its disk.free-limit is 100";
                await(
                        node.node() + " to block",
                        () -> reason.equals(node.runtime().blockedReason()));
                await("consumers to be able to connect", () -> node.status().serving());
                await("the vitals", () -> node.vitals().get(low).disk().low());
            }
            nodes.get(low).vitals(withDisk(200, false));
            for (RaftBroker node : nodes.values()) {
                await(node.node() + " to go on", () -> node.runtime().blockedReason() == null);
            }
        }
        nodes.get(leader().node()).vitals(withMemory(200, true));
        for (RaftBroker node : nodes.values()) {
            String reason =
                    "low on memory: node '" + leader().node() + "' has 200 bytes resident, its memory.limit is 100";
            await(node.node() + " to block", () -> reason.equals(node.runtime().blockedReason()));
        }
        leader().vitals(withMemory(90, false));
        for (RaftBroker node : nodes.values()) {
            await(node.node() + " to go on", () -> node.runtime().blockedReason() == null);
        }
        RaftBroker low = followers().get(0);
        low.vitals(withDisk(5, true));
        // At least: on a slow machine a moment in which nothing was applied blocks them, too.
        publisher.awaitHeard(h -> h.stream().filter("blocked"::equals).count() >= 4, "being blocked four times");
        Client consumer = client(followers().get(1));
        consumer.consume(1, "q", 100);
        consumer.awaitHeard(h -> h.stream().filter(x -> x.contains("delivered")).count() >= 10, "10 messages");
        low.close();
        nodes.remove(low.node());
        for (RaftBroker node : nodes.values()) {
            await("a node that is gone to block nobody", () -> node.runtime().blockedReason() == null);
        }
    }

    /** Its log takes what comes, and its store nothing. */
    @Test
    void theOthersConfirmWhileTheLeadersStoreHasNoRoom() {
        RaftBroker leader = leader();
        Client here = client(leader);
        here.declare("q");
        RaftBroker other = followers().get(0);
        Client there = client(other);
        publish(there, 1, 10, "q");
        there.awaitHeard("confirmed 7 10");
        full = leader.node();
        publish(there, 11, 20, "q");
        here.on(s -> s.publish(9, 1, Client.to("q"), Client.content("of the full node's client")));
        there.awaitHeard("confirmed 7 20");
        await("another leader", () -> {
            String leads = other.status().leader();
            return leads != null && !leads.equals(leader.node());
        });
        publish(there, 21, 30, "q");
        there.awaitHeard("confirmed 7 30");
        full = "none";
        here.awaitHeard("confirmed 9 1");
        assertAlike();
    }

    /** The last report of a node lies unread when its process ends, and the thread that reads it is not the one that is told of the end first. */
    @Test
    void whatADeadNodeSaidLastBlocksNobody() throws Exception {
        RaftBroker low = followers().get(0);
        RaftBroker other = followers().get(1);
        RaftNodeConfig.Peer its = peers.stream()
                .filter(p -> p.id().equals(other.node()))
                .findFirst()
                .orElseThrow();
        other.close();
        LateReading late = new LateReading(low.node());
        start(its, (config, state, forwards, itsFatal) -> {
            late.to = forwards;
            return new RaftNode(config, state, late, itsFatal);
        });
        RaftBroker reader = nodes.get(its.id());
        await("the node that reads late", reader::readyToServe);
        low.vitals(withDisk(5, true));
        await("it to block", () -> reader.runtime().blockedReason() != null);
        late.begin.set(true);
        await("a report", late.held::isDone);
        low.close();
        nodes.remove(low.node());
        late.read.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        await("a node that is gone to block nobody", () -> reader.runtime().blockedReason() == null);
    }

    /** Reads what a node sends after it was told that the connection to that node is gone. */
    private static final class LateReading implements ForwardHandler {
        private final String from;
        private ForwardHandler to;
        private final AtomicBoolean begin = new AtomicBoolean();
        private final CompletableFuture<Void> held = new CompletableFuture<>();
        private final CompletableFuture<Void> down = new CompletableFuture<>();
        private final CompletableFuture<Void> read = new CompletableFuture<>();

        LateReading(String from) {
            this.from = from;
        }

        @Override
        public void onBatch(String fromNode, byte[] bytes) {
            boolean late = fromNode.equals(from) && begin.get();
            if (late) {
                held.complete(null);
                down.join();
            }
            to.onBatch(fromNode, bytes);
            if (late) {
                read.complete(null);
            }
        }

        @Override
        public void onLinkDown(String peer) {
            to.onLinkDown(peer);
            if (peer.equals(from) && begin.get()) {
                down.complete(null);
            }
        }

        @Override
        public void onUnheard(String peer) {
            to.onUnheard(peer);
        }

        @Override
        public void onRefused(String byNode, byte[] note) {
            to.onRefused(byNode, note);
        }

        @Override
        public void onLinkUp(String peer) {
            to.onLinkUp(peer);
        }

        @Override
        public boolean hasClients(String peer) {
            return to.hasClients(peer);
        }

        @Override
        public void onAnswer(String peer) {
            to.onAnswer(peer);
        }

        @Override
        public void onWritable(String peer) {
            to.onWritable(peer);
        }
    }

    private static NodeVitals withDisk(long free, boolean low) {
        return new NodeVitals(1, 1, 1, NodeVitals.Memory.used(1), 1, 1, new NodeVitals.Disk(free, 100, low));
    }

    private static NodeVitals withMemory(long used, boolean low) {
        NodeVitals.Memory memory = new NodeVitals.Memory(used, 100, low);
        return new NodeVitals(1, 1, 1, memory, 1, 1, new NodeVitals.Disk(200, 100, false));
    }

    private long firstIndex(String node) {
        try (Stream<Path> files = Files.walk(dir.resolve(node).resolve("raft"))) {
            return files.map(f -> f.getFileName().toString())
                    .filter(name -> name.matches("log_(inprogress_)?\\d+.*"))
                    .mapToLong(name -> Long.parseLong(name.replaceAll("^log_(inprogress_)?(\\d+).*", "$2")))
                    .min()
                    .orElse(0);
        } catch (IOException | UncheckedIOException e) {
            return 0; // files come and go
        }
    }
}
