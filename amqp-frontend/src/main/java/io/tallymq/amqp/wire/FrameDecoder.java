package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Cuts a stream of octets into the protocol header and frames (section 4.2) and calls a {@link FrameListener}.
 *
 * <p>Works in place: only a method or header frame that a read cuts in two is copied, body octets are passed on as
 * they arrive. What is held between two reads is at most one frame that is not a body, and grows with what arrived,
 * not with what was declared. One per connection, used by its event loop only: not thread-safe.
 */
public final class FrameDecoder implements AutoCloseable {
    /** The held octets are given back if a rare big frame made them more than this. */
    private static final int KEPT_BYTES = 4096;

    private enum State {
        PROTOCOL_HEADER,
        FRAME,
        BODY_REST,
        STOPPED
    }

    private final FrameListener listener;
    private final MethodCodec codec;
    private State state = State.PROTOCOL_HEADER;
    private int frameMax = Frame.INITIAL_MAX_BYTES;

    /** Octets of earlier reads that were not enough; null or empty most of the time. */
    private ByteBuf held;

    /** Channel of the current frame. */
    private int channel;
    /** Octets of the current body frame that were not passed on yet. */
    private int bodyRest;

    private boolean feeding;
    private boolean suspended;

    public FrameDecoder(FrameListener listener) {
        this(listener, new MethodCodec());
    }

    public FrameDecoder(FrameListener listener, MethodCodec codec) {
        this.listener = listener;
        this.codec = codec;
    }

    /**
     * Sets the largest payload a frame may have from the next frame on, in octets; at first {@link
     * Frame#INITIAL_MAX_BYTES}. The peer's frame-max counts the whole frame, so a peer that counts wrongly by the
     * {@value Frame#OVERHEAD_BYTES} octets of overhead, as some clients do, is still accepted.
     *
     * @throws IllegalArgumentException if it is below {@link Frame#MIN_MAX_BYTES}
     */
    public void setFrameMax(int frameMax) {
        if (frameMax < Frame.MIN_MAX_BYTES) {
            throw new IllegalArgumentException("frame-max is at least " + Frame.MIN_MAX_BYTES + ": " + frameMax);
        }
        this.frameMax = frameMax;
    }

    /** Octets held from earlier reads, at most frame-max + {@value Frame#OVERHEAD_BYTES} unless {@link #suspend}ed. */
    public int heldBytes() {
        return held == null ? 0 : held.readableBytes();
    }

    /** True once nothing more is read: after an error, a refused protocol header, or {@link #stop}. */
    public boolean isStopped() {
        return state == State.STOPPED;
    }

    /** Reads nothing more, not even the rest of the octets being fed. May be called by the listener. */
    public void stop() {
        state = State.STOPPED;
    }

    /**
     * Reads nothing until {@link #resume}; what is fed meanwhile is held, all of it: the caller has to bound it by {@link
     * #heldBytes}. May be called by the listener.
     */
    public void suspend() {
        suspended = true;
    }

    /** Ends {@link #suspend} and reads what was held. Not to be called by the listener while it is suspended. */
    public void resume() {
        if (!suspended) {
            return;
        }
        suspended = false;
        if (held == null || state == State.STOPPED) {
            return;
        }
        feeding = true;
        try {
            parse(held);
            shrinkHeld();
        } finally {
            feeding = false;
            if (state == State.STOPPED) {
                releaseHeld();
            }
        }
    }

    /** Stops and gives back the held octets. */
    @Override
    public void close() {
        stop();
        // A listener may close what feeds it: the held octets may just be what is being read.
        if (!feeding) {
            releaseHeld();
        }
    }

    /**
     * Reads all of the octets; keeps what does not make a frame yet. The caller still owns the buffer and releases
     * it. Exceptions of the listener pass through; the decoder is then of no use any more.
     */
    public void feed(ByteBuf in) {
        feeding = true;
        try {
            while (in.isReadable() && state != State.STOPPED) {
                feedOnce(in);
            }
            in.skipBytes(in.readableBytes());
        } finally {
            feeding = false;
            if (state == State.STOPPED) {
                releaseHeld();
            }
        }
    }

    private void feedOnce(ByteBuf in) {
        if (suspended) {
            hold(in, in.readableBytes());
        } else if (heldBytes() == 0) {
            parse(in);
            hold(in, in.readableBytes());
        } else {
            hold(in, Math.min(missing(), in.readableBytes()));
            parse(held);
            shrinkHeld();
        }
    }

    /** How many octets complete the unit that the held ones begin; at least 1. */
    private int missing() {
        int have = held.readableBytes();
        return switch (state) {
            case PROTOCOL_HEADER -> ProtocolHeader.BYTES - have;
            case BODY_REST -> bodyRest + 1 - have;
            case STOPPED -> have;
            case FRAME -> {
                if (have < Frame.PREFIX_BYTES) {
                    yield Frame.PREFIX_BYTES - have;
                }
                // The prefix was checked when it was complete, so the size is within the limit.
                int size = held.getInt(held.readerIndex() + 3);
                yield size + Frame.OVERHEAD_BYTES - have;
            }
        };
    }

    private void hold(ByteBuf in, int octets) {
        if (octets == 0 || state == State.STOPPED) {
            return;
        }
        if (held == null) {
            held = Unpooled.buffer(Math.max(octets, 64));
        }
        held.writeBytes(in, octets);
    }

    private void shrinkHeld() {
        if (held.isReadable()) {
            return;
        }
        if (held.capacity() > KEPT_BYTES) {
            releaseHeld();
        } else {
            held.clear();
        }
    }

    private void releaseHeld() {
        if (held != null) {
            held.release();
            held = null;
        }
    }

    /** Reads units as long as they are complete. */
    private void parse(ByteBuf in) {
        try {
            boolean progress = true;
            while (progress && !suspended) {
                progress = switch (state) {
                    case PROTOCOL_HEADER -> protocolHeader(in);
                    case FRAME -> frame(in);
                    case BODY_REST -> bodyRest(in);
                    case STOPPED -> false;
                };
            }
        } catch (WireException e) {
            state = State.STOPPED;
            listener.onError(channel, e);
        }
    }

    private boolean protocolHeader(ByteBuf in) {
        if (in.readableBytes() < ProtocolHeader.BYTES) {
            return false;
        }
        boolean accepted = ProtocolHeader.read(in);
        state = accepted ? State.FRAME : State.STOPPED;
        listener.onProtocolHeader(accepted);
        return true;
    }

    private boolean frame(ByteBuf in) throws WireException {
        if (in.readableBytes() < Frame.PREFIX_BYTES) {
            return false;
        }
        int start = in.readerIndex();
        int type = in.getUnsignedByte(start);
        channel = in.getUnsignedShort(start + 1);
        long declared = in.getUnsignedInt(start + 3);
        checkPrefix(type, declared);
        int size = (int) declared;
        if (type == Frame.BODY) {
            in.skipBytes(Frame.PREFIX_BYTES);
            bodyRest = size;
            state = State.BODY_REST;
            return true;
        }
        if (in.readableBytes() < size + Frame.OVERHEAD_BYTES) {
            return false;
        }
        int end = start + Frame.PREFIX_BYTES + size;
        checkEnd(in.getUnsignedByte(end));
        in.readerIndex(start + Frame.PREFIX_BYTES);
        switch (type) {
            case Frame.METHOD -> listener.onMethod(channel, codec.decode(in, size));
            case Frame.HEADER -> header(in, size);
            default -> listener.onHeartbeat();
        }
        in.readerIndex(end + 1);
        return true;
    }

    /** As soon as the prefix is there, so that nothing is held for a frame that will be refused. */
    private void checkPrefix(int type, long size) throws WireException {
        if (type != Frame.METHOD && type != Frame.HEADER && type != Frame.BODY && type != Frame.HEARTBEAT) {
            throw new WireException(ReplyCode.FRAME_ERROR, "there is no frame type " + type);
        }
        if (size > frameMax) {
            throw new WireException(
                    ReplyCode.FRAME_ERROR,
                    "a frame of " + size + " octets is larger than frame-max " + frameMax + ", split the content");
        }
        if (type == Frame.HEARTBEAT) {
            if (channel != 0) {
                throw new WireException(
                        ReplyCode.UNEXPECTED_FRAME, "heartbeats belong to channel 0, this came on " + channel);
            }
            if (size != 0) {
                throw new WireException(ReplyCode.FRAME_ERROR, "a heartbeat has no payload, this has " + size);
            }
        }
    }

    private static void checkEnd(int octet) throws WireException {
        if (octet != Frame.END) {
            throw new WireException(
                    ReplyCode.FRAME_ERROR, "a frame ends with octet " + Frame.END + ", this with " + octet);
        }
    }

    private void header(ByteBuf in, int size) throws WireException {
        if (size < Frame.HEADER_FIXED_BYTES) {
            throw WireException.malformed("a header frame has at least " + Frame.HEADER_FIXED_BYTES + " octets");
        }
        int classId = in.readUnsignedShort();
        int weight = in.readUnsignedShort();
        long bodySize = in.readLong();
        listener.onHeader(channel, classId, weight, bodySize, in.readSlice(size - Frame.HEADER_FIXED_BYTES));
    }

    private boolean bodyRest(ByteBuf in) throws WireException {
        int readable = in.readableBytes();
        if (readable > bodyRest) {
            checkEnd(in.getUnsignedByte(in.readerIndex() + bodyRest));
            ByteBuf octets = in.readSlice(bodyRest);
            in.skipBytes(1);
            state = State.FRAME;
            listener.onBody(channel, octets);
            return true;
        }
        // Keeps the last octet back until the end octet is there: a listener that has all of a body may act on it.
        int passed = Math.min(readable, bodyRest - 1);
        if (passed > 0) {
            bodyRest -= passed;
            listener.onBody(channel, in.readSlice(passed));
        }
        return false;
    }
}
