package io.tallymq.raft.log.link;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.tallymq.net.AcceptGate;
import io.tallymq.net.NodesTls;
import io.tallymq.raft.log.config.LinkTuning;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import io.tallymq.timer.Rhythm;
import io.tallymq.timer.SparseLog;
import io.tallymq.timer.Timers;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes' own link. Each node dials every other node: what it forwards, its pings and the refusals it gets back go
 * through the connection it dialled. Two threads, one per direction.
 */
public final class NodeLink implements PeerLink, AutoCloseable {
    /** What the link needs of its node and tells it: batches and questions on the inbound thread, the rest on the outbound one. */
    public interface Owner extends LinkClient.Events {
        /** That node forwarded a batch. May block, and with it all that comes over the link, see {@link ForwardHandler}. */
        void onBatch(String node, byte[] bytes);

        /** Nothing is heard of that node any more: its connection to this one is gone. Must not block. */
        void onUnheard(String node);

        /** Somebody asks that this node, if it leads, make {@code node} the leader. Must not block. */
        void onLead(String node);

        /** The last entry of this node's log, {@link Position#NONE} of an empty one. */
        Position lastEntry();

        /** Whether this node leads or heard its leader lately. */
        boolean hearsLeader();

        /** The id of the node that leads, as far as this node knows; null for none. */
        String leader();

        /** The last entry that is known to be committed, -1 for none. */
        long commitIndex();

        /** Up to where all nodes are known to have flushed the log, -1 for unknown. */
        long everywhere();

        /** How well this node would lead. */
        Rank rank();

        /** For how many milliseconds a follower that asks now may act on what it was assigned; 0 unless this node leads. */
        int leaseMillis();

        /** Streams a checkpoint; must not block. */
        void sendCheckpoint(String node, Channel channel);
    }

    private static final Logger LOG = LoggerFactory.getLogger(NodeLink.class);

    /** Pauses between two pings while nothing is going on. With three a leader that stands still for half a second would be suspect. */
    static final int SELDOM = 2;

    private final SparseLog refusals = new SparseLog(LOG);
    private final RaftNodeConfig config;
    private final Owner owner;
    private final LinkHandshake handshake;
    private final LinkTuning tuning;
    private final EventLoopGroup inboundGroup;
    private final PeerNames names;
    private final EventLoopGroup outboundGroup;
    private final Map<String, LinkClient> clients = new HashMap<>();
    private final Map<String, Channel> inbound = new ConcurrentHashMap<>();
    private final ChannelGroup accepted = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE, true);
    private final Timers timers;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile Set<String> mute = Set.of();
    private Channel listener;
    /** The thread's that asks. */
    private final PingRounds rounds = new PingRounds();

    /**
     * Neither listens nor dials yet.
     *
     * @param owner is told on the link's threads, see {@link io.tallymq.raft.log.link.ForwardHandler}
     * @param timers by which it asks and gives up
     */
    public NodeLink(RaftNodeConfig config, Owner owner, Timers timers) {
        this(config, owner, timers, InetAddress::getByName);
    }

    /** @param lookup of the peers' names */
    NodeLink(RaftNodeConfig config, Owner owner, Timers timers, PeerNames.Lookup lookup) {
        this.timers = timers;
        this.config = config;
        this.owner = owner;
        this.tuning = config.tuning().link();
        this.handshake = new LinkHandshake(config);
        this.inboundGroup = group("link-in-");
        this.outboundGroup = group("link-out-");
        this.names = new PeerNames(config.peers().size(), lookup, timers);
        Bootstrap bootstrap = new Bootstrap()
                .group(outboundGroup)
                .resolver(names)
                .channel(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        tuning.connectTimeout().toMillis());
        for (Peer peer : config.peers()) {
            if (!peer.id().equals(config.nodeId())) {
                clients.put(peer.id(), new LinkClient(peer, handshake, config, owner, timers, bootstrap));
            }
        }
    }

    /** What strangers were refused since the start. Any thread. */
    public long refused() {
        return refusals.total() + (config.tls() == null ? 0 : config.tls().refused(LinkTlsGate.PORT));
    }

    /** Each peer keeps one connection, has perhaps an old one and a checkpoint's; the rest is for strangers, who do not stay. */
    private int maxConnections() {
        return tuning.strangers()
                + LinkTuning.CONNECTIONS_PER_PEER * config.peers().size();
    }

    private EventLoopGroup group(String name) {
        IoHandlerFactory io = Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        return new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(name + config.nodeId(), true), io);
    }

    /**
     * Listens, then dials the peers, again and again. Once.
     *
     * @throws RaftStartException the port can't be used
     */
    public void start() throws RaftStartException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(inboundGroup)
                .channel(Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .handler(new AcceptGate("Link", maxConnections(), refusals))
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted.add(channel);
                        if (config.tls() != null) {
                            channel.pipeline().addLast(new LinkTlsGate(config.tls()));
                        }
                        channel.pipeline().addLast(new LinkServer(new Host(), timers));
                    }
                });
        RaftNodeConfig.Bind bind = config.bind();
        try {
            listener = bootstrap.bind(bind.host(), bind.linkPort()).sync().channel();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RaftStartException("Interrupted while starting.", e);
        } catch (Exception e) { // Netty throws the bind's IOException although it does not declare it
            throw new RaftStartException(
                    "The link port " + bind.host() + ":" + bind.linkPort() + " can not be used: " + e.getMessage()
                            + ". Stop the program that uses it or configure another port.",
                    e);
        }
        clients.values().forEach(LinkClient::start);
        // All at once: the answers come together too, and wake this node up once.
        Duration often = tuning.pingEvery();
        new Rhythm(timers, outboundGroup.next(), often, often.multipliedBy(SELDOM), "asking the nodes", this::askAgain)
                .start();
    }

    @Override
    public boolean forward(String node, byte[] bytes, int off, int len) {
        LinkClient client = clients.get(node);
        return client != null && client.forward(bytes, off, len);
    }

    @Override
    public void refuse(String node, byte[] note) {
        Channel channel = inbound.get(node);
        if (channel != null) {
            channel.writeAndFlush(LinkFrame.encode(LinkFrame.REFUSED, note));
        }
    }

    /** Asks {@code leader} to make {@code node} its successor; false when it is not reached: nothing was asked. Any thread. */
    public boolean lead(String leader, String node) {
        LinkClient client = clients.get(leader);
        return client != null && client.lead(node);
    }

    @Override
    public boolean reachable(String node) {
        LinkClient client = clients.get(node);
        return client != null && client.isUp();
    }

    /** Whether the process of {@code node} seems to have ended: it closed its connection, and a new one is not there at once. */
    boolean gone(String node) {
        return clients.get(node).isGone();
    }

    @Override
    public boolean ended(String node) {
        LinkClient client = clients.get(node);
        return client != null && client.isEnded() && !inbound.containsKey(node);
    }

    /** Returns whether the log has grown since the last time: then there is work, and a lease is to be as fresh as can be. */
    private boolean askAgain() {
        boolean grows = rounds.begin(owner.lastEntry());
        LinkClient leader = rounds.forLeader() ? clients.get(String.valueOf(owner.leader())) : null;
        if (leader == null) { // or this node leads, or none is known
            pingAll();
        } else {
            leader.ping();
        }
        return grows;
    }

    @Override
    public long committed(String node) {
        LinkClient client = clients.get(node);
        return client == null ? -1 : client.committed();
    }

    @Override
    public long everywhere() {
        return clients.values().stream().mapToLong(LinkClient::everywhere).max().orElse(-1);
    }

    @Override
    public void askAll() {
        pingAll();
    }

    /** Asks all peers for their last log entry; the answers are in {@link #lastEntryOf} soon. Any thread; never blocks. */
    public void pingAll() {
        clients.values().forEach(LinkClient::ping);
    }

    /** For how many nanoseconds nothing came from a peer; 0 if nothing ever did. Any thread. */
    public long silentNanos(String node) {
        return clients.get(node).silentNanos();
    }

    /** Whether a peer did not hear its leader either, when it last answered a ping. Any thread. */
    public boolean missesLeader(String node) {
        return clients.get(node).missesLeader();
    }

    /** How well a peer would lead, as it last said. Any thread. */
    public Rank rank(String node) {
        return clients.get(node).rank();
    }

    /** For tests: from now on the pings of these nodes get no answer, as if they were cut off. */
    void muteTo(Set<String> nodes) {
        mute = Set.copyOf(nodes);
    }

    /** Whether a peer answered a ping that was sent at this {@link System#nanoTime} or later. Any thread. */
    public boolean answeredSince(String node, long nanos) {
        return clients.get(node).answeredSince(nanos);
    }

    /** The last entry of a peer's log when it last answered a ping. Any thread. */
    public Position lastEntryOf(String node) {
        return clients.get(node).lastEntry();
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        if (listener != null) {
            listener.close().syncUninterruptibly();
        }
        accepted.close().awaitUninterruptibly(3, TimeUnit.SECONDS);
        clients.values().forEach(LinkClient::stop);
        names.close();
        inboundGroup.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
        outboundGroup.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
    }

    private final class Host implements LinkServer.Host {
        @Override
        public LinkHandshake handshake() {
            return handshake;
        }

        @Override
        public LinkTuning tuning() {
            return tuning;
        }

        @Override
        public String refusal(LinkHandshake.Hello hello) {
            if (clients.containsKey(hello.from())) {
                return null;
            }
            for (Peer peer : config.peers()) {
                if (peer.name().equals(hello.name())) {
                    return "node '" + hello.name() + "' has the id '" + hello.from()
                            + "', and the one of that name in this"
                            + " node's list of peers '" + peer.id()
                            + "': it is another node, or has lost its data's id;"
                            + " write the same name:id in cluster.peers of all nodes";
                }
            }
            return "node '" + hello.name() + "' with the id '" + hello.from()
                    + "' is not in this node's list of peers: add it there";
        }

        @Override
        public SparseLog refusals() {
            return refusals;
        }

        @Override
        public NodesTls tls() {
            return config.tls();
        }

        @Override
        public void opened(String node, Channel channel) {
            Channel older = inbound.put(node, channel);
            if (older != null) {
                older.close();
            }
        }

        @Override
        public void closed(String node, Channel channel) {
            if (inbound.remove(node, channel)) {
                owner.onUnheard(node);
            }
        }

        /** What an older connection still brings is sent again over the newer one. */
        @Override
        public void onBatch(String node, Channel channel, byte[] bytes) {
            if (inbound.get(node) == channel) {
                owner.onBatch(node, bytes);
            }
        }

        @Override
        public void onLead(String node) {
            owner.onLead(node);
        }

        @Override
        public Position lastEntry() {
            return owner.lastEntry();
        }

        @Override
        public boolean hearsLeader() {
            return owner.hearsLeader();
        }

        @Override
        public int leaseMillis(String node) {
            return reachable(node) ? owner.leaseMillis() : 0;
        }

        @Override
        public long committed() {
            return owner.commitIndex();
        }

        @Override
        public long everywhere() {
            return owner.everywhere();
        }

        @Override
        public Rank rank() {
            return owner.rank();
        }

        @Override
        public boolean isMute(String node) {
            return mute.contains(node);
        }

        @Override
        public void sendCheckpoint(String node, Channel channel) {
            owner.sendCheckpoint(node, channel);
        }
    }
}
