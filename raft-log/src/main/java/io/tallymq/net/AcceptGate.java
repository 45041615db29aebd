package io.tallymq.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.tallymq.timer.SparseLog;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * The handler of a port that listens: closes what is accepted beyond a limit at once, on the thread that accepts. Whoever
 * counts later, where connections are served, comes too late when many come at a time: each that waits to be counted has its file
 * descriptor already.
 */
@ChannelHandler.Sharable // of several ports that have a limit together
public final class AcceptGate extends ChannelInboundHandlerAdapter {
    private final String port;
    private final int most;
    private final SparseLog refusals;
    private final Predicate<Channel> also;
    private final AtomicInteger open;
    private final LongAdder closed;

    /**
     * @param port for the log: whose connections they are
     * @param most connections at a time, those that are being closed included
     */
    public AcceptGate(String port, int most, SparseLog refusals) {
        this.port = port;
        this.most = most;
        this.refusals = refusals;
        also = accepted -> true;
        open = new AtomicInteger();
        closed = new LongAdder();
    }

    private AcceptGate(AcceptGate with, Predicate<Channel> also) {
        this.port = with.port;
        this.most = with.most;
        this.refusals = with.refusals;
        this.also = also;
        this.open = with.open;
        this.closed = with.closed;
    }

    /**
     * For a port that has the limit together with this one and asks something more.
     *
     * @param also whether a connection may come that the limit has room for; on the thread that accepts
     */
    public AcceptGate and(Predicate<Channel> also) {
        return new AcceptGate(this, also);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Channel accepted = (Channel) message;
        if (open.incrementAndGet() > most) {
            open.decrementAndGet();
            closed.increment();
            refusals.warn(
                    "{} connection of {} closed: {} are open, more than this node admits",
                    port,
                    accepted.remoteAddress(),
                    most);
            accepted.unsafe().closeForcibly();
            return;
        }
        if (!also.test(accepted)) {
            open.decrementAndGet();
            accepted.unsafe().closeForcibly();
            return;
        }
        accepted.closeFuture().addListener(ended -> open.decrementAndGet());
        ctx.fireChannelRead(accepted);
    }

    /** Connections closed because there were too many. Any thread. */
    public long closed() {
        return closed.sum();
    }
}
