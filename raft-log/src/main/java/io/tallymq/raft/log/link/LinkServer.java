package io.tallymq.raft.log.link;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.tallymq.net.NodesTls;
import io.tallymq.raft.log.config.Groups;
import io.tallymq.raft.log.config.LinkTuning;
import io.tallymq.raft.log.link.LinkHandshake.Challenge;
import io.tallymq.raft.log.link.LinkHandshake.Hello;
import io.tallymq.raft.log.link.LinkHandshake.Purpose;
import io.tallymq.raft.log.state.ReplicatedState;
import io.tallymq.timer.SparseLog;
import io.tallymq.timer.Timers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The accepting end of one connection of the link. Runs on the link's inbound thread. */
final class LinkServer extends LinkFrameReader {
    private static final Logger LOG = LoggerFactory.getLogger(LinkServer.class);

    /** What an accepted connection needs of its node. */
    interface Host {
        LinkHandshake handshake();

        LinkTuning tuning();

        /** Why the node that says this is none of the peers; null when it is one, if it can prove it. */
        String refusal(Hello hello);

        /** Where it is told what was refused to a stranger. */
        SparseLog refusals();

        /** Null for plain text. */
        NodesTls tls();

        void opened(String node, Channel channel);

        void closed(String node, Channel channel);

        void onBatch(String node, Channel channel, byte[] bytes);

        /** Somebody asks that this node lead instead of the receiver. Must not block. */
        void onLead(String node);

        /** The last entry of this node's log. */
        ReplicatedState.Position lastEntry();

        /** Whether this node leads or heard its leader lately. */
        boolean hearsLeader();

        /** For how many milliseconds that node may act on what it was assigned: none if this node doesn't reach it and may declare it lost. */
        int leaseMillis(String node);

        /** This node's commit index. */
        long committed();

        /** Up to where all nodes are known to have flushed the log, -1 for unknown. */
        long everywhere();

        /** How well this node would lead. */
        Rank rank();

        /** The pings of that node are not answered: for tests. */
        boolean isMute(String node);

        void sendCheckpoint(String node, Channel channel);
    }

    private final Host host;
    private final Timers timers;
    private Hello hello;
    private Challenge challenge;
    private boolean welcome;
    private boolean mistrusted;
    private ChannelHandlerContext context;
    private ScheduledFuture<?> deadline;

    LinkServer(Host host, Timers timers) {
        this.host = host;
        this.timers = timers;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        long greeting = greeting().toMillis();
        // Not a pause between bytes but the whole greeting: who sends a byte now and then must not stay either.
        deadline = timers.after(
                ctx.executor(), greeting, TimeUnit.MILLISECONDS, "ending a greeting that is late", () -> late(ctx));
    }

    private Duration greeting() {
        return host.tuning().greeting(host.tls() != null);
    }

    private void late(ChannelHandlerContext ctx) {
        host.refusals()
                .warn("Link connection of {} refused: it did not prove to be a node in {}", peer(ctx), greeting());
        ctx.close();
    }

    @Override
    public void onFrame(byte type, int group, byte[] payload) throws IOException {
        String noGroup = Groups.refusal(group);
        if (noGroup != null) {
            refuse(group, noGroup);
            return;
        }
        if (!welcome) {
            greet(type, payload);
            return;
        }
        switch (type) {
            case LinkFrame.BATCH -> host.onBatch(hello.from(), context.channel(), payload);
            case LinkFrame.LEAD -> host.onLead(new String(payload, StandardCharsets.UTF_8));
            case LinkFrame.PING -> {
                if (!host.isMute(hello.from())) {
                    LinkPong pong = new LinkPong(
                            host.lastEntry(),
                            !host.hearsLeader(),
                            host.leaseMillis(hello.from()),
                            LinkPong.decodePing(payload),
                            host.committed(),
                            host.everywhere(),
                            host.rank());
                    context.writeAndFlush(LinkFrame.encode(LinkFrame.PONG, pong.encode(challenge.version())));
                }
            }
            default -> throw new IOException("unexpected frame " + type);
        }
    }

    private void refuse(int group, String why) throws LinkHandshake.RefusedException {
        if (!welcome) {
            throw new LinkHandshake.RefusedException(why);
        }
        host.refusals().warn("A frame of {} was refused: {}", peer(context), why);
        byte[] text = why.getBytes(StandardCharsets.UTF_8);
        context.writeAndFlush(LinkFrame.encode(LinkFrame.NO_GROUP, group, text, 0, text.length));
    }

    private void greet(byte type, byte[] payload) throws IOException {
        if (type == LinkFrame.HELLO && hello == null) {
            hello = host.handshake().accept(payload);
            String refusal = host.refusal(hello);
            if (refusal != null) {
                throw new LinkHandshake.RefusedException(refusal);
            }
            challenge = host.handshake().challenge(hello);
            context.writeAndFlush(LinkFrame.encode(LinkFrame.CHALLENGE, LinkHandshake.encode(challenge)));
        } else if (type == LinkFrame.PROOF && challenge != null) {
            host.handshake().check(hello, challenge, payload);
            welcome();
        } else {
            throw new LinkHandshake.RefusedException("frame " + type + " does not belong into a greeting");
        }
    }

    private void welcome() {
        welcome = true;
        context.writeAndFlush(LinkFrame.encode(LinkFrame.WELCOME, LinkFrame.EMPTY));
        deadline.cancel(false);
        if (hello.purpose() == Purpose.CHECKPOINT) {
            host.sendCheckpoint(hello.from(), context.channel());
            return;
        }
        allow(host.tuning().maxFrameBytes() + LinkFrame.MIN_LENGTH);
        long dead = host.tuning().deadAfter().toMillis();
        context.pipeline().addFirst("idle", new IdleStateHandler(dead, 0, 0, TimeUnit.MILLISECONDS));
        host.opened(hello.from(), context.channel());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleStateEvent) {
            LOG.info("Link of {} was silent for too long, closing it", peer(ctx));
            ctx.close();
        } else if (event instanceof SslHandshakeCompletionEvent done && !done.isSuccess()) {
            mistrusted(ctx, done.cause());
        }
    }

    private void mistrusted(ChannelHandlerContext ctx, Throwable cause) {
        if (!mistrusted) {
            mistrusted = true;
            host.tls().refused(LinkTlsGate.PORT, ctx.channel().remoteAddress(), cause);
        }
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        deadline.cancel(false);
        if (welcome && hello.purpose() == Purpose.BATCHES) {
            host.closed(hello.from(), ctx.channel());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof LinkHandshake.RefusedException refused) {
            host.refusals().warn("Link connection of {} refused: {}", peer(ctx), refused.getMessage());
            byte[] reason = refused.getMessage().getBytes(StandardCharsets.UTF_8);
            ctx.writeAndFlush(LinkFrame.encode(LinkFrame.REJECT, reason)).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        if (!welcome && host.tls() != null && LinkTlsGate.isOfTls(cause)) {
            mistrusted(ctx, cause);
            return;
        }
        if (welcome) {
            LOG.info("Link of {} broke: {}", peer(ctx), cause.toString());
        } else {
            host.refusals().warn("Link connection of {} refused: {}", peer(ctx), cause.toString());
        }
        ctx.close();
    }

    private String peer(ChannelHandlerContext ctx) {
        return hello == null ? String.valueOf(ctx.channel().remoteAddress()) : "node '" + hello.from() + "'";
    }
}
