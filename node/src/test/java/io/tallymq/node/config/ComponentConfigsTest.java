package io.tallymq.node.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.admin.request.AdminConfig;
import io.tallymq.amqp.config.AmqpServerConfig;
import io.tallymq.amqp.config.FlowLimits;
import io.tallymq.amqp.config.ProtocolLimits;
import io.tallymq.amqp.config.ServerIdentity;
import io.tallymq.broker.access.AccessState;
import io.tallymq.login.Logins;
import io.tallymq.raft.log.config.LogAmount;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.session.RuntimeTuning;
import io.tallymq.store.MemoryStore;
import io.tallymq.store.RocksStoreConfig;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ComponentConfigsTest {
    private static final Path DIR = Path.of("somewhere");

    private static ComponentConfigs configs(String... assignments) {
        String[] args = new String[assignments.length * 2];
        for (int i = 0; i < assignments.length; i++) {
            args[2 * i] = "--set";
            args[2 * i + 1] = assignments[i];
        }
        NodeConfig config = new Command(Map.of()).run(args);
        return new ComponentConfigs(config, DescriptorPlan.of(-1, 1, config));
    }

    /** The keys' documented defaults are what the parts were measured with. */
    @Test
    void defaultsAreThoseOfTheParts() {
        ComponentConfigs configs = configs();
        assertEquals(RaftTuning.DEFAULTS, configs.raft(DIR, "").tuning());
        assertEquals(RuntimeTuning.DEFAULTS, configs.runtime());
        RocksStoreConfig parts = RocksStoreConfig.in(DIR);
        RocksStoreConfig store = new RocksStoreConfig(
                DIR,
                parts.memtableBytes(),
                parts.memtables(),
                parts.memtablesToMerge(),
                parts.blockCacheBytes(),
                parts.bodyCacheBytes(),
                parts.maxOpenFiles(),
                parts.logBytes(),
                configs.store(DIR).freeWanted(), // follows disk.free-limit, which no part knows
                parts.lz4());
        assertEquals(store, configs.store(DIR));
        ServerIdentity identity = new ServerIdentity("TallyMQ", "3.13.7", ConfigCommand.version(), "tallymq");
        AmqpServerConfig usual = AmqpServerConfig.defaults(identity);
        assertEquals(usual.protocol(), configs.amqp().protocol());
        assertEquals(usual.flow(), configs.amqp().flow());
        assertEquals(usual, configs.amqp());
        AdminConfig admin = AdminConfig.of("0.0.0.0", AdminConfig.DEFAULT_PORT, ConfigCommand.version());
        assertEquals(admin.withOpenHealthChecks(true), configs.admin());
    }

    @Test
    void theCluster() {
        RaftNodeConfig raft = configs(
                        "node.name=n2",
                        "cluster.name=test",
                        "cluster.peers=n1@a:1:2,n2@b:3:4,n3@c:5:6",
                        "cluster.secret=0123456789abcdef",
                        "tls.nodes=off",
                        "cluster.bind-host=0.0.0.0")
                .raft(DIR, "");
        assertEquals("test", raft.clusterName());
        assertEquals(new RaftNodeConfig.Peer("n2", "b", 3, 4), raft.self());
        assertEquals(3, raft.peers().size());
        assertEquals(new RaftNodeConfig.Bind("0.0.0.0", 3, 4), raft.bind());
        assertEquals("0123456789abcdef", raft.secret());
        assertEquals(DIR, raft.raftDir());
    }

    @Test
    void aNodeWithAnIdOfItsOwn() {
        RaftNodeConfig raft =
                configs("node.name=fresh", "cluster.peers=fresh:n1@a:1:2").raft(DIR, "");
        assertEquals("n1", raft.nodeId());
        assertEquals(new RaftNodeConfig.Peer("n1", "fresh", "a", 1, 2), raft.self());
    }

    @Test
    void oneAddressGetsHalfOfThePlacesAtMostBeforeItLogsIn() {
        assertEquals(1_000, configs().amqp().protocol().handshakesPerAddress());
        assertEquals(200, configs("amqp.max-connections=400").amqp().protocol().handshakesPerAddress());
        assertEquals(
                1,
                configs("amqp.max-connections=1", "amqp.handshakes-per-address=7")
                        .amqp()
                        .protocol()
                        .handshakesPerAddress());
    }

    /** Over AMQP and HTTP it is the same. */
    @Test
    void clientsAreToldWhatTheyAreToBeTold() {
        ComponentConfigs configs = configs("amqp.server-product=RabbitMQ", "amqp.server-version=4.3.6");
        ServerIdentity told = new ServerIdentity("RabbitMQ", "4.3.6", ConfigCommand.version(), "tallymq");
        assertEquals(told, configs.amqp().identity());
        assertEquals("4.3.6", configs.admin().rabbitVersion());
        assertEquals(ConfigCommand.version(), configs.admin().version());
    }

    @Test
    void everyNumberArrives() {
        ComponentConfigs configs = configs(
                "amqp.frame-max=16KiB",
                "amqp.channel-max=9",
                "amqp.heartbeat=7s",
                "amqp.handshake-timeout=3s",
                "amqp.max-message-size=1MiB",
                "amqp.max-connections=11",
                "amqp.handshakes-per-address=4",
                "amqp.publish-memory=9MiB",
                "amqp.outbound-buffer=1MiB",
                "amqp.outbound-memory=17MiB",
                "amqp.write-timeout=8s",
                "amqp.host=127.0.0.1",
                "amqp.port=0",
                "http.host=localhost",
                "http.port=13",
                "http.max-connections=12",
                "http.open-health-checks=false",
                "http.origins=https://mq.example,http://mq.example:8080",
                "raft.election-timeout-min=3s",
                "raft.election-timeout-max=4s",
                "raft.segment-size=2MiB",
                "raft.snapshot-bytes=2GiB",
                "raft.snapshot-interval=9s",
                "raft.keep-bytes=7MiB",
                "raft.keep-entries=70000",
                "raft.node-lost-grace=5s",
                "batch.max-bytes=64KiB",
                "batch.in-flight=5",
                "batch.pending-bytes=6MiB",
                "store.memtable-size=3MiB",
                "store.memtable-count=7",
                "store.block-cache=4MiB",
                "store.body-cache=5MiB",
                "store.compression=lz4");
        assertEquals(12, configs.admin().limits().connections());
        assertEquals(
                "localhost:13", configs.admin().host() + ":" + configs.admin().port());
        assertFalse(configs.admin().openHealthChecks());
        assertEquals(
                List.of("https://mq.example", "http://mq.example:8080"),
                configs.admin().origins());
        AmqpServerConfig amqp = configs.amqp();
        ProtocolLimits protocol = amqp.protocol();
        assertEquals("127.0.0.1:0", amqp.host() + ":" + amqp.port());
        assertEquals(16 << 10, protocol.frameMax());
        assertEquals(9, protocol.channelMax());
        assertEquals(7, protocol.heartbeat());
        assertEquals(3_000, protocol.handshakeTimeout());
        assertEquals(4, protocol.handshakesPerAddress());
        assertEquals(1 << 20, protocol.maxMessageSize());
        FlowLimits flow = amqp.flow();
        assertEquals(11, flow.maxConnections());
        assertEquals(9 << 20, flow.publish().memory());
        assertEquals(1 << 20, flow.outbound().high());
        assertEquals(17 << 20, flow.outbound().memory());
        assertEquals(8_000, flow.outbound().timeout());
        RaftTuning raft = configs.raft(DIR, "").tuning();
        assertEquals(Duration.ofSeconds(3), raft.election().timeoutMin());
        assertEquals(Duration.ofSeconds(4), raft.election().timeoutMax());
        assertEquals(Duration.ofSeconds(8), raft.election().stepDown());
        assertEquals(2 << 20, raft.log().segmentBytes());
        assertEquals(2L << 30, raft.snapshot().trigger().bytes());
        assertTrue(raft.snapshot().force().bytes() >= raft.snapshot().trigger().bytes());
        assertEquals(new LogAmount(7 << 20, 70_000), raft.snapshot().keep());
        assertEquals(Duration.ofSeconds(9), raft.snapshot().triggerEvery());
        RuntimeTuning runtime = configs.runtime();
        assertEquals(Duration.ofSeconds(5), runtime.timing().nodeLostAfter());
        assertEquals(Duration.ofSeconds(2), raft.link().lease());
        assertEquals(64 << 10, runtime.batches().soft());
        assertEquals(5, runtime.batches().inFlight());
        assertEquals(6 << 20, runtime.batches().pendingBytes());
        RocksStoreConfig store = configs.store(DIR);
        assertEquals(3 << 20, store.memtableBytes());
        assertEquals(7, store.memtables());
        assertEquals(4 << 20, store.blockCacheBytes());
        assertEquals(5 << 20, store.bodyCacheBytes());
        assertTrue(store.lz4());
    }

    @Test
    void users() throws Exception {
        assertTrue(login(configs(), "guest", "guest", true));
        assertFalse(login(configs(), "guest", "guest", false));
        assertTrue(login(configs("auth.loopback-users=none"), "guest", "guest", false));
        ComponentConfigs own = configs("auth.default-user=tally", "auth.default-password=sesame");
        assertTrue(login(own, "tally", "sesame", false));
        assertFalse(login(own, "guest", "guest", true));
    }

    private static boolean login(ComponentConfigs configs, String user, String password, boolean here)
            throws Exception {
        AccessState nobodyYet = new AccessState(new MemoryStore(), () -> 0);
        try (Logins logins =
                configs.logins(() -> nobodyYet, () -> CompletableFuture.completedFuture(true), change -> {})) {
            InetAddress from = InetAddress.getByName(here ? "127.0.0.1" : "192.0.2.1");
            return logins.login(user, password.getBytes(StandardCharsets.UTF_8), from, here)
                    .join()
                    .found()
                    .isPresent();
        }
    }
}
