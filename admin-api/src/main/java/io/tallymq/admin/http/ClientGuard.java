package io.tallymq.admin.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.tallymq.net.ProxyGate;
import io.tallymq.timer.SparseLog;
import io.tallymq.timer.Timers;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Stands between the socket and the HTTP decoder. Closes clients that take too long for one request, whatever number of bytes
 * they send now and then; and reads on for a moment after an answer that ends the connection, so that the client gets to read the answer
 * instead of a reset.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Closing is all that is left to do, however it ends.
final class ClientGuard extends ChannelInboundHandlerAdapter {
    /** How long unread input is drained after the last answer. */
    static final Duration LINGER = Duration.ofSeconds(2);

    private final Duration requestTimeout;
    private final Timers timers;
    private final SparseLog refusals;
    private ScheduledFuture<?> deadline;
    private boolean busy;
    private boolean draining;

    ClientGuard(Duration requestTimeout, Timers timers, SparseLog refusals) {
        this.refusals = refusals;
        this.requestTimeout = requestTimeout;
        this.timers = timers;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        startDeadline(ctx, requestTimeout);
        ctx.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stopDeadline();
        ctx.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (draining) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (!busy && deadline == null) {
            startDeadline(ctx, requestTimeout);
        }
        ctx.fireChannelRead(message);
    }

    /** The request that comes in may take so long from now on. */
    void allow(ChannelHandlerContext ctx, Duration time) {
        stopDeadline();
        startDeadline(ctx, time);
    }

    /** A whole request is here; what comes before its answer is out belongs to the next one. */
    void requestComplete() {
        busy = true;
        stopDeadline();
    }

    void answered() {
        busy = false;
    }

    /** The last answer is out and our half of the connection is closed: drops what still comes, then closes. */
    void drain(ChannelHandlerContext ctx) {
        draining = true;
        stopDeadline();
        ctx.channel().config().setAutoRead(true);
        var unused = timers.after(
                ctx.executor(), LINGER.toMillis(), TimeUnit.MILLISECONDS, "ending a connection", ctx::close);
    }

    private void startDeadline(ChannelHandlerContext ctx, Duration time) {
        deadline = timers.after(
                ctx.executor(), time.toNanos(), TimeUnit.NANOSECONDS, "closing a slow client", () -> late(ctx, time));
    }

    private void late(ChannelHandlerContext ctx, Duration time) {
        refusals.warn(
                "HTTP connection of {} closed: no whole request came in {}", ProxyGate.client(ctx.channel()), time);
        ctx.close();
    }

    private void stopDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }
}
