package io.tallymq.node.config;

import io.tallymq.login.CertificateName;
import io.tallymq.net.AddressBlock;
import io.tallymq.node.config.value.ClientCertificates;
import io.tallymq.node.config.value.Durations;
import io.tallymq.node.config.value.NodesEncryption;
import io.tallymq.node.config.value.Peer;
import io.tallymq.node.config.value.Sizes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Builds the {@link NodeConfig} out of settings, or adds what is wrong to their problems. */
final class ConfigReader {
    private final Settings settings;

    ConfigReader(Settings settings) {
        this.settings = settings;
    }

    /** {@code null} if there are problems. */
    NodeConfig read() {
        // All values are read before anything is built from them, so that all problems come out at once.
        ConfigKeys.ALL.forEach(settings::value);
        if (!settings.problems().isEmpty()) {
            return null;
        }
        NodeConfig config = new NodeConfig(
                cluster(),
                amqp(),
                http(),
                tls(),
                proxies(),
                auth(),
                replication(),
                storage(),
                metrics(),
                get(ObserveKeys.LOG_LEVEL),
                get(ObserveKeys.LOG_FORMAT));
        checkPeers(config.cluster());
        checkRest(config);
        return settings.problems().isEmpty() ? config : null;
    }

    private <T> T get(Key<T> key) {
        return Objects.requireNonNull(settings.value(key), key.name());
    }

    private int getInt(Key<Long> key) {
        return Math.toIntExact(get(key));
    }

    private NodeConfig.Cluster cluster() {
        String node = get(NodeKeys.NODE_NAME);
        List<Peer> peers = get(NodeKeys.CLUSTER_PEERS);
        String bindHost = settings.value(NodeKeys.CLUSTER_BIND_HOST);
        if (bindHost == null) {
            bindHost = peers.stream()
                    .filter(peer -> peer.name().equals(node))
                    .map(Peer::host)
                    .findFirst()
                    .orElse("");
        }
        return new NodeConfig.Cluster(
                get(NodeKeys.CLUSTER_NAME),
                node,
                peers,
                bindHost,
                settings.value(NodeKeys.CLUSTER_SECRET),
                settings.value(NodeKeys.CLUSTER_ORIGIN));
    }

    private NodeConfig.Amqp amqp() {
        return new NodeConfig.Amqp(
                new NodeConfig.Listen(get(AmqpKeys.HOST), get(AmqpKeys.PORT)),
                get(AmqpKeys.EVENT_LOOPS),
                get(AmqpKeys.MAX_CONNECTIONS),
                get(AmqpKeys.HANDSHAKES_PER_ADDRESS),
                getInt(AmqpKeys.OUTBOUND_BUFFER),
                get(AmqpKeys.OUTBOUND_MEMORY),
                get(AmqpKeys.WRITE_TIMEOUT),
                get(AmqpKeys.BODY_MEMORY),
                get(AmqpKeys.PUBLISH_MEMORY),
                getInt(AmqpKeys.MAX_MESSAGE_SIZE),
                get(AmqpKeys.HANDSHAKE_TIMEOUT),
                new NodeConfig.Negotiation(
                        getInt(AmqpKeys.FRAME_MAX), get(AmqpKeys.CHANNEL_MAX), get(AmqpKeys.HEARTBEAT)),
                new NodeConfig.Announced(get(AmqpKeys.SERVER_PRODUCT), get(AmqpKeys.SERVER_VERSION)));
    }

    private NodeConfig.Http http() {
        return new NodeConfig.Http(
                get(HttpKeys.ENABLED),
                new NodeConfig.Listen(get(HttpKeys.HOST), get(HttpKeys.PORT)),
                get(HttpKeys.MAX_CONNECTIONS),
                get(HttpKeys.NEWCOMERS),
                get(HttpKeys.OPEN_HEALTH_CHECKS),
                new NodeConfig.Sessions(
                        get(HttpKeys.MAX_SESSIONS), get(HttpKeys.SESSION_TIME), get(HttpKeys.SESSION_IDLE_TIME)),
                settings.value(HttpKeys.ORIGINS) == null ? List.of() : get(HttpKeys.ORIGINS));
    }

    private NodeConfig.Tls tls() {
        return new NodeConfig.Tls(
                settings.value(AccessKeys.TLS_CERTIFICATE),
                settings.value(AccessKeys.TLS_KEY),
                settings.value(AccessKeys.TLS_AUTHORITIES),
                get(AccessKeys.TLS_CLIENTS),
                loginName(),
                get(AccessKeys.TLS_AMQP_PORT),
                get(AccessKeys.TLS_HTTP_PORT),
                nodesPem());
    }

    private CertificateName loginName() {
        return new CertificateName(get(AccessKeys.TLS_LOGIN_NAME), settings.value(AccessKeys.TLS_LOGIN_RULE));
    }

    /** Null where the nodes speak plain text. */
    private NodeConfig.NodesPem nodesPem() {
        List<Peer> peers = get(NodeKeys.CLUSTER_PEERS);
        NodesEncryption chosen = get(AccessKeys.TLS_NODES);
        Peer remote =
                peers.stream().filter(peer -> !peer.isLoopback()).findFirst().orElse(null);
        if (chosen == NodesEncryption.OFF || peers.size() == 1 || chosen == NodesEncryption.AUTO && remote == null) {
            return null;
        }
        boolean own = settings.isSet(AccessKeys.TLS_NODES_CERTIFICATE) || settings.isSet(AccessKeys.TLS_NODES_KEY);
        Path certificate = settings.value(own ? AccessKeys.TLS_NODES_CERTIFICATE : AccessKeys.TLS_CERTIFICATE);
        Path key = settings.value(own ? AccessKeys.TLS_NODES_KEY : AccessKeys.TLS_KEY);
        Path authorities = settings.value(
                settings.isSet(AccessKeys.TLS_NODES_AUTHORITIES)
                        ? AccessKeys.TLS_NODES_AUTHORITIES
                        : AccessKeys.TLS_AUTHORITIES);
        if (certificate == null || key == null || authorities == null) {
            String why = chosen == NodesEncryption.ON
                    ? "the nodes are to speak TLS"
                    : "the nodes speak TLS, for " + remote + " is not on this machine";
            settings.problem(
                    AccessKeys.TLS_NODES,
                    why + ", and that takes a certificate, its key and an authority: make them with deploy/tally certs"
                            + " and set tls.certificate, tls.key and tls.authorities (or tls.nodes-certificate,"
                            + " tls.nodes-key, tls.nodes-authorities); or set tls.nodes = off on all nodes if nobody else"
                            + " can reach or read the network between them");
            return null;
        }
        return new NodeConfig.NodesPem(certificate, key, authorities);
    }

    private NodeConfig.Proxies proxies() {
        List<AddressBlock> from = settings.value(AccessKeys.PROXY_FROM);
        return new NodeConfig.Proxies(
                get(AmqpKeys.PROXY),
                get(HttpKeys.PROXY),
                get(AccessKeys.TLS_AMQP_PROXY),
                get(AccessKeys.TLS_HTTP_PROXY),
                from == null ? List.of() : from,
                get(AccessKeys.PROXY_TIMEOUT));
    }

    private NodeConfig.Auth auth() {
        return new NodeConfig.Auth(
                get(AccessKeys.AUTH_DEFAULT_USER),
                get(AccessKeys.AUTH_DEFAULT_PASSWORD),
                get(AccessKeys.AUTH_DEFAULT_VHOST),
                get(AccessKeys.AUTH_LOOPBACK_USERS));
    }

    private NodeConfig.Replication replication() {
        return new NodeConfig.Replication(
                new NodeConfig.Raft(
                        get(RaftKeys.RAFT_ELECTION_TIMEOUT_MIN),
                        get(RaftKeys.RAFT_ELECTION_TIMEOUT_MAX),
                        getInt(RaftKeys.RAFT_SEGMENT_SIZE),
                        get(RaftKeys.RAFT_SNAPSHOT_BYTES),
                        get(RaftKeys.RAFT_SNAPSHOT_INTERVAL),
                        get(RaftKeys.RAFT_KEEP_BYTES),
                        get(RaftKeys.RAFT_KEEP_ENTRIES)),
                new NodeConfig.Batch(
                        getInt(RaftKeys.BATCH_MAX_BYTES),
                        get(RaftKeys.BATCH_IN_FLIGHT),
                        getInt(RaftKeys.BATCH_PENDING_BYTES),
                        get(RaftKeys.BATCH_LINGER),
                        get(RaftKeys.BATCH_COMPRESSION)),
                get(RaftKeys.RAFT_NODE_LOST_GRACE),
                get(RaftKeys.RAFT_SKIP_ENTRY),
                get(RaftKeys.TRACE_MESSAGES));
    }

    private NodeConfig.Storage storage() {
        return new NodeConfig.Storage(
                get(NodeKeys.DATA_DIR),
                get(StoreKeys.DISK_FREE_LIMIT),
                get(StoreKeys.MEMORY_LIMIT),
                new NodeConfig.Store(
                        get(StoreKeys.STORE_MEMTABLE_SIZE),
                        get(StoreKeys.STORE_MEMTABLE_COUNT),
                        get(StoreKeys.STORE_BLOCK_CACHE),
                        get(StoreKeys.STORE_BODY_CACHE),
                        get(StoreKeys.STORE_COMPRESSION)));
    }

    private NodeConfig.Metrics metrics() {
        return new NodeConfig.Metrics(
                new NodeConfig.Listen(get(ObserveKeys.METRICS_HOST), get(ObserveKeys.METRICS_PORT)));
    }

    private void checkPeers(NodeConfig.Cluster cluster) {
        List<String> names = cluster.peers().stream().map(Peer::name).toList();
        if (!names.contains(cluster.node())) {
            settings.problem(
                    NodeKeys.CLUSTER_PEERS,
                    "the list " + names + " does not contain this node, node.name = " + cluster.node());
        }
        Set<String> seen = new HashSet<>();
        for (Peer peer : cluster.peers()) {
            if (!seen.add(peer.name())) {
                settings.problem(NodeKeys.CLUSTER_PEERS, "two peers have the name " + peer.name());
            }
            boolean anothers = cluster.peers().stream()
                    .anyMatch(p ->
                            !p.name().equals(peer.name()) && (p.id().equals(peer.id()) || p.id().equals(peer.name())));
            if (anothers) {
                settings.problem(
                        NodeKeys.CLUSTER_PEERS,
                        "the name or id of " + peer
                                + " is the id of another node: no node is ever known by another one's id");
            }
            if (!seen.add(peer.host() + ":" + peer.raftPort()) || !seen.add(peer.host() + ":" + peer.linkPort())) {
                settings.problem(NodeKeys.CLUSTER_PEERS, "an address of " + peer + " is used twice");
            }
        }
        if (cluster.peers().size() > 1 && cluster.secret() == null) {
            settings.problem(
                    NodeKeys.CLUSTER_SECRET,
                    "with more than one peer a secret is needed, the same on all nodes; openssl rand -hex 16 makes one");
        }
    }

    private void checkRest(NodeConfig config) {
        NodeConfig.Raft raft = config.replication().raft();
        if (raft.electionTimeoutMax().compareTo(raft.electionTimeoutMin()) <= 0) {
            settings.problem(
                    RaftKeys.RAFT_ELECTION_TIMEOUT_MAX,
                    "the longest timeout has to be above the shortest, "
                            + RaftKeys.RAFT_ELECTION_TIMEOUT_MIN.name() + " = "
                            + Durations.format(raft.electionTimeoutMin()));
        }
        Duration heartbeat = config.amqp().negotiation().heartbeat();
        if (heartbeat.toMillis() % 1_000 != 0) {
            settings.problem(AmqpKeys.HEARTBEAT, "AMQP counts heartbeats in whole seconds");
        }
        long message = config.amqp().maxMessageSize();
        if (config.replication().batch().pendingBytes() < 2L * message) {
            settings.problem(
                    RaftKeys.BATCH_PENDING_BYTES,
                    "two of the largest messages have to fit, " + AmqpKeys.MAX_MESSAGE_SIZE.name() + " = "
                            + Sizes.format(message));
        }
        if (config.proxies().isOn() && config.proxies().from().isEmpty()) {
            settings.problem(
                    AccessKeys.PROXY_FROM,
                    "whose PROXY headers are believed has to be said, like 10.0.0.7 or 10.1.0.0/16: who is believed says where"
                            + " clients come from");
        }
        NodeConfig.Tls tls = config.tls();
        if (tls.isOn() != (tls.key() != null)) {
            settings.problem(
                    tls.isOn() ? AccessKeys.TLS_KEY : AccessKeys.TLS_CERTIFICATE,
                    "a certificate and its key come together: one of them is not set");
        }
        if (tls.clients() != ClientCertificates.NONE && tls.authorities() == null) {
            settings.problem(
                    AccessKeys.TLS_AUTHORITIES,
                    "who may vouch for clients has to be said if they are asked for a certificate");
        }
        checkLogin(tls);
        int amqpPort = config.amqp().listen().port();
        if (amqpPort < 0 && !tls.isOn()) {
            settings.problem(AmqpKeys.PORT, "without a port, clients come by TLS: set tls.certificate and tls.key");
        }
        if (config.http().enabled() && config.http().listen().port() < 0 && !tls.isOn()) {
            settings.problem(
                    HttpKeys.PORT,
                    "without a port, the HTTP API is served by TLS: set tls.certificate and tls.key, or http.enabled = false");
        }
        if (config.http().enabled()
                && amqpPort > 0
                && amqpPort == config.http().listen().port()) {
            settings.problem(HttpKeys.PORT, "the port is " + AmqpKeys.PORT.name() + "'s already");
        }
        int metricsPort = config.metrics().listen().port();
        if (metricsPort > 0
                && (metricsPort == amqpPort
                        || config.http().enabled()
                                && metricsPort == config.http().listen().port())) {
            settings.problem(ObserveKeys.METRICS_PORT, "the port is taken by AMQP or HTTP already");
        }
    }

    /** Who says by which name certificates log in wants them to: without being asked for, none is shown. */
    private void checkLogin(NodeConfig.Tls tls) {
        if (tls.clients() != ClientCertificates.NONE) {
            return;
        }
        String why = "no client is asked for a certificate, so that nobody logs in by one: set "
                + AccessKeys.TLS_CLIENTS.name() + " = optional or required, or leave this out";
        if (tls.name().source() != CertificateName.COMMON.source()) {
            settings.problem(AccessKeys.TLS_LOGIN_NAME, why);
        }
        if (tls.name().rule() != null) {
            settings.problem(AccessKeys.TLS_LOGIN_RULE, why);
        }
    }
}
