package io.tallymq.node;

import io.netty.handler.ssl.ClientAuth;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.tallymq.admin.AdminServer;
import io.tallymq.admin.request.ActionNotes;
import io.tallymq.admin.request.AdminRoute;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.NodeStats;
import io.tallymq.admin.stats.JvmNodeStats;
import io.tallymq.amqp.AmqpServer;
import io.tallymq.amqp.session.ConnectionRegistry;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.NoteAction;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.UnknownFormatException;
import io.tallymq.login.LoginTally;
import io.tallymq.login.Logins;
import io.tallymq.net.NodesTls;
import io.tallymq.net.TlsIdentity;
import io.tallymq.node.backup.BackupException;
import io.tallymq.node.backup.ClusterOrigin;
import io.tallymq.node.backup.DataLayout;
import io.tallymq.node.backup.RunningBackup;
import io.tallymq.node.config.ComponentConfigs;
import io.tallymq.node.config.ConfigCommand;
import io.tallymq.node.config.DescriptorPlan;
import io.tallymq.node.config.NodeConfig;
import io.tallymq.node.metrics.RabbitMetrics;
import io.tallymq.raft.RaftBroker;
import io.tallymq.raft.log.FatalHandler;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.vitals.NodeVitals;
import io.tallymq.store.StoreException;
import io.tallymq.timer.Timers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One node, all of it: started in order, closed in reverse. */
public final class Node implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    /** Between two looks at whether the files of the certificate have changed. */
    private static final long RELOAD_SECONDS = 10;

    private final NodeConfig config;
    private final FatalHandler fatal;
    private final Timers timers = new Timers();
    private RocksStores stores;
    private RaftBroker broker;
    private RunningBackup backup;
    private volatile AmqpServer amqp;
    private volatile AdminServer admin;
    private DiskWatch diskWatch;
    private RestingHeap restingHeap;
    private Logins logins;
    private final LoginTally tally = new LoginTally();
    private Founding founding;
    private volatile TlsIdentity identity;
    /** The same towards HTTP's clients, who are not asked for certificates: nobody logs in with one there. */
    private volatile TlsIdentity pages;

    private volatile NodesTls nodesTls;
    private ScheduledExecutorService reloading;
    private DescriptorPlan descriptors;
    private int httpPort = -1;

    /** @param fatal told once, on any thread, when the node can't go on: the process has to end */
    public Node(NodeConfig config, FatalHandler fatal) {
        this.config = config;
        this.fatal = fatal;
    }

    /**
     * Starts everything. Returns when clients can connect; they are served as soon as a majority of the nodes is there.
     *
     * @throws NodeStartException says what is wrong and what to do; {@link #close} afterwards
     */
    public void start() throws NodeStartException {
        Path data = config.storage().dataDir();
        descriptors = planDescriptors(config);
        ComponentConfigs parts = new ComponentConfigs(config, descriptors);
        DataDirectory.prepare(data);
        DataDirectory.requireRoom(data, config.startRoom());
        try {
            stores = new RocksStores(parts.store(data.resolve(DataLayout.STORE)));
            nodesTls = parts.nodesTls();
            Path logDirectory = data.resolve(DataLayout.LOG);
            String origin = origin(logDirectory);
            RaftNodeConfig log = parts.raft(logDirectory, origin).withTls(nodesTls);
            broker = new RaftBroker(new RaftBroker.Parts(log, stores, parts.runtime(), fatal));
            broker.start();
            backup = new RunningBackup(config, origin, this::noteBackup, broker::copy);
            readCertificatesAgain();
            watchDisk(data);
            startLogins(parts);
            amqp = new AmqpServer(
                    parts.amqp(),
                    config.amqp().eventLoops(),
                    broker,
                    new ClientLogins(logins, tally, config.tls().name()));
            NodeConfig.Proxies proxies = config.proxies();
            amqp.proxies(proxies.rule(proxies.amqp()), proxies.rule(proxies.tlsAmqp()));
            startTls();
            amqp.start();
            startAdmin(data, parts);
        } catch (RaftStartException e) {
            throw new NodeStartException(e.getMessage(), e, e.isDamage());
        } catch (StoreException e) {
            throw new NodeStartException(e.getMessage(), e, e.isDamage());
        } catch (UnknownFormatException | IOException e) {
            throw new NodeStartException(e.getMessage(), e);
        }
        LOG.info(
                "Node {} of cluster {} serves AMQP on port {} and HTTP on port {}, metrics on port {}; -1 is none",
                config.cluster().node(),
                config.cluster().name(),
                amqp.port(),
                httpPort,
                metricsPort());
    }

    private String origin(Path logDirectory) throws NodeStartException {
        try {
            String origin = ClusterOrigin.of(config, logDirectory);
            if (!origin.isEmpty()) {
                LOG.info(
                        "Cluster {} was restored from a backup, its origin is {}",
                        config.cluster().name(),
                        origin);
            }
            return origin;
        } catch (BackupException e) {
            throw new NodeStartException(e.getMessage(), e);
        }
    }

    /** What the parts of a node are told, for who works on its data without one. */
    public static ComponentConfigs parts(NodeConfig config) throws NodeStartException {
        return new ComponentConfigs(config, planDescriptors(config));
    }

    static DescriptorPlan planDescriptors(NodeConfig config) throws NodeStartException {
        try {
            int processors = Runtime.getRuntime().availableProcessors();
            DescriptorPlan plan = DescriptorPlan.of(JvmNodeStats.filesLimit(), processors, config);
            if (plan.isCut(config)) {
                LOG.warn(
                        "{}, fewer than are configured: raise the limit (ulimit -n, LimitNOFILE=), or lower"
                                + " amqp.max-connections and http.max-connections to what fits",
                        plan);
            } else {
                LOG.info("{}", plan);
            }
            return plan;
        } catch (IllegalArgumentException e) {
            throw new NodeStartException(e.getMessage(), e);
        }
    }

    /** Before clients can connect: a node that starts with too little room begins with its alarm. */
    private void watchDisk(Path data) {
        JvmNodeStats own = new JvmNodeStats(machineWatch(data), List.of(), ClientTraffic.NONE);
        diskWatch = new DiskWatch(
                own::diskFree,
                config.storage().diskFreeLimit(),
                new MachineLook(
                        own::machine,
                        new MemoryAlarm(JvmNodeStats::residentBytes, memoryLimit(), OldGeneration::mark),
                        HeapAlarm.ofThisProcess(),
                        this::clients,
                        this::certificateEnd,
                        broker::vitals),
                timers);
        diskWatch.start();
        restingHeap = RestingHeap.watch(timers);
    }

    /** What this node's clients did; null before they can connect. */
    private NodeVitals.Clients clients() {
        AmqpServer serving = amqp;
        if (serving == null) {
            return null;
        }
        ConnectionRegistry.Totals t = serving.registry().totals();
        return new NodeVitals.Clients(
                t.connectionsCreated(),
                t.connectionsClosed(),
                t.channelsCreated(),
                t.channelsClosed(),
                serving.registry().confirmed());
    }

    /** Of the first that clients or nodes are shown, milliseconds since the epoch; 0 for none. */
    private long certificateEnd() {
        return Stream.of(identity == null ? null : identity.end(), nodesTls == null ? null : nodesTls.end())
                .filter(Objects::nonNull)
                .mapToLong(Instant::toEpochMilli)
                .min()
                .orElse(0);
    }

    /** Clients may come by TLS, too; the certificate is looked at now and then. */
    private void startTls() throws IOException {
        NodeConfig.Tls tls = config.tls();
        if (!tls.isOn()) {
            return;
        }
        identity = identity(
                switch (tls.clients()) {
                    case NONE -> ClientAuth.NONE;
                    case OPTIONAL -> ClientAuth.OPTIONAL;
                    case REQUIRED -> ClientAuth.REQUIRE;
                });
        pages = identity(ClientAuth.NONE);
        amqp.secure(config.amqp().listen().host(), tls.amqpPort(), identity);
    }

    private TlsIdentity identity(ClientAuth clients) throws IOException {
        NodeConfig.Tls tls = config.tls();
        return new TlsIdentity(new TlsIdentity.Pem(tls.certificate(), tls.key(), tls.authorities(), clients));
    }

    private void readCertificatesAgain() {
        if (!config.tls().isOn() && nodesTls == null) {
            return;
        }
        reloading = Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("tls-files", true));
        var unused = timers.every(
                reloading, RELOAD_SECONDS, TimeUnit.SECONDS, "looking at certificates", this::lookAtCertificates);
    }

    /** Reads those certificates again whose files have changed; done by itself every 10 s. */
    public synchronized void lookAtCertificates() {
        if (pages != null) { // the last that is made
            identity.reloadIfChanged();
            pages.reloadIfChanged();
        }
        if (nodesTls != null) {
            nodesTls.reloadIfChanged();
        }
    }

    private void startLogins(ComponentConfigs parts) {
        NodeConfig.Auth auth = config.auth();
        logins = parts.logins(broker::access, this::hasAllThatWasConfirmed, this::administer);
        founding = new Founding(
                broker,
                timers,
                auth.defaultUser(),
                auth.defaultPassword().reveal(),
                auth.defaultVhost(),
                this::administer);
        founding.start();
    }

    private CompletableFuture<Boolean> hasAllThatWasConfirmed() {
        return broker.submit(new Probe(false)).thenApply(Reply.Probed.class::isInstance);
    }

    /** Who takes a backup has all messages and all passwords' hashes: the list of changes tells of it first. */
    private CompletableFuture<Boolean> noteBackup(ApiRequest by) {
        String of = "node '" + config.cluster().node() + "'";
        return ActionNotes.note(broker, by, new NoteAction("backup.take", of, "", true))
                .thenCompose(noted -> noted ? hasAllThatWasConfirmed() : CompletableFuture.completedFuture(false));
    }

    /** What the node itself changes. */
    private void administer(Change change) {
        broker.submit(new Administer("node " + config.cluster().node(), "", change));
    }

    private JvmNodeStats.Watch machineWatch(Path data) {
        return new JvmNodeStats.Watch(
                config.cluster().node(), data, memoryLimit(), config.storage().diskFreeLimit());
    }

    /** Bytes resident that this node may have. */
    private long memoryLimit() {
        return config.storage().memoryLimit().of(JvmNodeStats.memoryTotal());
    }

    private RabbitMetrics.Versions versions() {
        return new RabbitMetrics.Versions(
                ConfigCommand.version(), config.amqp().announced().version());
    }

    private void startAdmin(Path data, ComponentConfigs parts) throws IOException {
        NodeConfig.Listen open = config.metrics().listen();
        if (!config.http().enabled() && open.port() < 0) {
            return;
        }
        JvmNodeStats own = new JvmNodeStats(machineWatch(data), this::listeners, new LocalTraffic(amqp.registry()));
        NodeStats stats = new ClusterNodeStats(own, broker, descriptors.amqp(), tally);
        NodeMetrics metrics = new NodeMetrics(
                broker,
                stores,
                amqp,
                new RabbitMetrics(broker, amqp.registry(), stats, descriptors.amqp(), versions()));
        admin = new AdminServer(parts.admin(), broker, new HttpLogins(logins, tally), stats, routes(metrics));
        NodeConfig.Proxies proxies = config.proxies();
        admin.proxies(proxies.rule(proxies.http()), proxies.rule(proxies.tlsHttp()));
        if (open.port() >= 0) {
            admin.openPort(open.host(), open.port());
        }
        certificates(metrics);
        if (pages != null && config.http().enabled()) {
            admin.secure(config.http().listen().host(), config.tls().httpPort(), pages);
        }
        metrics.tasks("admin", admin, AdminServer::failedTasks);
        metrics.http(admin, descriptors);
        metrics.admin(admin);
        metrics.logins(logins);
        metrics.tasks("node", timers, Timers::failures);
        httpPort = admin.start();
    }

    private List<AdminRoute> routes(NodeMetrics metrics) {
        List<AdminRoute> all = new ArrayList<>(metrics.routes());
        all.add(new AdminRoute("/api/backup", HttpRoute.Access.ADMINISTRATOR, backup::answer));
        return all;
    }

    private void certificates(NodeMetrics metrics) {
        if (identity != null) {
            metrics.certificate("clients", identity, TlsIdentity::end);
        }
        if (nodesTls != null) {
            metrics.certificate("nodes", nodesTls, NodesTls::end);
            admin.nodesCertificate(nodesTls::end);
        }
    }

    /** The ports that are bound now. */
    private List<NodeStats.Listener> listeners() {
        NodeConfig.Cluster c = config.cluster();
        List<NodeStats.Listener> all = new ArrayList<>();
        all.add(new NodeStats.Listener("amqp", config.amqp().listen().host(), amqp.port(), false));
        if (identity != null) {
            all.add(new NodeStats.Listener("amqp/ssl", config.amqp().listen().host(), amqp.securePort(), true));
        }
        AdminServer serving = admin;
        if (serving != null) {
            String host = config.http().listen().host();
            all.add(new NodeStats.Listener(
                    "http/prometheus", config.metrics().listen().host(), serving.openPort(), false));
            all.add(new NodeStats.Listener("http", host, serving.port(), false));
            all.add(new NodeStats.Listener("https", host, serving.securePort(), true));
        }
        all.add(new NodeStats.Listener("clustering", c.bindHost(), c.self().raftPort(), nodesTls != null));
        all.add(new NodeStats.Listener("clustering", c.bindHost(), c.self().linkPort(), nodesTls != null));
        all.removeIf(l -> l.port() < 0);
        return all;
    }

    /** Where clients connect. */
    public int amqpPort() {
        return amqp.port();
    }

    /** Where the HTTP API listens, -1 when it does not. */
    public int httpPort() {
        return httpPort;
    }

    /** Where metrics are served without a login, -1 when they are not. */
    public int metricsPort() {
        return admin == null ? -1 : admin.openPort();
    }

    /** Closes clients with 320, hands leadership over, makes what is applied durable. Also after a start that failed. */
    @Override
    public void close() {
        if (restingHeap != null) {
            restingHeap.close();
        }
        if (diskWatch != null) {
            diskWatch.close();
        }
        if (reloading != null) {
            reloading.shutdownNow();
        }
        if (logins != null) {
            founding.close();
            logins.close();
        }
        if (amqp != null) {
            amqp.stop("the node is being stopped");
        }
        if (admin != null) {
            admin.close();
        }
        if (backup != null) {
            backup.close();
        }
        if (broker != null) {
            broker.close();
        }
    }
}
