package io.tallymq.admin;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.tallymq.admin.access.AccessRoutes;
import io.tallymq.admin.access.PoliciesApi;
import io.tallymq.admin.advice.AdviceApi;
import io.tallymq.admin.advice.Trends;
import io.tallymq.admin.cluster.AnatomyApi;
import io.tallymq.admin.cluster.ClusterApi;
import io.tallymq.admin.cluster.DigestWait;
import io.tallymq.admin.cluster.FeatureFlagsApi;
import io.tallymq.admin.cluster.HealthApi;
import io.tallymq.admin.cluster.LeaderWrites;
import io.tallymq.admin.cluster.LoginAttemptsApi;
import io.tallymq.admin.cluster.LogsApi;
import io.tallymq.admin.cluster.NodesApi;
import io.tallymq.admin.cluster.OverviewApi;
import io.tallymq.admin.cluster.ProbePath;
import io.tallymq.admin.cluster.ReadIndex;
import io.tallymq.admin.cluster.TracesApi;
import io.tallymq.admin.definitions.DefinitionsApi;
import io.tallymq.admin.http.AdminAuthenticator;
import io.tallymq.admin.http.AnswerRoom;
import io.tallymq.admin.http.BodyLimit;
import io.tallymq.admin.http.Dispatcher;
import io.tallymq.admin.http.HttpPipeline;
import io.tallymq.admin.http.LoginApi;
import io.tallymq.admin.http.Sessions;
import io.tallymq.admin.messages.MessagesApi;
import io.tallymq.admin.messages.PeekApi;
import io.tallymq.admin.messages.ReceiptsApi;
import io.tallymq.admin.messages.RedriveApi;
import io.tallymq.admin.messages.SchedulesApi;
import io.tallymq.admin.request.AccessWrites;
import io.tallymq.admin.request.AdminConfig;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.AdminRoute;
import io.tallymq.admin.request.Freshness;
import io.tallymq.admin.request.HeldRows;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.NodeStats;
import io.tallymq.admin.request.StateWrites;
import io.tallymq.admin.stats.Sampler;
import io.tallymq.admin.topology.BindingsApi;
import io.tallymq.admin.topology.ConnectionWrites;
import io.tallymq.admin.topology.ConnectionsApi;
import io.tallymq.admin.topology.ExchangeWrites;
import io.tallymq.admin.topology.QueueWrites;
import io.tallymq.admin.topology.QueuesApi;
import io.tallymq.admin.topology.QuorumApi;
import io.tallymq.admin.topology.TopologyApi;
import io.tallymq.broker.Broker;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.view.AccessView;
import io.tallymq.net.Newcomers;
import io.tallymq.net.ProxyRule;
import io.tallymq.net.TlsIdentity;
import io.tallymq.timer.SparseLog;
import io.tallymq.timer.Timers;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/**
 * Serves the HTTP API, the web page and the node's own routes. Event loops only move bytes: answers are made on two small
 * pools, one for what this node has at hand (cluster, health, login), one for what reads the broker's state, so that a stuck
 * broker never keeps /api/cluster or a health check from answering.
 */
public final class AdminServer implements AutoCloseable {
    /** Threads that read the broker's state. */
    static final int READERS = 2;

    /** So many connections beyond the limit at a time get 503; with more the socket is closed. */
    public static final int MOST_SURPLUS = 8;

    private final AdminConfig config;
    private final Sampler sampler;
    private final Trends trends;
    private final Sessions sessions;
    private final ReadIndex latest;
    private final Dispatcher dispatcher;
    private final HttpPorts ports = new HttpPorts();
    private final ExecutorService local;
    private final ExecutorService state;
    /** Makes the rest of long answers; each connection has one piece at most to be made, so that no place can be missing. */
    private final ExecutorService pieces;

    /** Where connections of the broker that requests open are told; must never wait. */
    private final ExecutorService clients;

    /** For all listeners together. */
    private final BodyLimit.Room largeBodies = new BodyLimit.Room();

    private final AnswerRoom answers = new AnswerRoom();

    private final HeldRows held = new HeldRows();
    private final SparseLog refusals = new SparseLog(LoggerFactory.getLogger(AdminServer.class));
    /** Of all listeners that have logins. */
    private final Newcomers newcomers;
    /** Ends waiting for probes; must never wait itself. */
    private final Timers timers = new Timers();

    private final ScheduledExecutorService timer;
    /** Samples, and so waits for the broker now and then. */
    private final ScheduledExecutorService sampling;

    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private volatile Channel listener;
    private volatile Channel secureListener;
    private SecurePort secure;
    private ProxyRule proxies = ProxyRule.NONE;
    private ProxyRule secureProxies = ProxyRule.NONE;
    private Supplier<Instant> nodesCertificate;
    private OpenPort openPort;
    private final List<AdminRoute> own;
    private final Supplier<AccessView> users;

    /** @param routes the node's own, such as /metrics */
    public AdminServer(
            AdminConfig config,
            Broker broker,
            AdminAuthenticator authenticator,
            NodeStats stats,
            List<AdminRoute> routes) {
        this(config, broker, authenticator, stats, routes, System::nanoTime);
    }

    /** @param clock of the samples, monotonic nanoseconds */
    AdminServer(
            AdminConfig config,
            Broker broker,
            AdminAuthenticator authenticator,
            NodeStats stats,
            List<AdminRoute> routes,
            LongSupplier clock) {
        this.config = config;
        this.own = List.copyOf(routes);
        this.users = broker::access;
        newcomers = new Newcomers(config.limits().newcomers(), "http.newcomers-per-address", refusals);
        var context = new AdminContext(config, broker, stats, held);
        timer = new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("admin-timer", true));
        sampling = new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("admin-sampler", true));
        clients = new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("admin-clients", true));
        int waiting = config.limits().waitingRequests();
        local = pool("admin-local", 1, waiting);
        state = pool("admin-state", READERS, waiting);
        pieces = pool("admin-pieces", 1, config.limits().connections());
        sampler = new Sampler(context, config.timeouts().sample(), clock);
        trends = new Trends(context, clock);
        sessions = new Sessions(authenticator, broker::access, config.sessions(), clock);
        latest = new ReadIndex(broker, config.timeouts().confirmPath(), timers, timer);
        dispatcher = new Dispatcher(
                routes(context, routes),
                authenticator,
                sessions,
                broker::access,
                lane -> lane == Lane.LOCAL ? local : state,
                latest::ask);
    }

    static ExecutorService pool(String name, int threads, int waiting) {
        return new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(waiting),
                new DefaultThreadFactory(name, true));
    }

    private List<HttpRoute> routes(AdminContext context, List<AdminRoute> own) {
        var confirm = config.timeouts().confirmPath();
        var probes = new ProbePath(
                context.broker(), new Probe(false), config.limits().probesInFlight(), confirm, timers, timer);
        // A digest is of the whole state on every node: one at a time.
        var digests = new ProbePath(context.broker(), new Probe(true), 1, confirm, timers, timer);
        List<HttpRoute> routes = new ArrayList<>();
        var writes = new StateWrites(context.broker(), confirm, timers, timer);
        var freshness = new Freshness(latest::ask, state);
        routes.addAll(new OverviewApi(context, sampler, freshness, System::currentTimeMillis, state).routes());
        routes.addAll(new FeatureFlagsApi(context).routes());
        routes.addAll(new NodesApi(context, sampler).routes());
        routes.addAll(
                new ConnectionsApi(context, sampler, new ConnectionWrites(context, writes), freshness, state).routes());
        routes.addAll(new TopologyApi(context, sampler, new ExchangeWrites(context, writes)).routes());
        routes.addAll(new BindingsApi(context, writes).routes());
        routes.addAll(new QuorumApi(context).routes());
        var threads = new MessagesApi.Threads(timers, timer, clients, System::currentTimeMillis);
        routes.addAll(new MessagesApi(context, threads).routes());
        routes.addAll(new RedriveApi(context, threads).routes());
        routes.addAll(new PeekApi(context, System::currentTimeMillis).routes());
        routes.addAll(new DefinitionsApi(context, clients, System::nanoTime).routes());
        routes.addAll(AccessRoutes.of(context, sampler, new AccessWrites(writes), freshness));
        routes.addAll(
                new QueuesApi(context, sampler, new QueueWrites(context, writes), freshness, System::currentTimeMillis)
                        .routes());
        routes.addAll(new PoliciesApi(context, writes, false).routes());
        routes.addAll(new PoliciesApi(context, writes, true).routes());
        routes.addAll(new SchedulesApi(context, writes, System::currentTimeMillis).routes());
        routes.addAll(new ReceiptsApi(context, writes, freshness, timers, timer, state).routes());
        var later = new DigestWait(context.broker(), confirm, timers, timer, state);
        var leader = new LeaderWrites(context.broker(), confirm, timers, timer);
        routes.addAll(new ClusterApi(context, digests, later, state, leader).routes());
        routes.addAll(new AdviceApi(context, trends, this::certificates).routes());
        routes.addAll(new AnatomyApi(context).routes());
        routes.addAll(new TracesApi(context).routes());
        routes.addAll(new LogsApi(context).routes());
        routes.addAll(new LoginAttemptsApi(context).routes());
        routes.addAll(new HealthApi(context, probes, this::certificates).routes());
        routes.addAll(new LoginApi(sessions).routes());
        routes.addAll(Pages.routes());
        for (AdminRoute route : own) {
            routes.add(
                    HttpRoute.async(route.path(), Lane.STATE, route.endpoint()).openTo(route.access()));
        }
        routes.add(OpenApi.route(List.copyOf(routes), config.version()));
        return routes;
    }

    /** Where it serves by TLS, too (HTTPS). */
    private record SecurePort(String host, int port, TlsIdentity identity) {}

    /** Serves the node's own routes without a login on another port as well; before {@link #start}. Port 0 lets the system choose. */
    public void openPort(String host, int port) {
        openPort = new OpenPort(host, port, config, own, users, timers, refusals, largeBodies, answers);
    }

    /** The port where the node's own routes are served without a login; -1 for none, or if it could not be had. */
    public int openPort() {
        return openPort == null ? -1 : openPort.port();
    }

    /** Serves by TLS as well; before {@link #start}. Port 0 lets the system choose. */
    public void secure(String host, int port, TlsIdentity identity) {
        secure = new SecurePort(host, port, identity);
    }

    /**
     * Takes proxies' word for where clients come from; before {@link #start}.
     *
     * @param plain at the port without TLS
     * @param tls at the one with
     */
    public void proxies(ProxyRule plain, ProxyRule tls) {
        proxies = plain;
        secureProxies = tls;
    }

    /** Nodes show each other one, too, which ends then; before {@link #start}. */
    public void nodesCertificate(Supplier<Instant> end) {
        nodesCertificate = end;
    }

    /** When they end that are shown, by who is shown them. */
    private Map<String, Instant> certificates() {
        Map<String, Instant> ends = new TreeMap<>();
        if (secure != null) {
            ends.put("clients", secure.identity.end());
        }
        if (nodesCertificate != null) {
            ends.put("nodes", nodesCertificate.get());
        }
        return ends;
    }

    /** The port that is listened on without TLS, -1 for none. */
    public int port() {
        return HttpPorts.of(listener);
    }

    /** The port that is listened on by TLS, -1 for none. */
    public int securePort() {
        return HttpPorts.of(secureListener);
    }

    /**
     * Listens. Called once.
     *
     * @return the port, -1 if it is configured not to be listened on
     * @throws IOException when the address can't be had
     */
    public int start() throws IOException {
        if (openPort != null) {
            openPort.start(ports);
        }
        if (config.port() >= 0) {
            listener = bind(config.host(), config.port(), null);
        }
        if (secure != null) {
            secureListener = bind(secure.host, secure.port, secure.identity);
        }
        long interval = config.timeouts().sample().toNanos();
        var unused = timers.every(sampling, interval, TimeUnit.NANOSECONDS, "sampling", sampler);
        var unusedToo =
                timers.every(sampling, Trends.EVERY.toNanos(), TimeUnit.NANOSECONDS, "looking at what lasts", trends);
        return port();
    }

    private Channel bind(String host, int port, TlsIdentity identity) throws IOException {
        ChannelFuture bound = ports.listen(
                identity == null ? "HTTP" : "HTTPS",
                config,
                new HttpPipeline(
                        config,
                        dispatcher,
                        pieces,
                        open,
                        newcomers,
                        timers,
                        refusals,
                        largeBodies,
                        answers,
                        identity == null ? proxies : secureProxies,
                        identity),
                host,
                port);
        if (!bound.isSuccess()) {
            close();
            throw new IOException(
                    "the HTTP API can't listen on " + host + ":" + port + ": "
                            + bound.cause().getMessage() + ". Free the port, or choose another one",
                    bound.cause());
        }
        return bound.channel();
    }

    /** Open HTTP connections. Any thread. */
    public int connections() {
        return open.size();
    }

    /** HTTP connections that have shown no login yet, by where they come from. */
    public Newcomers newcomers() {
        return newcomers;
    }

    /** Logins by form that have not ended. Any thread. */
    public int sessions() {
        return sessions.count();
    }

    /** How often something that runs by the clock has failed. Any thread. */
    public long failedTasks() {
        return timers.failures();
    }

    /** Connections, requests and logins that were refused since the start. Any thread. */
    public long refused() {
        return refusals.total();
    }

    /** Rows in memory of lists that are sorted or sent sorted; {@link HeldRows#MOST} at most. Any thread. */
    public long heldRows() {
        return held.held();
    }

    /** Bytes of answers that clients have not read yet, but for long ones' pieces; {@link AnswerRoom#BYTES} and the last of them at most. Any thread. */
    public long waitingAnswers() {
        return answers.waiting();
    }

    AnswerRoom answers() {
        return answers;
    }

    /** Takes a sample now, as if its time had come. */
    void sample() {
        sampler.run();
    }

    /** Looks at what lasts, as if its time had come. */
    void look() {
        trends.run();
    }

    /** Stops listening and closes all connections; waits some seconds at most. */
    @Override
    public void close() {
        if (listener != null) {
            listener.close().awaitUninterruptibly();
        }
        if (secureListener != null) {
            secureListener.close().awaitUninterruptibly();
        }
        if (openPort != null) {
            openPort.close();
        }
        open.close().awaitUninterruptibly();
        sampling.shutdownNow();
        timer.shutdownNow();
        local.shutdownNow();
        state.shutdownNow();
        pieces.shutdownNow();
        clients.shutdownNow();
        ports.close();
    }
}
