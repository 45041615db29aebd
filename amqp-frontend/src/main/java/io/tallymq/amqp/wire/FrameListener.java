package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;

/**
 * What a {@link FrameDecoder} finds, in the order of the octets, on the thread that feeds it. Buffers are valid until
 * the call returns: copy what has to stay, or retain the buffer.
 */
public interface FrameListener {
    /**
     * The first eight octets arrived.
     *
     * @param accepted false if they ask for another protocol: answer with {@link ProtocolHeader#write} and close; the
     *     decoder reads nothing more
     */
    void onProtocolHeader(boolean accepted);

    void onMethod(int channel, Method method);

    /**
     * A header frame. Nothing in it is checked: whether one is due has to be asked first.
     *
     * @param weight has to be 0
     * @param bodySize octets of the body, unsigned
     * @param properties from the property flags on, not parsed yet
     */
    void onHeader(int channel, int classId, int weight, long bodySize, ByteBuf properties);

    /**
     * Octets of a body frame, without copying them: a frame that arrives in pieces is reported in pieces, so that one
     * call is not one frame. The last octet of a frame is only reported once its end was seen to be right. A frame
     * without octets is reported once.
     */
    void onBody(int channel, ByteBuf octets);

    void onHeartbeat();

    /**
     * The octets can't be followed any further; the decoder reads nothing more. Close the connection with the reply
     * code of the error.
     */
    void onError(int channel, WireException error);
}
