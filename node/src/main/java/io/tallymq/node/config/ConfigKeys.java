package io.tallymq.node.config;

import io.tallymq.net.AddressBlock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Every key, once: {@code --help}, the example file, the checks and the documentation come from here. */
public final class ConfigKeys {
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final long TIB = 1L << 40;

    public static final Key<String> NODE_NAME = new Key<>(
            "node.name",
            ValueTypes.name(),
            "n1",
            "n2",
            "This node's name; one of those in cluster.peers. To rename it, write new:old@host there, on all nodes.");
    public static final Key<String> CLUSTER_NAME = new Key<>(
            "cluster.name",
            ValueTypes.name(),
            "tallymq",
            "orders-prod",
            "The cluster's name, the same on all nodes; nodes of different clusters refuse each other.");
    public static final Key<List<Peer>> CLUSTER_PEERS = new Key<>(
            "cluster.peers",
            ValueTypes.peers(),
            "n1@127.0.0.1:25672:26672",
            "n1@10.0.0.1:25672:26672,n2@10.0.0.2:25672:26672,n3@10.0.0.3:25672:26672",
            "All nodes, this one included, the same on all nodes; 3 or 5. A renamed one keeps its id: name:id@host.");
    public static final Key<String> CLUSTER_BIND_HOST = new Key<>(
            "cluster.bind-host",
            ValueTypes.host(),
            "",
            "0.0.0.0",
            "Where this node listens for the others; without it, this node's own host in cluster.peers.");
    public static final Key<Secret> CLUSTER_SECRET = new Key<>(
            "cluster.secret",
            ValueTypes.secret(16),
            "",
            "what-openssl-rand-hex-16-prints",
            "What proves a node to the others, the same on all nodes; needed with more than one peer.");
    public static final Key<String> CLUSTER_ORIGIN = new Key<>(
            "cluster.origin",
            ValueTypes.text("word", "[0-9a-z]{8,64}", "8 to 64 of 0-9 and a-z"),
            "",
            "5f0e9a7c31d2b846",
            "Of a cluster that was restored: what the restore printed, for a node that joins it with an empty data.dir.");

    public static final Key<Path> DATA_DIR = new Key<>(
            "data.dir",
            ValueTypes.path(),
            "tallymq-data",
            "/var/lib/tallymq",
            "This node's own directory for everything it stores; made if missing.");

    public static final Key<String> AMQP_HOST =
            new Key<>("amqp.host", ValueTypes.host(), "0.0.0.0", "127.0.0.1", "Where AMQP clients are listened for.");
    public static final Key<Integer> AMQP_PORT = new Key<>(
            "amqp.port",
            ValueTypes.integer("TCP port", 0, 65_535),
            "5672",
            "5672",
            "Port for AMQP clients; 0 lets the system choose one.");
    public static final Key<Long> AMQP_FRAME_MAX = new Key<>(
            "amqp.frame-max",
            ValueTypes.size(8 * KIB, 16 * MIB),
            "128KiB",
            "128KiB",
            "Largest frame offered to a client, header and end included; a message's properties have to fit one.");
    public static final Key<Integer> AMQP_CHANNEL_MAX = new Key<>(
            "amqp.channel-max",
            ValueTypes.integer("channels", 1, 65_535),
            "2047",
            "2047",
            "Channels one connection may open; the client may choose less.");
    public static final Key<Duration> AMQP_HEARTBEAT = new Key<>(
            "amqp.heartbeat",
            ValueTypes.duration(Duration.ZERO, Duration.ofSeconds(65_535)),
            "60s",
            "30s",
            "Heartbeat offered to a client, whole seconds; 0s offers none.");
    public static final Key<Duration> AMQP_HANDSHAKE_TIMEOUT = new Key<>(
            "amqp.handshake-timeout",
            ValueTypes.duration(Duration.ofMillis(100), Duration.ofMinutes(10)),
            "10s",
            "10s",
            "A client that is not logged in after this time is disconnected.");
    public static final Key<Long> AMQP_MAX_MESSAGE_SIZE = new Key<>(
            "amqp.max-message-size",
            ValueTypes.size(KIB, 128 * MIB),
            "16MiB",
            "64MiB",
            "Largest message body; a larger one closes its channel with 406.");
    public static final Key<Integer> AMQP_MAX_CONNECTIONS = new Key<>(
            "amqp.max-connections",
            ValueTypes.integer("connections", 1, 1_000_000),
            "50000",
            "2000",
            "AMQP connections at one time, if the limit of file descriptors leaves room for them; more are refused.");
    public static final Key<Integer> AMQP_HANDSHAKES_PER_ADDRESS = new Key<>(
            "amqp.handshakes-per-address",
            ValueTypes.integer("connections", 1, 1_000_000),
            "1000",
            "5000",
            "Connections of an address that are not logged in, at most half of those that fit; more are closed.");
    public static final Key<Long> AMQP_OUTBOUND_BUFFER = new Key<>(
            "amqp.outbound-buffer",
            ValueTypes.size(64 * KIB, 64 * MIB),
            "512KiB",
            "4MiB",
            "Unsent bytes per connection above which its consumers get nothing new until the client reads.");
    public static final Key<Duration> AMQP_WRITE_TIMEOUT = new Key<>(
            "amqp.write-timeout",
            ValueTypes.duration(Duration.ofSeconds(1), Duration.ofHours(24)),
            "60s",
            "60s",
            "A client that reads nothing of what waits for it is disconnected after this time, or up to twice as long.");
    public static final Key<Long> AMQP_BODY_MEMORY = new Key<>(
            "amqp.body-memory",
            ValueTypes.size(MIB, 1024 * MIB),
            "32MiB",
            "128MiB",
            "Large bodies in memory on their way to clients, over all connections, in parts of 1 MiB.");
    public static final Key<Long> AMQP_PUBLISH_MEMORY = new Key<>(
            "amqp.publish-memory",
            ValueTypes.size(4 * MIB, 1024 * MIB),
            "64MiB",
            "128MiB",
            "Memory for messages that clients sent in part, over all connections; who finds no room is not read till then.");
    public static final Key<Integer> AMQP_EVENT_LOOPS = new Key<>(
            "amqp.event-loops",
            ValueTypes.integer("threads", 0, 256),
            "0",
            "4",
            "Threads that serve AMQP connections; 0 means one per processor.");
    public static final Key<Boolean> AMQP_PROXY = new Key<>(
            "amqp.proxy",
            ValueTypes.bool(),
            "false",
            "true",
            "Whether connections from proxy.from begin with a PROXY header (version 1 or 2) that says whose they are.");

    public static final Key<Boolean> HTTP_ENABLED =
            new Key<>("http.enabled", ValueTypes.bool(), "true", "false", "Whether this node serves the HTTP API.");
    public static final Key<String> HTTP_HOST =
            new Key<>("http.host", ValueTypes.host(), "0.0.0.0", "127.0.0.1", "Where the HTTP API is listened for.");
    public static final Key<Integer> HTTP_PORT = new Key<>(
            "http.port",
            ValueTypes.integer("TCP port", 0, 65_535),
            "15672",
            "15672",
            "Port of the HTTP API; 0 lets the system choose one.");
    public static final Key<Boolean> HTTP_OPEN_HEALTH_CHECKS = new Key<>(
            "http.open-health-checks",
            ValueTypes.bool(),
            "true",
            "false",
            "Whether health checks alive and ready-to-serve-clients answer without a login, for supervisors.");
    public static final Key<Integer> HTTP_MAX_CONNECTIONS = new Key<>(
            "http.max-connections",
            ValueTypes.integer("connections", 1, 100_000),
            "256",
            "64",
            "HTTP connections at one time, if the limit of file descriptors leaves room for them; more get 503.");
    public static final Key<Integer> HTTP_MAX_SESSIONS = new Key<>(
            "http.max-sessions",
            ValueTypes.integer("sessions", 1, 100_000),
            "1000",
            "100",
            "Logins to the page that this node keeps at one time, 20 of one user; more get 503.");
    public static final Key<Duration> HTTP_SESSION_TIME = new Key<>(
            "http.session-time",
            ValueTypes.duration(Duration.ofMinutes(1), Duration.ofDays(30)),
            "8h",
            "1h",
            "How long a login to the page is good for.");
    public static final Key<Duration> HTTP_SESSION_IDLE_TIME = new Key<>(
            "http.session-idle-time",
            ValueTypes.duration(Duration.ofMinutes(1), Duration.ofDays(30)),
            "30m",
            "10m",
            "How long it is good for while no page asks with it; one that is open asks all the time.");
    public static final Key<Boolean> HTTP_PROXY =
            new Key<>("http.proxy", ValueTypes.bool(), "false", "true", "The same for the HTTP API.");

    public static final Key<Path> TLS_CERTIFICATE = new Key<>(
            "tls.certificate",
            ValueTypes.file(),
            "",
            "/etc/tallymq/node.pem",
            "This node's certificate and those that lead to its root, PEM; read again when it changes. None: no TLS.");
    public static final Key<Path> TLS_KEY = new Key<>(
            "tls.key",
            ValueTypes.file(),
            "",
            "/etc/tallymq/node.key",
            "The certificate's key, PEM (PKCS #8), without a password.");
    public static final Key<Path> TLS_AUTHORITIES = new Key<>(
            "tls.authorities",
            ValueTypes.file(),
            "",
            "/etc/tallymq/ca.pem",
            "Whose certificates clients may show, PEM; who shows one may log in as its common name (EXTERNAL).");
    public static final Key<ClientCertificates> TLS_CLIENTS = new Key<>(
            "tls.clients",
            ValueTypes.choice(ClientCertificates.class),
            "none",
            "required",
            "Whether AMQP clients are asked for a certificate.");
    public static final Key<Integer> TLS_AMQP_PORT = new Key<>(
            "tls.amqp-port",
            ValueTypes.integer("TCP port", 0, 65_535),
            "5671",
            "5671",
            "Port for AMQP by TLS, if there is a certificate; 0 lets the system choose one.");
    public static final Key<Integer> TLS_HTTP_PORT = new Key<>(
            "tls.http-port",
            ValueTypes.integer("TCP port", 0, 65_535),
            "15671",
            "15671",
            "Port of the HTTP API by TLS, if there is a certificate; 0 lets the system choose one.");

    public static final Key<Boolean> TLS_AMQP_PROXY = new Key<>(
            "tls.amqp-proxy",
            ValueTypes.bool(),
            "false",
            "true",
            "As amqp.proxy, for AMQP by TLS; the header comes before TLS.");
    public static final Key<Boolean> TLS_HTTP_PROXY =
            new Key<>("tls.http-proxy", ValueTypes.bool(), "false", "true", "As http.proxy, for the HTTP API by TLS.");

    public static final Key<NodesEncryption> TLS_NODES = new Key<>(
            "tls.nodes",
            ValueTypes.choice(NodesEncryption.class),
            "auto",
            "on",
            "TLS between the nodes, the same on all; auto: if one is not on this machine. off: in a trusted network only.");
    public static final Key<Path> TLS_NODES_CERTIFICATE = new Key<>(
            "tls.nodes-certificate",
            ValueTypes.file(),
            "",
            "/etc/tallymq/n1.pem",
            "What this node shows the others in place of tls.certificate; made out to its host in cluster.peers.");
    public static final Key<Path> TLS_NODES_KEY = new Key<>(
            "tls.nodes-key",
            ValueTypes.file(),
            "",
            "/etc/tallymq/n1-key.pem",
            "The key of tls.nodes-certificate, PEM (PKCS #8), without a password.");
    public static final Key<Path> TLS_NODES_AUTHORITIES = new Key<>(
            "tls.nodes-authorities",
            ValueTypes.file(),
            "",
            "/etc/tallymq/ca.pem",
            "Whose certificates the other nodes may show, PEM, in place of tls.authorities.");

    public static final Key<List<AddressBlock>> PROXY_FROM = new Key<>(
            "proxy.from",
            ValueTypes.addressBlocks(),
            "",
            "10.0.0.7,10.1.0.0/16",
            "Whose PROXY headers are believed; who comes from elsewhere sends none and counts by his own address.");
    public static final Key<Duration> PROXY_TIMEOUT = new Key<>(
            "proxy.timeout",
            ValueTypes.duration(Duration.ofMillis(100), Duration.ofMinutes(1)),
            "5s",
            "3s",
            "A proxy whose header is not there after this time is disconnected.");

    public static final Key<String> AUTH_DEFAULT_USER = new Key<>(
            "auth.default-user",
            ValueTypes.text("name", "\\P{Cntrl}{1,255}", "1 to 255 characters"),
            "guest",
            "orders",
            "The first user of a new cluster, with all rights; later its users are what counts. Or RABBITMQ_DEFAULT_USER.");
    public static final Key<Secret> AUTH_DEFAULT_PASSWORD = new Key<>(
            "auth.default-password",
            ValueTypes.secret(1),
            "guest",
            "what-openssl-rand-hex-16-prints",
            "That user's password. Or RABBITMQ_DEFAULT_PASS.");
    public static final Key<String> AUTH_DEFAULT_VHOST = new Key<>(
            "auth.default-vhost",
            ValueTypes.text("name", "\\P{Cntrl}{1,255}", "1 to 255 characters"),
            "/",
            "orders",
            "A virtual host that a new cluster begins with, beside /. Or RABBITMQ_DEFAULT_VHOST.");
    public static final Key<List<String>> AUTH_LOOPBACK_USERS = new Key<>(
            "auth.loopback-users", ValueTypes.names(), "guest", "none", "Users who may log in from this machine only.");

    public static final Key<Duration> RAFT_ELECTION_TIMEOUT_MIN = new Key<>(
            "raft.election-timeout-min",
            ValueTypes.duration(Duration.ofMillis(50), Duration.ofSeconds(60)),
            "2500ms",
            "1s",
            "A follower that hears no leader for a random time from this to the next asks for votes.");
    public static final Key<Duration> RAFT_ELECTION_TIMEOUT_MAX = new Key<>(
            "raft.election-timeout-max",
            ValueTypes.duration(Duration.ofMillis(100), Duration.ofSeconds(120)),
            "4s",
            "2s",
            "The longest time without a leader before a follower asks for votes; above the minimum.");
    public static final Key<Long> RAFT_SEGMENT_SIZE = new Key<>(
            "raft.segment-size",
            ValueTypes.size(MIB, GIB),
            "16MiB",
            "64MiB",
            "Size of one file of the log; the log is deleted in whole files.");
    public static final Key<Long> RAFT_SNAPSHOT_BYTES = new Key<>(
            "raft.snapshot-bytes",
            ValueTypes.size(MIB, 64 * GIB),
            "128MiB",
            "1GiB",
            "The log is cut at what the store holds durably after this many bytes (or 25000 entries) ...");
    public static final Key<Duration> RAFT_SNAPSHOT_INTERVAL = new Key<>(
            "raft.snapshot-interval",
            ValueTypes.duration(Duration.ofSeconds(1), Duration.ofDays(1)),
            "5m",
            "1m",
            "... and after this time, if anything changed.");
    public static final Key<Long> RAFT_KEEP_BYTES = new Key<>(
            "raft.keep-bytes",
            ValueTypes.size(MIB, 64 * GIB),
            "64MiB",
            "256MiB",
            "So much of the log stays for nodes that were away; a node that missed more copies the whole store ...");
    public static final Key<Integer> RAFT_KEEP_ENTRIES = new Key<>(
            "raft.keep-entries",
            ValueTypes.integer("entries", 1_000, 10_000_000),
            "100000",
            "1000000",
            "... or so many entries, if that is less: each takes 250 bytes of the heap, and a start takes longer.");
    public static final Key<Duration> RAFT_NODE_LOST_GRACE = new Key<>(
            "raft.node-lost-grace",
            ValueTypes.duration(Duration.ofSeconds(5), Duration.ofHours(1)),
            "10s",
            "30s",
            "A node silent for longer loses its consumers and exclusive queues; an ended process loses them at once.");

    public static final Key<Long> RAFT_SKIP_ENTRY = new Key<>(
            "raft.skip-entry",
            ValueTypes.index(),
            "none",
            "none",
            "Entry at which all nodes end because none can read it: it is passed over. Set it on all; see decision 016.");

    public static final Key<Long> BATCH_MAX_BYTES = new Key<>(
            "batch.max-bytes",
            ValueTypes.size(16 * KIB, MIB),
            "256KiB",
            "512KiB",
            "A batch of publishes and acks is closed at this size; one larger command still goes alone.");
    public static final Key<Integer> BATCH_IN_FLIGHT = new Key<>(
            "batch.in-flight",
            ValueTypes.integer("batches", 1, 1_024),
            "1",
            "8",
            "Batches of this node on their way; while so many are, the next one gathers.");
    public static final Key<Duration> BATCH_LINGER = new Key<>(
            "batch.linger",
            ValueTypes.duration(Duration.ZERO, Duration.ofSeconds(1)),
            "8ms",
            "0ms",
            "Under load a batch waits for more, and where many send rarely an entry for other nodes: so long at most.");
    public static final Key<Compression> BATCH_COMPRESSION = new Key<>(
            "batch.compression",
            ValueTypes.choice(Compression.class),
            "lz4",
            "none",
            "How batches are packed on their way to the other nodes and in the log, if that makes them smaller.");
    public static final Key<Long> BATCH_PENDING_BYTES = new Key<>(
            "batch.pending-bytes",
            ValueTypes.size(2 * MIB, GIB),
            "64MiB",
            "128MiB",
            "Commands of this node waiting in memory; above it, publishers are not read.");

    public static final Key<Integer> TRACE_MESSAGES = new Key<>(
            "trace.messages",
            ValueTypes.integer("messages", 0, 10_000),
            "256",
            "1000",
            "Messages published with x-trace whose times this node keeps, the last ones; 0: it traces none.");

    public static final Key<Long> STORE_MEMTABLE_SIZE = new Key<>(
            "store.memtable-size",
            ValueTypes.size(MIB, GIB),
            "16MiB",
            "128MiB",
            "Native memory of one memtable; messages gone before it is full never reach the store's files.");
    public static final Key<Integer> STORE_MEMTABLE_COUNT = new Key<>(
            "store.memtable-count",
            ValueTypes.integer("memtables", 3, 32),
            "4",
            "6",
            "Memtables at one time; above it, writing waits for the disk.");
    public static final Key<Long> STORE_BLOCK_CACHE = new Key<>(
            "store.block-cache",
            ValueTypes.size(MIB, 64 * GIB),
            "64MiB",
            "512MiB",
            "Native memory for blocks read from the store's files.");
    public static final Key<Long> STORE_BODY_CACHE = new Key<>(
            "store.body-cache",
            ValueTypes.size(MIB, 16 * GIB),
            "16MiB",
            "64MiB",
            "Heap for bodies just applied, so that delivering them needs no read.");
    public static final Key<Compression> STORE_COMPRESSION = new Key<>(
            "store.compression",
            ValueTypes.choice(Compression.class),
            "none",
            "lz4",
            "How the store's files are packed; a change holds for new files.");

    public static final Key<Long> DISK_FREE_LIMIT = new Key<>(
            "disk.free-limit",
            ValueTypes.size(0, 64 * TIB),
            "2GiB",
            "5GiB",
            "With less free space in data.dir on any node, all publishers are blocked; see the README for what it is for.");

    public static final Key<MemoryLimit> MEMORY_LIMIT = new Key<>(
            "memory.limit",
            ValueTypes.memoryLimit(),
            "0.8",
            "3GiB",
            "With more memory resident on any node, all publishers are blocked; bytes, or a part of what there is.");

    public static final Key<String> METRICS_HOST = new Key<>(
            "metrics.host",
            ValueTypes.host(),
            "0.0.0.0",
            "127.0.0.1",
            "Where Prometheus is listened for. There is no login: whoever reaches it reads all metrics.");
    public static final Key<Integer> METRICS_PORT = new Key<>(
            "metrics.port",
            ValueTypes.integer("TCP port, or -1 for none", -1, 65_535),
            "15692",
            "15692",
            "Port for Prometheus, /metrics; 0 lets the system choose one. The HTTP API has /metrics as well.");

    public static final Key<LogLevel> LOG_LEVEL = new Key<>(
            "log.level", ValueTypes.choice(LogLevel.class), "info", "debug", "How much is written to standard output.");
    public static final Key<LogFormat> LOG_FORMAT = new Key<>(
            "log.format",
            ValueTypes.choice(LogFormat.class),
            "text",
            "json",
            "How it is written: lines for people, or an object a line for programs.");

    /** In the order in which people should read them. */
    public static final List<Key<?>> ALL = List.of(
            NODE_NAME,
            CLUSTER_NAME,
            CLUSTER_PEERS,
            CLUSTER_BIND_HOST,
            CLUSTER_SECRET,
            CLUSTER_ORIGIN,
            DATA_DIR,
            AMQP_HOST,
            AMQP_PORT,
            AMQP_FRAME_MAX,
            AMQP_CHANNEL_MAX,
            AMQP_HEARTBEAT,
            AMQP_HANDSHAKE_TIMEOUT,
            AMQP_MAX_MESSAGE_SIZE,
            AMQP_MAX_CONNECTIONS,
            AMQP_HANDSHAKES_PER_ADDRESS,
            AMQP_OUTBOUND_BUFFER,
            AMQP_WRITE_TIMEOUT,
            AMQP_BODY_MEMORY,
            AMQP_PUBLISH_MEMORY,
            AMQP_EVENT_LOOPS,
            AMQP_PROXY,
            HTTP_ENABLED,
            HTTP_HOST,
            HTTP_PORT,
            HTTP_OPEN_HEALTH_CHECKS,
            HTTP_MAX_CONNECTIONS,
            HTTP_MAX_SESSIONS,
            HTTP_SESSION_TIME,
            HTTP_SESSION_IDLE_TIME,
            HTTP_PROXY,
            TLS_CERTIFICATE,
            TLS_KEY,
            TLS_AUTHORITIES,
            TLS_CLIENTS,
            TLS_AMQP_PORT,
            TLS_HTTP_PORT,
            TLS_AMQP_PROXY,
            TLS_HTTP_PROXY,
            TLS_NODES,
            TLS_NODES_CERTIFICATE,
            TLS_NODES_KEY,
            TLS_NODES_AUTHORITIES,
            PROXY_FROM,
            PROXY_TIMEOUT,
            AUTH_DEFAULT_USER,
            AUTH_DEFAULT_PASSWORD,
            AUTH_DEFAULT_VHOST,
            AUTH_LOOPBACK_USERS,
            RAFT_ELECTION_TIMEOUT_MIN,
            RAFT_ELECTION_TIMEOUT_MAX,
            RAFT_SEGMENT_SIZE,
            RAFT_SNAPSHOT_BYTES,
            RAFT_SNAPSHOT_INTERVAL,
            RAFT_KEEP_BYTES,
            RAFT_KEEP_ENTRIES,
            RAFT_NODE_LOST_GRACE,
            RAFT_SKIP_ENTRY,
            BATCH_MAX_BYTES,
            BATCH_IN_FLIGHT,
            BATCH_PENDING_BYTES,
            BATCH_LINGER,
            BATCH_COMPRESSION,
            TRACE_MESSAGES,
            STORE_MEMTABLE_SIZE,
            STORE_MEMTABLE_COUNT,
            STORE_BLOCK_CACHE,
            STORE_BODY_CACHE,
            STORE_COMPRESSION,
            DISK_FREE_LIMIT,
            MEMORY_LIMIT,
            METRICS_HOST,
            METRICS_PORT,
            LOG_LEVEL,
            LOG_FORMAT);

    private static final Map<String, Key<?>> BY_NAME =
            ALL.stream().collect(Collectors.toUnmodifiableMap(Key::name, Function.identity()));
    private static final Map<String, Key<?>> BY_ENV =
            ALL.stream().collect(Collectors.toUnmodifiableMap(Key::env, Function.identity()));

    private ConfigKeys() {}

    public static Optional<Key<?>> byName(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    public static Optional<Key<?>> byEnv(String env) {
        return Optional.ofNullable(BY_ENV.get(env));
    }
}
