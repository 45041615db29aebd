package io.tallymq.node.config;

import io.tallymq.login.CertificateName;
import io.tallymq.net.AddressBlock;
import io.tallymq.net.ProxyRule;
import io.tallymq.node.config.value.ClientCertificates;
import io.tallymq.node.config.value.Compression;
import io.tallymq.node.config.value.LogFormat;
import io.tallymq.node.config.value.LogLevel;
import io.tallymq.node.config.value.MemoryLimit;
import io.tallymq.node.config.value.Peer;
import io.tallymq.node.config.value.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a node was told, checked. Sizes are bytes; {@link ConfigKeys} explains each value and its limits.
 *
 * @param logLevel how much is logged
 * @param logFormat as what it is written
 */
public record NodeConfig(
        Cluster cluster,
        Amqp amqp,
        Http http,
        Tls tls,
        Proxies proxies,
        Auth auth,
        Replication replication,
        Storage storage,
        Metrics metrics,
        LogLevel logLevel,
        LogFormat logFormat) {
    /** Free bytes that a start needs: for one memtable and one file of the log. */
    public long startRoom() {
        return storage.store().memtableSize() + replication.raft().segmentSize();
    }

    /**
     * Who the nodes are.
     *
     * @param node this node's name, one of the peers'
     * @param bindHost where this node listens for the others
     * @param secret what proves a node to the others; {@code null} only if there is one peer and none was given
     * @param origin which restore the cluster comes from; {@code null} if that was not said
     */
    public record Cluster(String name, String node, List<Peer> peers, String bindHost, Secret secret, String origin) {
        public Cluster {
            peers = List.copyOf(peers);
        }

        /** This node as the others reach it. */
        public Peer self() {
            return peers.stream().filter(p -> p.name().equals(node)).findFirst().orElseThrow();
        }
    }

    /**
     * Where connections begin with a proxy's header, if they come from a proxy.
     *
     * @param from whose headers are believed
     * @param timeout for a header
     */
    public record Proxies(
            boolean amqp, boolean http, boolean tlsAmqp, boolean tlsHttp, List<AddressBlock> from, Duration timeout) {
        public Proxies {
            from = List.copyOf(from);
        }

        /** That of a port. */
        public ProxyRule rule(boolean on) {
            return on ? new ProxyRule(from, timeout) : ProxyRule.NONE;
        }

        boolean isOn() {
            return amqp || http || tlsAmqp || tlsHttp;
        }
    }

    /** An address to listen on; port 0 lets the system choose. */
    public record Listen(String host, int port) {}

    /**
     * Serving AMQP clients.
     *
     * @param eventLoops threads; 0 means one per processor
     */
    public record Amqp(
            Listen listen,
            int eventLoops,
            int maxConnections,
            int handshakesPerAddress,
            int outboundBuffer,
            long outboundMemory,
            Duration writeTimeout,
            long bodyMemory,
            long publishMemory,
            int maxMessageSize,
            Duration handshakeTimeout,
            Negotiation negotiation,
            Announced announced) {}

    /**
     * What clients are told that they have met.
     *
     * @param product its name
     * @param version of the RabbitMQ that it is like
     */
    public record Announced(String product, String version) {}

    /**
     * What is offered in connection.tune.
     *
     * @param heartbeat whole seconds, zero for none
     */
    public record Negotiation(int frameMax, int channelMax, Duration heartbeat) {}

    /**
     * Serving the HTTP API.
     *
     * @param openHealthChecks whether checks that tell nothing but "yes" need no login
     * @param origins under which a reverse proxy shows the page
     */
    public record Http(
            boolean enabled,
            Listen listen,
            int maxConnections,
            int newcomers,
            boolean openHealthChecks,
            Sessions sessions,
            List<String> origins) {}

    /**
     * Logins to the page.
     *
     * @param time after which one ends
     * @param idle time after which one ends that is not used
     */
    public record Sessions(int most, Duration time, Duration idle) {}

    /**
     * Serving Prometheus on a port of its own, without a login.
     *
     * @param listen its port is -1 for none
     */
    public record Metrics(Listen listen) {}

    /**
     * Serving clients by TLS, on ports of their own.
     *
     * @param certificate null for none: then nobody is
     * @param authorities null for those that the JDK trusts
     * @param name by which a client's certificate logs in
     * @param nodes between the nodes; null for plain text
     */
    public record Tls(
            Path certificate,
            Path key,
            Path authorities,
            ClientCertificates clients,
            CertificateName name,
            int amqpPort,
            int httpPort,
            NodesPem nodes) {
        public boolean isOn() {
            return certificate != null;
        }
    }

    /** What a node shows the others by TLS, and whose certificates it takes from them. */
    public record NodesPem(Path certificate, Path key, Path authorities) {}

    /** The user of a fresh cluster, a virtual host of his beside the first, and who may log in from this machine only. */
    public record Auth(String defaultUser, Secret defaultPassword, String defaultVhost, List<String> loopbackUsers) {
        public Auth {
            loopbackUsers = List.copyOf(loopbackUsers);
        }
    }

    /**
     * How commands travel through the log.
     *
     * @param skipEntry -1 for none
     * @param traces messages whose times are kept
     */
    public record Replication(Raft raft, Batch batch, Duration nodeLostGrace, long skipEntry, int traces) {}

    /** The replicated log. */
    public record Raft(
            Duration electionTimeoutMin,
            Duration electionTimeoutMax,
            int segmentSize,
            long snapshotBytes,
            Duration snapshotInterval,
            long keepBytes,
            int keepEntries) {}

    /**
     * How a node's commands are gathered.
     *
     * @param maxBytes soft target of a batch
     * @param inFlight batches on their way at one time
     * @param pendingBytes of commands waiting in memory
     * @param linger what a batch waits for more under load
     * @param compression on the way to the other nodes and in the log
     */
    public record Batch(int maxBytes, int inFlight, int pendingBytes, Duration linger, Compression compression) {}

    /**
     * What is on this node's disk and in its memory.
     *
     * @param diskFreeLimit with less free space publishers are blocked
     * @param memoryLimit with more bytes resident they are
     */
    public record Storage(Path dataDir, long diskFreeLimit, MemoryLimit memoryLimit, Store store) {
        /** Publishers go on with a tenth more room than the limit, else a compaction would block them again. */
        private static final long RELIEF_PART = 10;

        /** Free space with which the alarm of a limit ends. */
        public static long reliefAt(long limit) {
            return limit + limit / RELIEF_PART;
        }

        /** Free space below which the store gives back what removed messages take. */
        public long diskFreeRelief() {
            return reliefAt(diskFreeLimit);
        }
    }

    /** The message store. */
    public record Store(
            long memtableSize, int memtableCount, long blockCache, long bodyCache, Compression compression) {}
}
