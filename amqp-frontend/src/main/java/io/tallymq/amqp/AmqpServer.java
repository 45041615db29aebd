package io.tallymq.amqp;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SelectStrategyFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.tallymq.amqp.config.AmqpServerConfig;
import io.tallymq.amqp.config.FlowLimits;
import io.tallymq.amqp.delivery.BodyBudget;
import io.tallymq.amqp.filter.FilterCounts;
import io.tallymq.amqp.publish.PublishBudget;
import io.tallymq.amqp.session.AmqpConnection;
import io.tallymq.amqp.session.AmqpConnectionInfo;
import io.tallymq.amqp.session.Authenticator;
import io.tallymq.amqp.session.ClientErrors;
import io.tallymq.amqp.session.ConnectionRegistry;
import io.tallymq.amqp.session.FrontEnd;
import io.tallymq.amqp.settle.TagBudget;
import io.tallymq.amqp.socket.Endpoints;
import io.tallymq.amqp.socket.OutboundBudget;
import io.tallymq.broker.Broker;
import io.tallymq.broker.view.AccessView;
import io.tallymq.net.AcceptGate;
import io.tallymq.net.Newcomers;
import io.tallymq.net.ProxyGate;
import io.tallymq.net.ProxyRule;
import io.tallymq.net.TlsIdentity;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Serves AMQP 0-9-1 clients on one port. Thread-safe; {@link #start} and {@link #stop} once each.
 */
public final class AmqpServer {
    private static final int BACKLOG = 1024;
    /** Milliseconds between two looks at whether all clients have gone. */
    private static final int STOP_POLL = 10;

    /** Between two looks at whether users or virtual hosts have changed. */
    private static final int WATCH_MILLIS = 1_000;

    private final AmqpServerConfig config;
    private final Broker broker;
    private final int eventLoops;
    private final FrontEnd frontEnd;
    private final AcceptGate gate;
    private final Newcomers newcomers;
    private EventLoopGroup acceptor;
    private EventLoopGroup workers;
    private Channel listening;
    private Channel listeningByTls;
    private SecurePort secure;
    private ProxyRule proxies = ProxyRule.NONE;
    private ProxyRule secureProxies = ProxyRule.NONE;
    private ScheduledFuture<?> watching;
    private AccessView seen;
    private long version;

    /** One event loop per processor. */
    public AmqpServer(AmqpServerConfig config, Broker broker, Authenticator authenticator) {
        this(config, 0, broker, authenticator);
    }

    /**
     * @param eventLoops threads that serve clients; 0 means one per processor
     * @param authenticator decides who may log in; called on event loops
     */
    public AmqpServer(AmqpServerConfig config, int eventLoops, Broker broker, Authenticator authenticator) {
        this.config = config;
        this.broker = broker;
        this.eventLoops = eventLoops > 0 ? eventLoops : Runtime.getRuntime().availableProcessors();
        this.frontEnd = FrontEnd.of(config, broker, authenticator);
        this.gate = new AcceptGate(
                "AMQP",
                Math.addExact(config.flow().maxConnections(), ConnectionRegistry.MOST_SURPLUS),
                frontEnd.refusals());
        this.newcomers = new Newcomers(
                config.protocol().handshakesPerAddress(), "amqp.handshakes-per-address", frontEnd.refusals());
    }

    /** Where clients come by TLS, too (AMQPS). */
    private record SecurePort(String host, int port, TlsIdentity identity) {}

    /** Listens for TLS as well; before {@link #start}. Port 0 lets the system choose. */
    public synchronized void secure(String host, int port, TlsIdentity identity) {
        secure = new SecurePort(host, port, identity);
    }

    /**
     * Takes proxies' word for where clients come from; before {@link #start}.
     *
     * @param plain at the port without TLS
     * @param tls at the one with
     */
    public synchronized void proxies(ProxyRule plain, ProxyRule tls) {
        proxies = plain;
        secureProxies = tls;
    }

    /**
     * Listens. Clients are served from now on.
     *
     * @throws IOException if the port can't be had
     */
    public synchronized void start() throws IOException {
        boolean epoll = Epoll.isAvailable();
        acceptor = group(epoll, 1, "amqp-accept", DefaultSelectStrategyFactory.INSTANCE);
        workers = group(epoll, eventLoops, "amqp-io", frontEnd.paces());
        FlowLimits flow = config.flow();
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(acceptor, workers)
                .channel(serverChannel(epoll))
                .handler(gate.and(accepted -> admits(accepted, proxies)))
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(
                                flow.outbound().low(), flow.outbound().high()))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        begin(channel, proxies, null);
                    }
                });
        if (config.port() >= 0) {
            listening = bind(bootstrap, config.host(), config.port());
        }
        if (secure != null) {
            TlsIdentity identity = secure.identity;
            ServerBootstrap byTls = bootstrap
                    .clone()
                    .handler(gate.and(accepted -> admits(accepted, secureProxies)))
                    .childHandler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            begin(channel, secureProxies, identity);
                        }
                    });
            listeningByTls = bind(byTls, secure.host, secure.port);
        }
        watching = frontEnd.timers()
                .every(workers.next(), WATCH_MILLIS, TimeUnit.MILLISECONDS, "looking at who may be here", this::watch);
    }

    /** A proxy's connections are its clients': they count when its header says whose they are. */
    private boolean admits(Channel accepted, ProxyRule from) {
        return from.isFor(accepted.remoteAddress())
                || newcomers.admits(accepted, (InetSocketAddress) accepted.remoteAddress());
    }

    private void begin(Channel channel, ProxyRule from, TlsIdentity identity) {
        ProxyGate.begin(channel, from, frontEnd.timers(), frontEnd.refusals(), () -> {
            if (from.isFor(channel.remoteAddress()) && !newcomers.admits(channel, ProxyGate.client(channel))) {
                channel.close();
                return;
            }
            if (identity != null) {
                channel.pipeline().addLast(identity.handler(channel.alloc()));
            }
            Endpoints ends = new Endpoints(ProxyGate.client(channel), ProxyGate.server(channel));
            channel.pipeline().addLast(new AmqpConnection(frontEnd, ends, () -> newcomers.left(channel)));
        });
    }

    private Channel bind(ServerBootstrap bootstrap, String host, int port) throws IOException {
        var bound = bootstrap.bind(host, port).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            stop("it can't listen");
            shutDown();
            throw new IOException(
                    "can't listen for AMQP on " + host + ":" + port + ", choose another address or port: "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        return bound.channel();
    }

    /** Users and virtual hosts that are gone take their connections along; and what the log was spared is told in time. */
    private void watch() {
        frontEnd.errors().tellLeft();
        AccessView access = broker.access();
        if (access != seen || access.version() != version) {
            seen = access;
            version = access.version();
            frontEnd.registry().accessChanged();
        }
    }

    private static EventLoopGroup group(boolean epoll, int threads, String name, SelectStrategyFactory paces) {
        IoHandlerFactory handlers = epoll
                ? EpollIoHandler.newFactory(0, paces)
                : NioIoHandler.newFactory(SelectorProvider.provider(), paces);
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name), handlers);
    }

    private static Class<? extends ServerChannel> serverChannel(boolean epoll) {
        return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    /** The port that is listened on without TLS, -1 for none. */
    public synchronized int port() {
        return port(listening);
    }

    /** The port that is listened on by TLS, -1 for none. */
    public synchronized int securePort() {
        return port(listeningByTls);
    }

    private static int port(Channel listener) {
        return listener == null ? -1 : ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** This node's client connections, by name. */
    public List<AmqpConnectionInfo> connections() {
        return frontEnd.registry().infos();
    }

    /** How often something that runs by the clock has failed. Any thread. */
    public long failedTasks() {
        return frontEnd.timers().failures();
    }

    /** The client connections themselves: to count them, or to close one or all with 320. */
    public ConnectionRegistry registry() {
        return frontEnd.registry();
    }

    /** Connections refused because there were too many. Any thread. */
    public long refusedConnections() {
        return frontEnd.registry().refused() + gate.closed();
    }

    /** What went wrong on connections of clients, counted. */
    public ClientErrors errors() {
        return frontEnd.errors();
    }

    /** Connections whose clients have not logged in, by where they come from. */
    public Newcomers newcomers() {
        return newcomers;
    }

    /** Connections that were refused or closed for what strangers did, since the start. Any thread. */
    public long refused() {
        return frontEnd.refusals().total();
    }

    /** The parts of large bodies that are in memory on their way to clients. */
    public BodyBudget bodyBudget() {
        return frontEnd.bodyBudget();
    }

    /** What consumers with a filter cost and get. */
    public FilterCounts filterCounts() {
        return frontEnd.filterCounts();
    }

    /** What is kept of what clients have not settled. */
    public TagBudget tagBudget() {
        return frontEnd.tagBudget();
    }

    /** Memory for messages that clients have sent in part. */
    public PublishBudget publishBudget() {
        return frontEnd.publishBudget();
    }

    /** Memory for what clients have not read. */
    public OutboundBudget outboundBudget() {
        return frontEnd.outboundBudget();
    }

    /**
     * Admits nobody any more, closes all clients with 320 CONNECTION_FORCED and this text, and waits until they have gone, but
     * not longer than the close timeout.
     */
    public synchronized void stop(String reason) {
        if (listening != null || listeningByTls != null) {
            close(listening);
            listening = null;
            close(listeningByTls);
            listeningByTls = null;
            if (watching != null) {
                watching.cancel(false);
            }
            frontEnd.registry().stop(reason);
            awaitGone();
        }
        shutDown();
    }

    private static void close(Channel listener) {
        if (listener != null) {
            listener.close().awaitUninterruptibly();
        }
    }

    private void awaitGone() {
        long deadline =
                System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(config.flow().closeTimeout());
        try {
            while (frontEnd.registry().size() > 0 && System.nanoTime() < deadline) {
                TimeUnit.MILLISECONDS.sleep(STOP_POLL);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void shutDown() {
        if (workers != null) {
            Future<?> unused = acceptor.shutdownGracefully(0, config.flow().closeTimeout(), TimeUnit.MILLISECONDS);
            workers.shutdownGracefully(0, config.flow().closeTimeout(), TimeUnit.MILLISECONDS)
                    .awaitUninterruptibly();
        }
    }
}
