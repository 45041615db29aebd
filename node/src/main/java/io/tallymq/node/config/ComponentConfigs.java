package io.tallymq.node.config;

import io.tallymq.admin.request.AdminConfig;
import io.tallymq.amqp.config.AmqpServerConfig;
import io.tallymq.amqp.config.FlowLimits;
import io.tallymq.amqp.config.OutboundLimits;
import io.tallymq.amqp.config.ProtocolLimits;
import io.tallymq.amqp.config.PublishLimits;
import io.tallymq.amqp.config.ServerIdentity;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.view.AccessView;
import io.tallymq.login.Logins;
import io.tallymq.net.NodesTls;
import io.tallymq.node.config.value.Compression;
import io.tallymq.node.config.value.Peer;
import io.tallymq.raft.cluster.Fencing;
import io.tallymq.raft.log.config.ClusterName;
import io.tallymq.raft.log.config.ElectionTuning;
import io.tallymq.raft.log.config.LinkTuning;
import io.tallymq.raft.log.config.LogAmount;
import io.tallymq.raft.log.config.LogTuning;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.log.config.SnapshotTuning;
import io.tallymq.raft.session.RuntimeTuning;
import io.tallymq.store.RocksStoreConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A {@link NodeConfig} in the words of the parts a node is built from. */
public final class ComponentConfigs {
    /** A cluster of one node may have no secret; nobody is there to prove it to. */
    private static final String NO_SECRET = "";

    /** Deliveries go on when the socket has taken three quarters of what made them wait. */
    private static final int LOW_PART = 4;

    /** A client that sends much and reads nothing is not read any more at eight times the mark. */
    private static final int STOP_FACTOR = 8;

    /** A leader that reaches no majority for twice the longest election timeout has been replaced. */
    private static final int STEP_DOWN_FACTOR = 2;

    private final NodeConfig config;
    private final DescriptorPlan descriptors;

    public ComponentConfigs(NodeConfig config, DescriptorPlan descriptors) {
        this.config = config;
        this.descriptors = descriptors;
    }

    /**
     * The log's.
     *
     * @param directory the log's own
     * @param origin of a cluster that was restored, else ""
     */
    public RaftNodeConfig raft(Path directory, String origin) {
        NodeConfig.Cluster cluster = config.cluster();
        Peer self = cluster.self();
        List<RaftNodeConfig.Peer> peers = cluster.peers().stream()
                .map(p -> new RaftNodeConfig.Peer(p.id(), p.name(), p.host(), p.raftPort(), p.linkPort()))
                .toList();
        return new RaftNodeConfig(
                ClusterName.of(cluster.name(), origin),
                self.id(),
                peers,
                new RaftNodeConfig.Bind(cluster.bindHost(), self.raftPort(), self.linkPort()),
                directory,
                cluster.secret() == null ? NO_SECRET : cluster.secret().reveal(),
                raftTuning());
    }

    /**
     * How this node and the others know each other; null for plain text.
     *
     * @throws IOException when the files can't be used
     */
    public NodesTls nodesTls() throws IOException {
        NodeConfig.NodesPem pem = config.tls().nodes();
        if (pem == null) {
            return null;
        }
        Set<String> names = new TreeSet<>();
        for (Peer peer : config.cluster().peers()) {
            names.addAll(List.of(peer.host(), peer.name(), peer.id()));
        }
        return new NodesTls(
                new NodesTls.Pem(pem.certificate(), pem.key(), pem.authorities()),
                new NodesTls.Members(config.cluster().self().host(), names));
    }

    private RaftTuning raftTuning() {
        NodeConfig.Raft raft = config.replication().raft();
        Duration longest = raft.electionTimeoutMax();
        ElectionTuning election = new ElectionTuning(
                raft.electionTimeoutMin(),
                longest,
                longest.multipliedBy(STEP_DOWN_FACTOR),
                ElectionTuning.DEFAULTS.stagger(),
                ElectionTuning.DEFAULTS.closeThreshold());
        SnapshotTuning usual = SnapshotTuning.DEFAULTS;
        long trigger = raft.snapshotBytes();
        SnapshotTuning snapshot = usual.withTrigger(
                        new LogAmount(trigger, usual.trigger().entries()))
                .withTriggerEvery(raft.snapshotInterval())
                .withForce(new LogAmount(
                        Math.max(usual.force().bytes(), trigger), usual.force().entries()))
                .withKeep(new LogAmount(raft.keepBytes(), raft.keepEntries()));
        LinkTuning link = LinkTuning.DEFAULTS;
        return RaftTuning.DEFAULTS
                .withLink(link.withLease(
                                Fencing.of(config.replication().nodeLostGrace()).lease())
                        .withStrangers(descriptors.strangers()))
                .withElection(election)
                .withLog(LogTuning.DEFAULTS.withSegmentBytes(raft.segmentSize()))
                .withSnapshot(snapshot);
    }

    public RuntimeTuning runtime() {
        NodeConfig.Batch batch = config.replication().batch();
        RuntimeTuning usual = RuntimeTuning.DEFAULTS;
        RuntimeTuning.Timing timing = usual.timing();
        return usual.withBatches(new RuntimeTuning.Batches(
                        batch.maxBytes(),
                        usual.batches().hard(),
                        batch.inFlight(),
                        usual.batches().inFlightBytes(),
                        batch.pendingBytes(),
                        batch.linger(),
                        batch.compression() == Compression.LZ4))
                .withTiming(new RuntimeTuning.Timing(
                        timing.tick(),
                        timing.blockedAfter(),
                        config.replication().nodeLostGrace(),
                        timing.resendAfter(),
                        timing.retryAfter()))
                .withTraces(config.replication().traces())
                .withSkipEntry(config.replication().skipEntry());
    }

    /** @param directory the store's own */
    public RocksStoreConfig store(Path directory) {
        NodeConfig.Store store = config.storage().store();
        NodeConfig.Raft raft = config.replication().raft();
        long log = raft.snapshotBytes()
                + raft.segmentSize()
                + config.replication().batch().pendingBytes();
        return new RocksStoreConfig(
                directory,
                store.memtableSize(),
                store.memtableCount(),
                RocksStoreConfig.MEMTABLES_TO_MERGE,
                store.blockCache(),
                store.bodyCache(),
                descriptors.storeFiles(),
                log,
                config.storage().diskFreeRelief(),
                store.compression() == Compression.LZ4);
    }

    public AmqpServerConfig amqp() {
        NodeConfig.Amqp amqp = config.amqp();
        NodeConfig.Negotiation offer = amqp.negotiation();
        int high = amqp.outboundBuffer();
        ProtocolLimits protocol = ProtocolLimits.defaults()
                .withFrameMax(offer.frameMax())
                .withChannelMax(offer.channelMax())
                .withHeartbeat(Math.toIntExact(offer.heartbeat().toSeconds()))
                .withHandshakesPerAddress(handshakesPerAddress())
                .withHandshakeTimeout(Math.toIntExact(amqp.handshakeTimeout().toMillis()))
                .withMaxMessageSize(amqp.maxMessageSize());
        FlowLimits flow = new FlowLimits(
                descriptors.amqp(),
                FlowLimits.channelsOf(Runtime.getRuntime().maxMemory()),
                new OutboundLimits(
                        high / LOW_PART,
                        high,
                        high * STOP_FACTOR,
                        amqp.outboundMemory(),
                        Math.toIntExact(amqp.writeTimeout().toMillis()),
                        OutboundLimits.DEFAULT_PATIENCE),
                amqp.bodyMemory(),
                new PublishLimits(amqp.publishMemory(), PublishLimits.DEFAULT_PATIENCE),
                FlowLimits.DEFAULT_CLOSE_TIMEOUT);
        return new AmqpServerConfig(
                amqp.listen().host(),
                amqp.listen().port(),
                protocol,
                flow,
                new ServerIdentity(
                        amqp.announced().product(),
                        amqp.announced().version(),
                        ConfigCommand.version(),
                        config.cluster().name()));
    }

    /** Whatever is configured, half of the places are for others. */
    private int handshakesPerAddress() {
        return Math.min(config.amqp().handshakesPerAddress(), Math.max(1, descriptors.amqp() / 2));
    }

    public AdminConfig admin() {
        NodeConfig.Http http = config.http();
        int newcomers = Math.min(http.newcomers(), Math.max(1, descriptors.http() / 2));
        return AdminConfig.of(
                        http.listen().host(), http.enabled() ? http.listen().port() : -1, ConfigCommand.version())
                .withRabbitVersion(config.amqp().announced().version())
                .withOpenHealthChecks(http.openHealthChecks())
                .withOrigins(http.origins())
                .withSessions(new AdminConfig.SessionLimits(
                        http.sessions().most(),
                        AdminConfig.SessionLimits.DEFAULT.mostOfUser(),
                        http.sessions().time(),
                        http.sessions().idle()))
                .withLimits(AdminConfig.Limits.DEFAULT
                        .withConnections(descriptors.http(), newcomers)
                        .withMessageBytes(config.amqp().maxMessageSize()));
    }

    /**
     * Who may log in.
     *
     * @param log completes with true when this node has applied all that was confirmed before
     * @param changes takes what is to be replicated
     */
    public Logins logins(
            Supplier<AccessView> access, Supplier<CompletableFuture<Boolean>> log, Consumer<Change> changes) {
        NodeConfig.Auth auth = config.auth();
        return new Logins(
                access,
                auth.defaultUser(),
                auth.defaultPassword().reveal(),
                Set.copyOf(auth.loopbackUsers()),
                log,
                changes);
    }
}
