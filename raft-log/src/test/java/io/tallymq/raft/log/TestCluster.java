package io.tallymq.raft.log;

import io.tallymq.net.NodesTls;
import io.tallymq.raft.log.config.ElectionTuning;
import io.tallymq.raft.log.config.Groups;
import io.tallymq.raft.log.config.LogAmount;
import io.tallymq.raft.log.config.LogTuning;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Bind;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.log.config.SnapshotTuning;
import io.tallymq.raft.log.election.Fitness;
import io.tallymq.raft.log.election.HandOver;
import io.tallymq.raft.log.link.ForwardHandler;
import io.tallymq.raft.log.link.NodeLink;
import io.tallymq.raft.log.link.Rank;
import io.tallymq.raft.log.ratis.RatisSettings;
import io.tallymq.raft.log.state.NotAcceptedException;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.ratis.grpc.server.GrpcServicesImpl;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.TransferLeadershipRequest;

/** Three nodes in this JVM, on ports that the operating system gave. */
public final class TestCluster implements AutoCloseable {
    public static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Small segments, so that a few entries make many files. */
    public static final RaftTuning SMALL = RaftTuning.DEFAULTS
            .withLog(LogTuning.DEFAULTS.withSegmentBytes(64 << 10))
            .withSnapshot(SnapshotTuning.DEFAULTS
                    .withTrigger(new LogAmount(64 << 10, 25_000))
                    .withKeep(new LogAmount(64 << 10, 100_000)));

    /** The same; a leader stays one on a busy machine. */
    public static final RaftTuning STEADY = SMALL.withElection(new ElectionTuning(
            Duration.ofSeconds(4),
            Duration.ofSeconds(8),
            Duration.ofSeconds(10),
            Duration.ofMillis(150),
            Duration.ofSeconds(60)));

    /** A node with all that it is made of. */
    public static final class Member {
        public final MemoryState state;
        public final RaftNode node;
        public final Batches batches = new Batches();
        final List<String> fatal = new ArrayList<>();

        private Member(RaftNodeConfig config, MemoryState state) {
            this.state = state;
            this.node = new RaftNode(config, state, batches, (reason, cause) -> {
                synchronized (fatal) {
                    fatal.add(reason);
                }
            });
        }

        /** Ends it, as close to a crash as it gets in one process. */
        public void abandon() {
            node.abandon();
        }

        /** It calls nobody any more, also as the leader that it may be, while it is called and its link goes on. */
        public void callNobody() {
            ((GrpcServicesImpl) node.server().getServerRpc()).getProxies().close();
        }

        /** Its log is flushed only after this completes, as if the disk hung. */
        public void flushAfter(CompletableFuture<Void> gate) {
            node.flushAfter(gate);
        }

        /** For how long its disk owes a flush, in nanoseconds; 0 when it owes none. */
        public long flushPendingNanos() {
            return node.gauges().flushPendingNanos();
        }

        /** As this node knows it. */
        public Rank rankOf(String peer) {
            return ((NodeLink) node.link()).rank(peer);
        }

        /** How well it would lead, as it knows itself. */
        public Fitness fitness() {
            return node.fitness;
        }

        public HandOver handOver() {
            return node.handOver();
        }

        /** What Ratis itself offers, which asks nothing of the one that it goes to; null: it steps down. */
        public void handOverTo(String peer) throws Exception {
            node.server()
                    .transferLeadershipAsync(new TransferLeadershipRequest(
                            ClientId.randomId(),
                            node.server().getId(),
                            RatisSettings.groupId("test", Groups.BROKER),
                            1,
                            peer == null ? null : RaftPeerId.valueOf(peer),
                            PATIENCE.toMillis()))
                    .get();
        }

        public List<String> fatal() {
            synchronized (fatal) {
                return List.copyOf(fatal);
            }
        }
    }

    /** What came over the link. */
    public static final class Batches implements ForwardHandler {
        public final ConcurrentLinkedQueue<String> received = new ConcurrentLinkedQueue<>();
        public final ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();

        @Override
        public void onBatch(String fromNode, byte[] bytes) {
            received.add(fromNode + ":" + new String(bytes, StandardCharsets.UTF_8));
        }

        @Override
        public void onRefused(String byNode, byte[] note) {
            events.add("refused " + byNode + " " + new String(note, StandardCharsets.UTF_8));
        }

        @Override
        public void onLinkUp(String peer) {
            events.add("up " + peer);
        }

        @Override
        public void onLinkDown(String peer) {
            events.add("down " + peer);
        }

        @Override
        public boolean hasClients(String peer) {
            return true;
        }

        @Override
        public void onWritable(String peer) {
            events.add("writable " + peer);
        }
    }

    private final Path dir;
    private final RaftTuning tuning;
    private final Map<String, RaftTuning> tunings = new HashMap<>();
    private final Map<String, Integer> elsewhere = new HashMap<>();
    private final List<Peer> peers = new ArrayList<>();
    private NodesTls tls;
    private final Map<String, Member> members = new LinkedHashMap<>();

    public TestCluster(Path dir, RaftTuning tuning) throws IOException {
        this(dir, tuning, "127.0.0.1");
    }

    public TestCluster(Path dir, RaftTuning tuning, String host) throws IOException {
        this.dir = dir;
        this.tuning = tuning;
        List<Integer> ports = freePorts(6);
        for (int i = 0; i < 3; i++) {
            peers.add(new Peer("n" + i, host, ports.get(2 * i), ports.get(2 * i + 1)));
        }
    }

    /**
     * Ports that the system does not give to anybody else for a minute: each had a connection that its own side closed, and is
     * left in TIME_WAIT. A server may listen there all the same.
     */
    public static List<Integer> freePorts(int n) throws IOException {
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            ports.add(freePort());
        }
        return ports;
    }

    private static int freePort() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
            server.accept().close();
            int end = client.getInputStream().read();
            if (end != -1) {
                throw new IOException("somebody else answered on port " + server.getLocalPort());
            }
            return server.getLocalPort();
        }
    }

    public RaftNodeConfig config(String id) {
        Peer self = peers.stream().filter(p -> p.id().equals(id)).findFirst().orElseThrow();
        return new RaftNodeConfig(
                "test",
                id,
                peers,
                new Bind(self.host(), elsewhere.getOrDefault(id, self.raftPort()), self.linkPort()),
                raftDir(id),
                "secret",
                tunings.getOrDefault(id, tuning),
                tls);
    }

    /** From the next start of each node on. */
    public void speakTls(NodesTls with) {
        tls = with;
    }

    /** From the next start of each node on, in what that one knows of all. */
    public void rename(String id, String name) {
        peers.replaceAll(p -> p.id().equals(id) ? new Peer(id, name, p.host(), p.raftPort(), p.linkPort()) : p);
    }

    /** Another tuning for one node; before it starts. */
    public void tune(String id, RaftTuning other) {
        tunings.put(id, other);
    }

    /** From its next start on the leader's entries do not come to this node, while its link works. */
    public void listenElsewhere(String id) throws IOException {
        elsewhere.put(id, freePort());
    }

    public Path raftDir(String id) {
        return dir.resolve(id).resolve("raft");
    }

    public Path storeFile(String id) {
        return dir.resolve(id + ".store");
    }

    /** How long a node that is started anew waits for the one before it in this process. */
    private static final long LOCK_NANOS = 90_000_000_000L;

    private static final long PAUSE_NANOS = 50_000_000;

    /** A node whose durable part is in a file. */
    public Member start(String id) throws RaftStartException {
        return start(id, new MemoryState(storeFile(id)));
    }

    public Member start(String id, MemoryState state) throws RaftStartException {
        long deadline = System.nanoTime() + LOCK_NANOS;
        while (true) {
            Member member = new Member(config(id), state);
            members.put(id, member);
            try {
                member.node.start();
                return member;
            } catch (RaftStartException e) {
                // Its close was bounded, and Ratis still holds the directory: on a slow machine that takes a moment. Or
                // it was
                // away for so long that another program got its port for a connection of its own.
                boolean passes = e.getMessage().contains("OverlappingFileLock")
                        || e.getMessage().contains("Address already in use");
                if (System.nanoTime() > deadline || !passes) {
                    throw e;
                }
                member.node.close();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    public void startAll() throws RaftStartException {
        for (Peer peer : peers) {
            start(peer.id());
        }
    }

    public void stop(String id) {
        members.remove(id).node.close();
    }

    public Member member(String id) {
        return members.get(id);
    }

    public List<Member> members() {
        return List.copyOf(members.values());
    }

    public List<String> others(String id) {
        return members.keySet().stream().filter(other -> !other.equals(id)).toList();
    }

    /** Waits for a leader that takes entries. */
    public String leader() {
        String[] found = new String[1];
        await("a leader", () -> {
            for (Map.Entry<String, Member> m : members.entrySet()) {
                if (m.getValue().node.isLeader()) {
                    found[0] = m.getKey();
                    return true;
                }
            }
            return false;
        });
        return found[0];
    }

    /** Submits on the leader, whoever that is, until it is applied there. */
    public Position put(String text) {
        for (int attempt = 0; ; attempt++) {
            try {
                return submit(leader(), text).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                if (attempt > 20 || !(e.getCause() instanceof NotAcceptedException)) {
                    throw new AssertionError("not applied: " + text, e);
                }
            } catch (InterruptedException | TimeoutException e) {
                throw new AssertionError("not applied: " + text, e);
            }
        }
    }

    public void put(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            put(text + i);
        }
    }

    public CompletableFuture<Position> submit(String node, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return member(node).node.submit(bytes, 0, bytes.length);
    }

    public void awaitSame() {
        await("the same entries everywhere", () -> {
            List<String> first = members().get(0).state.entries();
            return members().stream().allMatch(m -> m.state.entries().equals(first))
                    && members().stream()
                                    .map(m -> m.state.applied().index())
                                    .distinct()
                                    .count()
                            == 1;
        });
    }

    public static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited for " + what + " in vain");
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    @Override
    public void close() {
        members.values().forEach(m -> m.node.close());
        members.clear();
    }
}
