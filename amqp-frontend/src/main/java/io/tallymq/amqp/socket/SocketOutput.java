package io.tallymq.amqp.socket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/**
 * What goes to a client: frames are written one after the other into few big buffers, which are given to the socket when they
 * are full and flushed at the end of a turn. Event loop only, but for {@link #sentBytes}.
 */
public final class SocketOutput {
    /** A buffer is handed on once it holds this many bytes. */
    private static final int GATHER_BYTES = 64 << 10;

    private static final int MIN_BUFFER = 512;

    private final ChannelHandlerContext ctx;
    private final Channel channel;
    private final int low;
    private final OutboundBudget budget;
    private final Runnable room;
    private ByteBuf gathering;
    /** Octets in it that are whole frames. */
    private int whole;

    private int nextSize = MIN_BUFFER;
    private long heldBack;
    /** What is kept for the client elsewhere, as the budget knows it. */
    private long elsewhere;

    private boolean gone;
    private boolean unflushed;
    private boolean closed;
    private volatile long sentBytes;
    private long sent;
    private long sends;
    private volatile long flushes;
    private volatile long pending;
    /** What the socket has not taken, as the budget knows it. */
    private long counted;
    /** Behind what the socket had not taken stands a mark: whatever is written meanwhile comes behind that. */
    private boolean marked;

    private long marksPassed;
    /** Somebody was refused what the socket may take soon. */
    private boolean refused;
    // What the socket was at when it was last asked how far it is.
    private Object first;
    private long firstProgress;
    private long firstMark;
    private long progress;

    /**
     * @param low bytes waiting below which the socket is writable again
     * @param budget of the node
     * @param room runs when deliveries may be written that {@link #isWritable} refused for the budget's sake; on any thread
     */
    public SocketOutput(ChannelHandlerContext ctx, int low, OutboundBudget budget, Runnable room) {
        this.ctx = ctx;
        this.channel = ctx.channel();
        this.low = low;
        this.budget = budget;
        this.room = room;
    }

    /** Where to write frames; not to be kept. Call {@link #written} after whole frames. */
    public ByteBuf buffer() {
        return buffer(MIN_BUFFER);
    }

    /** As {@link #buffer()}, with room for about this many bytes without growing. */
    public ByteBuf buffer(int expected) {
        forgetHalf();
        if (gathering != null && gathering.isReadable() && gathering.writableBytes() < expected) {
            handOver();
        }
        if (gathering == null) {
            gathering = ctx.alloc().directBuffer(Math.max(nextSize, expected));
        }
        return gathering;
    }

    /** Whole frames were written. */
    public void written() {
        if (closed) {
            drop();
            return;
        }
        whole = gathering.writerIndex();
        if (gathering.readableBytes() >= GATHER_BYTES) {
            handOver();
        }
    }

    /** Writes octets made elsewhere and releases them. */
    public void append(ByteBuf frames) {
        if (frames.isReadable()) {
            buffer(frames.readableBytes()).writeBytes(frames);
            written();
        }
        frames.release();
    }

    /** Frames that somebody began and that nobody called whole: what was to write them has thrown, and what follows must not stand within them. */
    private void forgetHalf() {
        if (gathering != null) {
            gathering.writerIndex(whole);
        }
    }

    private void handOver() {
        int bytes = gathering.readableBytes();
        // The next buffer is as big as this one was full, so that an idle connection takes little.
        nextSize = Math.max(MIN_BUFFER, Math.min(GATHER_BYTES + MIN_BUFFER, Integer.highestOneBit(bytes) * 2));
        sent += bytes;
        ByteBuf full = gathering;
        gathering = null;
        whole = 0;
        if (closed) {
            full.release();
            return;
        }
        ChannelFuture unused = ctx.write(full, ctx.voidPromise());
        unflushed = true;
    }

    /** Gives everything to the socket. */
    public void flush() {
        forgetHalf();
        if (gathering != null && gathering.isReadable()) {
            handOver();
        }
        if (unflushed) {
            unflushed = false;
            sentBytes = sent;
            ctx.flush();
            flushes = ++sends;
            pending = pendingBytes();
            count();
        } else if (counted > 0) {
            count();
        }
    }

    /** What the socket did not take counts in the budget until it has. */
    private void count() {
        long unsent = channel.isActive() ? unsentBytes() : 0;
        if (unsent != counted) {
            budget.changed(counted, unsent);
            counted = unsent;
        }
        if (unsent > 0 && !marked) {
            mark();
        }
        if (unsent == 0 && refused) {
            refused = false;
            room.run();
        }
    }

    /** To be told when all that is before it was taken. By TLS, too: it needs no record of its own. */
    private void mark() {
        marked = true;
        ChannelFuture unused = channel.pipeline()
                .firstContext()
                .writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(passed -> {
                    marked = false;
                    marksPassed++;
                    count();
                });
    }

    /**
     * Flushes and tells the client that nothing more comes. The socket stays open for reading, and somebody has to go on reading and
     * to close it in the end: closed with octets unread, the kernel would reset it, and what was written last would be lost.
     */
    public void flushAndEnd() {
        flush();
        closed = true;
        ChannelFuture unused = ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((ChannelFuture written) -> {
            if (written.isSuccess() && channel instanceof DuplexChannel socket) {
                end(socket);
            } else {
                ChannelFuture closed = channel.close();
            }
        });
    }

    /** By TLS it is told within the stream first: else it looks as if somebody had cut the rest off. */
    private void end(DuplexChannel socket) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            ChannelFuture ended = socket.shutdownOutput();
        } else {
            var unused = tls.closeOutbound().addListener(told -> socket.shutdownOutput());
        }
    }

    /** Bytes that were given to the socket and that it has not taken; not those held back. */
    long unsentBytes() {
        ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
        // Who is told that his write was taken is told before its octets are subtracted.
        return unsent == null || unsent.isEmpty() ? 0 : unsent.totalPendingWriteBytes();
    }

    /**
     * Is another one than before when the socket has taken something since; what was only written makes no difference. A buffer that was taken may
     * come again, but behind the mark.
     */
    public long progress() {
        ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
        Object now = unsent == null ? null : unsent.current();
        long nowProgress = unsent == null ? 0 : unsent.currentProgress();
        if (now != first || nowProgress != firstProgress || marksPassed != firstMark) {
            first = now;
            firstProgress = nowProgress;
            firstMark = marksPassed;
            progress++;
        }
        return progress;
    }

    /** Octets that the socket has taken since the beginning; for each write that waits it is told some less. */
    long taken() {
        ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
        return sent - unsentBytes() + (unsent == null ? 0 : unsent.currentProgress());
    }

    /** Whether it has much of what waits for all sockets. */
    boolean hasMuch() {
        return budget.isMuch(counted);
    }

    /** Whether deliveries may be written. */
    public boolean isWritable() {
        return takesMore() && hasRoom();
    }

    /** Whether the socket takes more, whatever the budget says. */
    public boolean takesMore() {
        return !closed && channel.isWritable();
    }

    private boolean hasRoom() {
        if (!budget.isScarce()) {
            return true;
        }
        if (counted > 0 || unflushed) {
            refused = true;
            return false;
        }
        if (budget.isFull()) {
            budget.await(room);
            return false;
        }
        return true;
    }

    /** Whether the client is to read before it is read, as memory is scarce. */
    public boolean mustBeReadFirst() {
        if ((counted > 0 || heldBack > 0) && budget.isScarce()) {
            refused = true;
            return true;
        }
        return false;
    }

    /** Memory may not be scarce any more though the client has read nothing: what was refused for that reason is looked at again. */
    void goOnIfNotScarce() {
        if (refused && !budget.isScarce()) {
            refused = false;
            room.run();
        }
    }

    /** Whether who takes nothing takes room that others need. */
    public boolean isInTheWay() {
        return budget.isScarce();
    }

    /** Bytes that wait for the socket, about, and those held back. */
    public long pendingBytes() {
        long toDrain = channel.bytesBeforeWritable();
        return heldBack + (toDrain == 0 ? 0 : toDrain + low);
    }

    /** A channel keeps so many bytes more, or less, until its content in hand has been written. */
    public void heldBack(int change) {
        heldBack += change;
        keptElsewhere(change);
    }

    /** So much more, or less, is kept for the client and not written: it counts as what its socket has not taken. */
    public void keptElsewhere(int change) {
        if (!gone) {
            elsewhere += change;
            budget.changed(change);
        }
    }

    /** Bytes handed to the socket. Any thread. */
    public long sentBytes() {
        return sentBytes;
    }

    /** How often something was given to the socket. Any thread. */
    public long flushes() {
        return flushes;
    }

    /** {@link #pendingBytes} as of the last flush. Any thread. */
    public long lastPending() {
        return pending;
    }

    /** The socket is gone: what is written from now on is dropped. */
    public void close() {
        closed = true;
        drop();
        refused = false;
        budget.forget(room);
        budget.changed(counted, 0);
        counted = 0;
        budget.changed(-elsewhere);
        elsewhere = 0;
        gone = true;
    }

    private void drop() {
        if (gathering != null) {
            gathering.release();
            gathering = null;
            whole = 0;
        }
    }
}
