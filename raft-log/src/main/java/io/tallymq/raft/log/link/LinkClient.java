package io.tallymq.raft.log.link;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.tallymq.net.NodesTls;
import io.tallymq.raft.log.config.Groups;
import io.tallymq.raft.log.config.LinkTuning;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.log.link.LinkHandshake.Hello;
import io.tallymq.raft.log.link.LinkHandshake.Purpose;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import io.tallymq.timer.Timers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's connection to one peer; dials again for ever. Its events run on the link's outbound thread.
 */
final class LinkClient {
    private static final Logger LOG = LoggerFactory.getLogger(LinkClient.class);

    /**
     * The peer's end closed the connection and a new one is not there after this time: its process is taken for dead.
     * A refused connection says so at once; a host or container that vanished answers nothing.
     */
    static final long GONE_AFTER_MILLIS = 150;

    /**
     * So often it is dialled again at once when a connection behind one that broke is closed before anything answers: a process that ends closes its
     * connections before the port where it listens, and until then its system takes new ones.
     */
    private static final int REDIALS = 3;

    /** So long after a connection broke a refusal tells that its process has ended: later it may have another reason. */
    private static final long DOUBT_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A peer that does not want this node will not change its mind at once. */
    private static final long REFUSED_PAUSE_MILLIS = 2_000;

    /** What a connection tells its node. */
    interface Events {
        void onUp(String peer);

        void onDown(String peer);

        /** The peer's process seems to have ended. */
        void onGone(String peer);

        /** One of the two does not take the other for a node. */
        void onMistrust(String peer);

        void onRefused(String peer, byte[] note);

        void onPong(String peer, LinkPong pong);

        void onWritable(String peer);
    }

    private final Peer peer;
    private final LinkHandshake handshake;
    private final LinkTuning tuning;
    /** Null for plain text. */
    private final NodesTls tls;

    private final Events events;
    private final Timers timers;
    private final Bootstrap bootstrap;
    private final EventLoop loop;
    private final AtomicLong pendingBytes = new AtomicLong();

    /** The connection that batches go through, {@code null} while there is none. */
    private volatile Channel up;

    private volatile Position lastEntry = Position.NONE;
    /** {@link System#nanoTime} when it was asked what it answered last. */
    private volatile long asked = System.nanoTime();
    /** Its commit index as of its last answer, -1 for unknown. */
    private volatile long committed = -1;
    /** What it told of all nodes, -1 for nothing. It stays true whoever leads. */
    private volatile long everywhere = -1;
    /** As of its last answer. */
    private volatile boolean missesLeader;
    /** As of its last answer. */
    private volatile Rank rank = Rank.FIT;
    /** {@link System#nanoTime} of the last octets; 0 for never. */
    private volatile long heard;

    /** Its process seems to have ended, and nothing has answered since. */
    private volatile boolean gone;

    /** At the last attempt both of its ports refused. */
    private volatile boolean ended;

    private volatile boolean wantsRoom;
    private volatile boolean stopped;
    private long attempt;

    /** The peer's end closed a connection, and nothing has answered since. */
    private boolean broken;
    /** How often that happened, and {@link System#nanoTime} of the last time. */
    private long breaks;

    private long brokeAt;
    /** Something took a connection since. */
    private boolean taken;
    /** So often it may still be dialled again at once. */
    private int redials;

    private String lastTrouble = "";

    LinkClient(
            Peer peer,
            LinkHandshake handshake,
            RaftNodeConfig config,
            Events events,
            Timers timers,
            Bootstrap bootstrap) {
        this.peer = peer;
        this.handshake = handshake;
        this.tuning = config.tuning().link();
        this.tls = config.tls();
        this.events = events;
        this.timers = timers;
        this.loop = (EventLoop) bootstrap.config().group().next();
        this.bootstrap = bootstrap;
    }

    void start() {
        loop.execute(this::connect);
    }

    void stop() {
        stopped = true;
        Channel channel = up;
        if (channel != null) {
            channel.close();
        }
    }

    boolean isUp() {
        return up != null;
    }

    boolean isGone() {
        return gone;
    }

    /** Whether nothing listens on any of the peer's ports, as of the last attempt; not while there is a connection. */
    boolean isEnded() {
        return ended;
    }

    /** The peer's last log entry as of its last answer to a ping. */
    Position lastEntry() {
        return lastEntry;
    }

    /** The peer's commit index as of its last answer to a ping, -1 when it has told none. */
    long committed() {
        return committed;
    }

    /** Up to where all nodes have the log, as the peer told while it led; -1 for unknown. */
    long everywhere() {
        return everywhere;
    }

    /** Whether the peer answered a ping that was sent at this {@link System#nanoTime} or later. */
    boolean answeredSince(long nanos) {
        return asked - nanos >= 0;
    }

    /** Whether the peer did not hear its leader either, when it last answered. */
    boolean missesLeader() {
        return missesLeader;
    }

    /** How well the peer would lead, when it last answered. */
    Rank rank() {
        return rank;
    }

    /** For how many nanoseconds nothing came from the peer; 0 if nothing ever did. */
    long silentNanos() {
        return heard == 0 ? 0 : System.nanoTime() - heard;
    }

    /** Asks the peer to hand leadership over. Returns false when it is not reached. */
    boolean lead(String node) {
        Channel channel = up;
        if (channel != null) {
            channel.writeAndFlush(LinkFrame.encode(LinkFrame.LEAD, node.getBytes(StandardCharsets.UTF_8)));
        }
        return channel != null;
    }

    void ping() {
        Channel channel = up;
        if (channel != null) {
            channel.writeAndFlush(LinkFrame.encode(LinkFrame.PING, LinkPong.ping(System.nanoTime())));
        }
    }

    boolean forward(byte[] bytes, int off, int len) {
        if (len > tuning.maxFrameBytes()) {
            throw new IllegalArgumentException(
                    "A batch of " + len + " bytes, " + tuning.maxFrameBytes() + " are allowed: split it.");
        }
        Channel channel = up;
        if (channel == null) {
            return false;
        }
        if (pendingBytes.addAndGet(len) > tuning.maxPendingBytes()) {
            wantsRoom = true;
            written(len);
            return false;
        }
        channel.writeAndFlush(LinkFrame.encode(LinkFrame.BATCH, bytes, off, len))
                .addListener(done -> written(len));
        return true;
    }

    private void written(int len) {
        long left = pendingBytes.addAndGet(-len);
        if (wantsRoom && left <= tuning.maxPendingBytes() / 2) {
            loop.execute(() -> {
                if (wantsRoom) {
                    wantsRoom = false;
                    events.onWritable(peer.id());
                }
            });
        }
    }

    private void connect() {
        if (stopped) {
            return;
        }
        long mine = ++attempt;
        ChannelFuture future = bootstrap.clone().handler(pipeline()).connect(peer.host(), peer.linkPort());
        future.addListener(done -> {
            if (!done.isSuccess()) {
                failed(mine, done.cause());
            }
        });
    }

    private ChannelHandler pipeline() {
        if (tls == null) {
            return new Connection();
        }
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                SslHandler handler = new SslHandler(tls.dial(peer.host(), peer.linkPort()), tls.handshakes());
                handler.setHandshakeTimeout(tuning.greeting(true).toMillis(), TimeUnit.MILLISECONDS);
                channel.pipeline().addLast(handler, new Connection());
            }
        };
    }

    private void failed(long mine, Throwable cause) {
        trouble("can not be reached: " + cause.getMessage());
        boolean refused = isRefusal(cause);
        if (refused) {
            if (System.nanoTime() - brokeAt < DOUBT_NANOS) {
                gone();
            }
            tryRaftPort(mine);
        } else {
            ended = false;
        }
        if (!refused && isReset(cause) && isLastBreath()) {
            connect();
        } else {
            retry(tuning.retry().toMillis());
        }
    }

    /** Whether to dial again at once a peer that may just have ended. */
    private boolean isLastBreath() {
        return broken && redials-- > 0;
    }

    private static boolean isReset(Throwable cause) {
        return String.valueOf(cause.getMessage()).contains("reset");
    }

    private static boolean isRefusal(Throwable cause) {
        return String.valueOf(cause.getMessage()).contains("refused");
    }

    /** Nothing listens on the link's port: if the same is true of the other one, there is no process. */
    private void tryRaftPort(long mine) {
        ChannelFuture future =
                bootstrap.clone().handler(new ChannelInboundHandlerAdapter()).connect(peer.host(), peer.raftPort());
        future.addListener(done -> {
            if (mine == attempt) {
                ended = up == null && !done.isSuccess() && isRefusal(done.cause());
            }
            future.channel().close();
        });
    }

    private void retry(long pauseMillis) {
        if (!stopped && !loop.isShuttingDown()) {
            var unused = timers.after(loop, pauseMillis, TimeUnit.MILLISECONDS, "dialling a node", this::connect);
        }
    }

    /** Logs each trouble once, not at every attempt. */
    private void trouble(String text) {
        if (!text.equals(lastTrouble) && !stopped) {
            lastTrouble = text;
            LOG.warn("Link to node '{}' {}", peer.name(), text);
        }
    }

    private void gone() {
        if (broken) {
            broken = false;
            gone = true;
            events.onGone(peer.id());
        }
    }

    private void broke(boolean byPeer) {
        up = null;
        if (stopped) {
            return;
        }
        trouble("broke");
        events.onDown(peer.id());
        broken = byPeer;
        brokeAt = System.nanoTime();
        taken = false;
        redials = REDIALS;
        connect();
        if (byPeer) {
            long watched = ++breaks;
            var unused = timers.after(loop, GONE_AFTER_MILLIS, TimeUnit.MILLISECONDS, "waiting for a node", () -> {
                if (breaks == watched && !taken) {
                    gone();
                }
            });
        }
    }

    /** One attempt and what becomes of it. */
    private final class Connection extends LinkFrameReader {
        private ChannelHandlerContext context;
        private Hello hello;
        private boolean welcome;
        private boolean closedHere;
        private boolean refused;
        private boolean mistrusted;
        /** It would be the same again at once. */
        private boolean wait;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            context = ctx;
            taken = true;
            gone = false;
            ended = false;
            long greeting = tuning.greeting(tls != null).toMillis();
            ctx.pipeline().addFirst("idle", new IdleStateHandler(greeting, 0, 0, TimeUnit.MILLISECONDS));
            hello = handshake.hello(peer.id(), Purpose.BATCHES);
            ctx.writeAndFlush(LinkFrame.encode(LinkFrame.HELLO, LinkHandshake.encode(hello)));
        }

        @Override
        public void onFrame(byte type, int group, byte[] payload) throws IOException {
            heard = System.nanoTime();
            broken = false;
            if (group != Groups.BROKER) {
                throw new IOException("frame " + type + " of group " + group + ", which was not asked for");
            }
            switch (type) {
                case LinkFrame.CHALLENGE ->
                    context.writeAndFlush(LinkFrame.encode(LinkFrame.PROOF, handshake.answer(hello, payload)));
                case LinkFrame.WELCOME -> welcome();
                case LinkFrame.REJECT ->
                    throw new LinkHandshake.RefusedException(new String(payload, StandardCharsets.UTF_8));
                case LinkFrame.PONG -> {
                    LinkPong pong = LinkPong.decode(payload);
                    lastEntry = pong.lastEntry();
                    committed = pong.committed();
                    everywhere = Math.max(everywhere, pong.everywhere());
                    missesLeader = pong.missesLeader();
                    rank = pong.rank();
                    asked = pong.asked();
                    events.onPong(peer.id(), pong);
                }
                case LinkFrame.REFUSED, LinkFrame.NO_GROUP -> events.onRefused(peer.id(), payload);
                default -> throw new IOException("unexpected frame " + type);
            }
        }

        private void welcome() {
            welcome = true;
            allow(tuning.maxFrameBytes() + LinkFrame.MIN_LENGTH);
            context.pipeline().remove("idle");
            long dead = tuning.deadAfter().toMillis();
            // A node that only forwards hears nothing back: it has to ask whether the peer lives.
            context.pipeline().addFirst("idle", new IdleStateHandler(dead, 0, 0, TimeUnit.MILLISECONDS));
            lastTrouble = "";
            up = context.channel();
            LOG.info("Link to node '{}' is up", peer.name());
            ping();
            events.onUp(peer.id());
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof IdleStateEvent) {
                trouble("was silent for too long");
                closedHere = true;
                ctx.close();
            } else if (event instanceof SslHandshakeCompletionEvent done && !done.isSuccess() && !isEnding(done)) {
                mistrusted(ctx, done.cause());
            }
        }

        /** Who ends closes without a word. */
        private boolean isEnding(SslHandshakeCompletionEvent done) {
            return broken && !LinkTlsGate.isOfTls(done.cause());
        }

        private void mistrusted(ChannelHandlerContext ctx, Throwable cause) {
            if (!mistrusted && !closedHere) {
                mistrusted = true;
                wait = tls.keptOut(peer.name(), peer.host(), peer.linkPort(), cause);
                events.onMistrust(peer.id());
            }
            ctx.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (welcome) {
                broke(!closedHere);
            } else if (!closedHere && !refused && !wait && isLastBreath()) {
                connect();
            } else {
                if (tls != null && !refused && !closedHere) {
                    mistrusted(ctx, null);
                }
                retry(refused || wait ? REFUSED_PAUSE_MILLIS : tuning.retry().toMillis());
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (!welcome && tls != null && LinkTlsGate.isOfTls(cause)) {
                mistrusted(ctx, cause);
                return;
            }
            refused = cause instanceof LinkHandshake.RefusedException;
            trouble((refused ? "was refused: " : "failed: ") + cause.getMessage());
            ctx.close();
        }
    }
}
