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
    private ByteBuf gathering;
    /** Octets in it that are whole frames. */
    private int whole;

    private int nextSize = MIN_BUFFER;
    private long heldBack;
    private boolean unflushed;
    private boolean closed;
    private volatile long sentBytes;
    private long sent;
    private long sends;
    private volatile long flushes;
    private volatile long pending;

    /** @param low bytes waiting below which the socket is writable again */
    public SocketOutput(ChannelHandlerContext ctx, int low) {
        this.ctx = ctx;
        this.channel = ctx.channel();
        this.low = low;
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
        }
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

    /** Bytes that the socket has not taken; not those held back. */
    long unsentBytes() {
        ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
        return unsent == null ? 0 : unsent.totalPendingWriteBytes();
    }

    /** Grows, or at least changes, when the socket takes something. */
    public long progress() {
        ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
        return sent - unsentBytes() + (unsent == null ? 0 : unsent.currentProgress());
    }

    /** Whether deliveries may be written. */
    public boolean isWritable() {
        return !closed && channel.isWritable();
    }

    /** Bytes that wait for the socket, about, and those held back. */
    public long pendingBytes() {
        long toDrain = channel.bytesBeforeWritable();
        return heldBack + (toDrain == 0 ? 0 : toDrain + low);
    }

    /** A channel keeps so many bytes more, or less, until its content in hand has been written. */
    public void heldBack(int change) {
        heldBack += change;
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
    }

    private void drop() {
        if (gathering != null) {
            gathering.release();
            gathering = null;
            whole = 0;
        }
    }
}
