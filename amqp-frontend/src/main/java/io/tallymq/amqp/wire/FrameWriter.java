package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;

/**
 * Writes whole frames. What a message needs on its way out takes octets and makes no objects. No state, thread-safe;
 * the buffer belongs to the caller and grows as needed.
 */
public final class FrameWriter {
    /** Class id and method id in one int. */
    private static final int BASIC_DELIVER = MethodId.BASIC_DELIVER.classId() << 16 | MethodId.BASIC_DELIVER.methodId();

    private static final int BASIC_ACK = MethodId.BASIC_ACK.classId() << 16 | MethodId.BASIC_ACK.methodId();
    private static final int BASIC_NACK = MethodId.BASIC_NACK.classId() << 16 | MethodId.BASIC_NACK.methodId();
    private static final int BASIC_CLASS = MethodId.BASIC_DELIVER.classId();

    private FrameWriter() {}

    /** A method frame. A method can't be split: it is up to the caller that it fits the peer's frame-max. */
    public static void method(ByteBuf out, int channel, Method method) {
        int start = begin(out, Frame.METHOD, channel);
        MethodCodec.encode(method, out);
        end(out, start);
    }

    /**
     * A basic.deliver frame; header and body have to follow.
     *
     * @param consumerTag UTF-8 octets without the length octet, at most 255; so are exchange and routing key
     */
    public static void deliver(
            ByteBuf out,
            int channel,
            byte[] consumerTag,
            long deliveryTag,
            boolean redelivered,
            byte[] exchange,
            byte[] routingKey) {
        int payload = 4 + 1 + consumerTag.length + 8 + 1 + 1 + exchange.length + 1 + routingKey.length;
        prefix(out, Frame.METHOD, channel, payload);
        out.writeInt(BASIC_DELIVER);
        WireWriter.shortBytes(out, consumerTag);
        out.writeLong(deliveryTag);
        out.writeBoolean(redelivered);
        WireWriter.shortBytes(out, exchange);
        WireWriter.shortBytes(out, routingKey);
        out.writeByte(Frame.END);
    }

    /**
     * A header frame of class basic.
     *
     * @param bodySize octets of the body that follows, over all its frames
     * @param props holds the property flags and the properties at {@code offset}, {@code length} octets of them
     */
    public static void header(ByteBuf out, int channel, long bodySize, byte[] props, int offset, int length) {
        prefix(out, Frame.HEADER, channel, Frame.HEADER_FIXED_BYTES + length);
        out.writeShort(BASIC_CLASS);
        out.writeShort(0);
        out.writeLong(bodySize);
        out.writeBytes(props, offset, length);
        out.writeByte(Frame.END);
    }

    /**
     * A body in as many frames as it takes; none for an empty body.
     *
     * @param frameMax the negotiated size of a whole frame, its {@value Frame#OVERHEAD_BYTES} octets of overhead
     *     included; 0 if the peer set no limit
     */
    public static void body(ByteBuf out, int channel, byte[] src, int offset, int length, int frameMax) {
        int most = maxPayload(frameMax);
        int position = offset;
        int end = offset + length;
        while (position < end) {
            int size = Math.min(most, end - position);
            prefix(out, Frame.BODY, channel, size);
            out.writeBytes(src, position, size);
            out.writeByte(Frame.END);
            position += size;
        }
    }

    /** As {@link #body(ByteBuf, int, byte[], int, int, int)}, from a buffer whose reader index moves to its end. */
    public static void body(ByteBuf out, int channel, ByteBuf src, int frameMax) {
        int most = maxPayload(frameMax);
        while (src.isReadable()) {
            int size = Math.min(most, src.readableBytes());
            prefix(out, Frame.BODY, channel, size);
            out.writeBytes(src, size);
            out.writeByte(Frame.END);
        }
    }

    /** Octets of a whole header frame with so many octets of properties. */
    public static int headerBytes(int properties) {
        return Frame.OVERHEAD_BYTES + Frame.HEADER_FIXED_BYTES + properties;
    }

    /** Octets that {@link #body} writes for a body of this size. */
    public static long bodyBytes(long length, int frameMax) {
        int most = maxPayload(frameMax);
        long frames = (length + most - 1) / most;
        return length + frames * Frame.OVERHEAD_BYTES;
    }

    public static void ack(ByteBuf out, int channel, long deliveryTag, boolean multiple) {
        prefix(out, Frame.METHOD, channel, 13);
        out.writeInt(BASIC_ACK);
        out.writeLong(deliveryTag);
        out.writeBoolean(multiple);
        out.writeByte(Frame.END);
    }

    /** A negative publisher confirm: the requeue bit, which means nothing to a publisher, is 0. */
    public static void nack(ByteBuf out, int channel, long deliveryTag, boolean multiple) {
        prefix(out, Frame.METHOD, channel, 13);
        out.writeInt(BASIC_NACK);
        out.writeLong(deliveryTag);
        out.writeBoolean(multiple);
        out.writeByte(Frame.END);
    }

    public static void heartbeat(ByteBuf out) {
        prefix(out, Frame.HEARTBEAT, 0, 0);
        out.writeByte(Frame.END);
    }

    private static int maxPayload(int frameMax) {
        return frameMax == 0 ? Integer.MAX_VALUE - Frame.OVERHEAD_BYTES : frameMax - Frame.OVERHEAD_BYTES;
    }

    private static void prefix(ByteBuf out, int type, int channel, int payload) {
        out.ensureWritable(payload + Frame.OVERHEAD_BYTES);
        out.writeByte(type);
        out.writeShort(channel);
        out.writeInt(payload);
    }

    private static int begin(ByteBuf out, int type, int channel) {
        prefix(out, type, channel, 0);
        return out.writerIndex();
    }

    private static void end(ByteBuf out, int start) {
        out.setInt(start - Integer.BYTES, out.writerIndex() - start);
        out.writeByte(Frame.END);
    }
}
