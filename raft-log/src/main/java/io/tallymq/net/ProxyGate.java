package io.tallymq.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import io.tallymq.net.ProxyHeader.NotAHeader;
import io.tallymq.timer.SparseLog;
import io.tallymq.timer.Timers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Stands before all else of a connection from a proxy, takes the proxy's header off it and only then lets the rest begin, TLS included. Who has it
 * stand there finds the client's address with {@link #client}. On the channel's event loop.
 */
public final class ProxyGate extends ChannelInboundHandlerAdapter {
    private static final AttributeKey<InetSocketAddress> CLIENT = AttributeKey.valueOf(ProxyGate.class, "client");
    private static final AttributeKey<InetSocketAddress> SERVER = AttributeKey.valueOf(ProxyGate.class, "server");

    private final ProxyRule rule;
    private final Timers timers;
    private final SparseLog refusals;
    private final Runnable rest;
    private ByteBuf gathered = Unpooled.EMPTY_BUFFER;
    private ScheduledFuture<?> deadline;
    private boolean done;

    private ProxyGate(ProxyRule rule, Timers timers, SparseLog refusals, Runnable rest) {
        this.rule = rule;
        this.timers = timers;
        this.refusals = refusals;
        this.rest = rest;
    }

    /**
     * Begins a connection that was just accepted, from its channel's initializer.
     *
     * @param rest adds all other handlers, or closes the channel: now, or when the proxy's header is there
     */
    public static void begin(Channel channel, ProxyRule rule, Timers timers, SparseLog refusals, Runnable rest) {
        if (rule.isFor(channel.remoteAddress())) {
            channel.pipeline().addLast(new ProxyGate(rule, timers, refusals, rest));
        } else {
            rest.run();
        }
    }

    /** Where a client comes from: what its proxy said, else the other end of its connection. */
    public static InetSocketAddress client(Channel channel) {
        InetSocketAddress told = channel.hasAttr(CLIENT) ? channel.attr(CLIENT).get() : null;
        return told != null ? told : (InetSocketAddress) channel.remoteAddress();
    }

    /** Where a client connected to: what its proxy said, else this end of its connection. */
    public static InetSocketAddress server(Channel channel) {
        InetSocketAddress told = channel.hasAttr(SERVER) ? channel.attr(SERVER).get() : null;
        return told != null ? told : (InetSocketAddress) channel.localAddress();
    }

    /** Those behind it begin when the header is there. */
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        deadline = timers.after(
                ctx.executor(),
                rule.timeout().toNanos(),
                TimeUnit.NANOSECONDS,
                "waiting for a PROXY header",
                () -> refuse(
                        ctx, "no whole PROXY header came in " + rule.timeout().toMillis() + " ms"));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (done || !(message instanceof ByteBuf octets)) {
            ReferenceCountUtil.release(message);
            return;
        }
        gathered = gathered.isReadable() ? Unpooled.wrappedBuffer(gathered, octets) : octets;
        byte[] begin = ByteBufUtil.getBytes(
                gathered, gathered.readerIndex(), Math.min(gathered.readableBytes(), ProxyHeader.MOST), true);
        try {
            ProxyHeader header = ProxyHeader.read(begin);
            if (header != null) {
                begin(ctx, header);
            }
        } catch (NotAHeader e) {
            refuse(ctx, e.getMessage());
        }
    }

    private void begin(ChannelHandlerContext ctx, ProxyHeader header) {
        done = true;
        deadline.cancel(false);
        Channel channel = ctx.channel();
        InetSocketAddress proxy = (InetSocketAddress) channel.remoteAddress();
        switch (header.kind()) {
            case KNOWN -> {
                // Who is on the proxy's machine is there, not here.
                boolean there = isHere(header.client()) && !isHere(proxy);
                channel.attr(CLIENT).set(there ? proxy : header.client());
                channel.attr(SERVER).set(header.server());
            }
            case UNKNOWN -> channel.attr(CLIENT).set(isHere(proxy) ? nowhere() : proxy);
            case LOCAL -> channel.attr(CLIENT).set(proxy);
        }
        ByteBuf left = gathered.skipBytes(header.length());
        gathered = Unpooled.EMPTY_BUFFER;
        rest.run();
        if (!channel.isOpen()) {
            left.release();
            return;
        }
        ctx.fireChannelActive();
        if (left.isReadable()) {
            ctx.fireChannelRead(left);
            ctx.fireChannelReadComplete();
        } else {
            left.release();
        }
        if (!ctx.isRemoved()) {
            ctx.pipeline().remove(this);
        }
    }

    private static boolean isHere(InetSocketAddress address) {
        return address.getAddress().isLoopbackAddress();
    }

    /** Of a client of a proxy on this machine that is not known: it must not pass for one of this machine. */
    private static InetSocketAddress nowhere() {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[4]), 0);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 octets", e);
        }
    }

    private void refuse(ChannelHandlerContext ctx, String why) {
        if (!done) {
            done = true;
            refusals.warn("Connection of the proxy {} closed: {}", ctx.channel().remoteAddress(), why);
            var unused = ctx.close();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!done) {
            return; // those behind it have heard of nothing
        }
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        done = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        gathered.release();
        gathered = Unpooled.EMPTY_BUFFER;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (done) {
            ctx.fireExceptionCaught(cause);
        } else {
            done = true;
            var unused = ctx.close();
        }
    }
}
