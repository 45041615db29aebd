package io.tallymq.node.config;

import io.tallymq.net.AddressBlock;
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
                get(ConfigKeys.LOG_LEVEL),
                get(ConfigKeys.LOG_FORMAT));
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
        String node = get(ConfigKeys.NODE_NAME);
        List<Peer> peers = get(ConfigKeys.CLUSTER_PEERS);
        String bindHost = settings.value(ConfigKeys.CLUSTER_BIND_HOST);
        if (bindHost == null) {
            bindHost = peers.stream()
                    .filter(peer -> peer.name().equals(node))
                    .map(Peer::host)
                    .findFirst()
                    .orElse("");
        }
        return new NodeConfig.Cluster(
                get(ConfigKeys.CLUSTER_NAME),
                node,
                peers,
                bindHost,
                settings.value(ConfigKeys.CLUSTER_SECRET),
                settings.value(ConfigKeys.CLUSTER_ORIGIN));
    }

    private NodeConfig.Amqp amqp() {
        return new NodeConfig.Amqp(
                new NodeConfig.Listen(get(ConfigKeys.AMQP_HOST), get(ConfigKeys.AMQP_PORT)),
                get(ConfigKeys.AMQP_EVENT_LOOPS),
                get(ConfigKeys.AMQP_MAX_CONNECTIONS),
                get(ConfigKeys.AMQP_HANDSHAKES_PER_ADDRESS),
                getInt(ConfigKeys.AMQP_OUTBOUND_BUFFER),
                get(ConfigKeys.AMQP_WRITE_TIMEOUT),
                get(ConfigKeys.AMQP_BODY_MEMORY),
                get(ConfigKeys.AMQP_PUBLISH_MEMORY),
                getInt(ConfigKeys.AMQP_MAX_MESSAGE_SIZE),
                get(ConfigKeys.AMQP_HANDSHAKE_TIMEOUT),
                new NodeConfig.Negotiation(
                        getInt(ConfigKeys.AMQP_FRAME_MAX),
                        get(ConfigKeys.AMQP_CHANNEL_MAX),
                        get(ConfigKeys.AMQP_HEARTBEAT)));
    }

    private NodeConfig.Http http() {
        return new NodeConfig.Http(
                get(ConfigKeys.HTTP_ENABLED),
                new NodeConfig.Listen(get(ConfigKeys.HTTP_HOST), get(ConfigKeys.HTTP_PORT)),
                get(ConfigKeys.HTTP_MAX_CONNECTIONS),
                get(ConfigKeys.HTTP_OPEN_HEALTH_CHECKS),
                new NodeConfig.Sessions(
                        get(ConfigKeys.HTTP_MAX_SESSIONS),
                        get(ConfigKeys.HTTP_SESSION_TIME),
                        get(ConfigKeys.HTTP_SESSION_IDLE_TIME)));
    }

    private NodeConfig.Tls tls() {
        return new NodeConfig.Tls(
                settings.value(ConfigKeys.TLS_CERTIFICATE),
                settings.value(ConfigKeys.TLS_KEY),
                settings.value(ConfigKeys.TLS_AUTHORITIES),
                get(ConfigKeys.TLS_CLIENTS),
                get(ConfigKeys.TLS_AMQP_PORT),
                get(ConfigKeys.TLS_HTTP_PORT),
                nodesPem());
    }

    /** Null where the nodes speak plain text. */
    private NodeConfig.NodesPem nodesPem() {
        List<Peer> peers = get(ConfigKeys.CLUSTER_PEERS);
        NodesEncryption chosen = get(ConfigKeys.TLS_NODES);
        Peer remote =
                peers.stream().filter(peer -> !peer.isLoopback()).findFirst().orElse(null);
        if (chosen == NodesEncryption.OFF || peers.size() == 1 || chosen == NodesEncryption.AUTO && remote == null) {
            return null;
        }
        boolean own = settings.isSet(ConfigKeys.TLS_NODES_CERTIFICATE) || settings.isSet(ConfigKeys.TLS_NODES_KEY);
        Path certificate = settings.value(own ? ConfigKeys.TLS_NODES_CERTIFICATE : ConfigKeys.TLS_CERTIFICATE);
        Path key = settings.value(own ? ConfigKeys.TLS_NODES_KEY : ConfigKeys.TLS_KEY);
        Path authorities = settings.value(
                settings.isSet(ConfigKeys.TLS_NODES_AUTHORITIES)
                        ? ConfigKeys.TLS_NODES_AUTHORITIES
                        : ConfigKeys.TLS_AUTHORITIES);
        if (certificate == null || key == null || authorities == null) {
            String why = chosen == NodesEncryption.ON
                    ? "the nodes are to speak TLS"
                    : "the nodes speak TLS, for " + remote + " is not on this machine";
            settings.problem(
                    ConfigKeys.TLS_NODES,
                    why + ", and that takes a certificate, its key and an authority: make them with deploy/tally certs"
                            + " and set tls.certificate, tls.key and tls.authorities (or tls.nodes-certificate,"
                            + " tls.nodes-key, tls.nodes-authorities); or set tls.nodes = off on all nodes if nobody else"
                            + " can reach or read the network between them");
            return null;
        }
        return new NodeConfig.NodesPem(certificate, key, authorities);
    }

    private NodeConfig.Proxies proxies() {
        List<AddressBlock> from = settings.value(ConfigKeys.PROXY_FROM);
        return new NodeConfig.Proxies(
                get(ConfigKeys.AMQP_PROXY),
                get(ConfigKeys.HTTP_PROXY),
                get(ConfigKeys.TLS_AMQP_PROXY),
                get(ConfigKeys.TLS_HTTP_PROXY),
                from == null ? List.of() : from,
                get(ConfigKeys.PROXY_TIMEOUT));
    }

    private NodeConfig.Auth auth() {
        return new NodeConfig.Auth(
                get(ConfigKeys.AUTH_DEFAULT_USER),
                get(ConfigKeys.AUTH_DEFAULT_PASSWORD),
                get(ConfigKeys.AUTH_DEFAULT_VHOST),
                get(ConfigKeys.AUTH_LOOPBACK_USERS));
    }

    private NodeConfig.Replication replication() {
        return new NodeConfig.Replication(
                new NodeConfig.Raft(
                        get(ConfigKeys.RAFT_ELECTION_TIMEOUT_MIN),
                        get(ConfigKeys.RAFT_ELECTION_TIMEOUT_MAX),
                        getInt(ConfigKeys.RAFT_SEGMENT_SIZE),
                        get(ConfigKeys.RAFT_SNAPSHOT_BYTES),
                        get(ConfigKeys.RAFT_SNAPSHOT_INTERVAL),
                        get(ConfigKeys.RAFT_KEEP_BYTES),
                        get(ConfigKeys.RAFT_KEEP_ENTRIES)),
                new NodeConfig.Batch(
                        getInt(ConfigKeys.BATCH_MAX_BYTES),
                        get(ConfigKeys.BATCH_IN_FLIGHT),
                        getInt(ConfigKeys.BATCH_PENDING_BYTES),
                        get(ConfigKeys.BATCH_LINGER),
                        get(ConfigKeys.BATCH_COMPRESSION)),
                get(ConfigKeys.RAFT_NODE_LOST_GRACE),
                get(ConfigKeys.RAFT_SKIP_ENTRY),
                get(ConfigKeys.TRACE_MESSAGES));
    }

    private NodeConfig.Storage storage() {
        return new NodeConfig.Storage(
                get(ConfigKeys.DATA_DIR),
                get(ConfigKeys.DISK_FREE_LIMIT),
                get(ConfigKeys.MEMORY_LIMIT),
                new NodeConfig.Store(
                        get(ConfigKeys.STORE_MEMTABLE_SIZE),
                        get(ConfigKeys.STORE_MEMTABLE_COUNT),
                        get(ConfigKeys.STORE_BLOCK_CACHE),
                        get(ConfigKeys.STORE_BODY_CACHE),
                        get(ConfigKeys.STORE_COMPRESSION)));
    }

    private NodeConfig.Metrics metrics() {
        return new NodeConfig.Metrics(
                new NodeConfig.Listen(get(ConfigKeys.METRICS_HOST), get(ConfigKeys.METRICS_PORT)));
    }

    private void checkPeers(NodeConfig.Cluster cluster) {
        List<String> names = cluster.peers().stream().map(Peer::name).toList();
        if (!names.contains(cluster.node())) {
            settings.problem(
                    ConfigKeys.CLUSTER_PEERS,
                    "the list " + names + " does not contain this node, node.name = " + cluster.node());
        }
        Set<String> seen = new HashSet<>();
        for (Peer peer : cluster.peers()) {
            if (!seen.add(peer.name())) {
                settings.problem(ConfigKeys.CLUSTER_PEERS, "two peers have the name " + peer.name());
            }
            boolean anothers = cluster.peers().stream()
                    .anyMatch(p ->
                            !p.name().equals(peer.name()) && (p.id().equals(peer.id()) || p.id().equals(peer.name())));
            if (anothers) {
                settings.problem(
                        ConfigKeys.CLUSTER_PEERS,
                        "the name or id of " + peer
                                + " is the id of another node: no node is ever known by another one's id");
            }
            if (!seen.add(peer.host() + ":" + peer.raftPort()) || !seen.add(peer.host() + ":" + peer.linkPort())) {
                settings.problem(ConfigKeys.CLUSTER_PEERS, "an address of " + peer + " is used twice");
            }
        }
        if (cluster.peers().size() > 1 && cluster.secret() == null) {
            settings.problem(
                    ConfigKeys.CLUSTER_SECRET,
                    "with more than one peer a secret is needed, the same on all nodes; openssl rand -hex 16 makes one");
        }
    }

    private void checkRest(NodeConfig config) {
        NodeConfig.Raft raft = config.replication().raft();
        if (raft.electionTimeoutMax().compareTo(raft.electionTimeoutMin()) <= 0) {
            settings.problem(
                    ConfigKeys.RAFT_ELECTION_TIMEOUT_MAX,
                    "the longest timeout has to be above the shortest, "
                            + ConfigKeys.RAFT_ELECTION_TIMEOUT_MIN.name() + " = "
                            + Durations.format(raft.electionTimeoutMin()));
        }
        Duration heartbeat = config.amqp().negotiation().heartbeat();
        if (heartbeat.toMillis() % 1_000 != 0) {
            settings.problem(ConfigKeys.AMQP_HEARTBEAT, "AMQP counts heartbeats in whole seconds");
        }
        long message = config.amqp().maxMessageSize();
        if (config.replication().batch().pendingBytes() < 2L * message) {
            settings.problem(
                    ConfigKeys.BATCH_PENDING_BYTES,
                    "two of the largest messages have to fit, " + ConfigKeys.AMQP_MAX_MESSAGE_SIZE.name() + " = "
                            + Sizes.format(message));
        }
        if (config.proxies().isOn() && config.proxies().from().isEmpty()) {
            settings.problem(
                    ConfigKeys.PROXY_FROM,
                    "whose PROXY headers are believed has to be said, like 10.0.0.7 or 10.1.0.0/16: who is believed says where"
                            + " clients come from");
        }
        NodeConfig.Tls tls = config.tls();
        if (tls.isOn() != (tls.key() != null)) {
            settings.problem(
                    tls.isOn() ? ConfigKeys.TLS_KEY : ConfigKeys.TLS_CERTIFICATE,
                    "a certificate and its key come together: one of them is not set");
        }
        if (tls.clients() != ClientCertificates.NONE && tls.authorities() == null) {
            settings.problem(
                    ConfigKeys.TLS_AUTHORITIES,
                    "who may vouch for clients has to be said if they are asked for a certificate");
        }
        int amqpPort = config.amqp().listen().port();
        if (config.http().enabled()
                && amqpPort != 0
                && amqpPort == config.http().listen().port()) {
            settings.problem(ConfigKeys.HTTP_PORT, "the port is " + ConfigKeys.AMQP_PORT.name() + "'s already");
        }
        int metricsPort = config.metrics().listen().port();
        if (metricsPort > 0
                && (metricsPort == amqpPort
                        || config.http().enabled()
                                && metricsPort == config.http().listen().port())) {
            settings.problem(ConfigKeys.METRICS_PORT, "the port is taken by AMQP or HTTP already");
        }
    }
}
