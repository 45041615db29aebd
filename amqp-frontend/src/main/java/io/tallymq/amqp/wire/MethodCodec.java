package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;

/**
 * Payloads of method frames to {@link Method}s and back. One per connection, because it shares the short strings of
 * that connection's messages; decoding is for one thread at a time.
 */
public final class MethodCodec {
    private final WireReader reader;

    public MethodCodec() {
        this(new ShortStringCache());
    }

    public MethodCodec(ShortStringCache cache) {
        this.reader = new WireReader(cache);
    }

    /**
     * Reads the payload of one method frame to its end. Keeps nothing of the buffer.
     *
     * @throws WireException 501 if arguments are missing, malformed or too many; 540 if the ids name no method. It
     *     carries the ids, as far as they could be read.
     */
    public Method decode(ByteBuf payload) throws WireException {
        return decode(payload, payload.readableBytes());
    }

    /** As {@link #decode(ByteBuf)} for a payload of {@code length} octets at the reader index. */
    Method decode(ByteBuf payload, int length) throws WireException {
        if (length < 2 * Short.BYTES) {
            throw WireException.malformed("a method frame has to start with class id and method id");
        }
        int classId = payload.readUnsignedShort();
        int methodId = payload.readUnsignedShort();
        MethodId id = MethodId.find(classId, methodId);
        if (id == null) {
            throw new WireException(
                    ReplyCode.NOT_IMPLEMENTED,
                    "there is no method " + methodId + " in class " + classId,
                    classId,
                    methodId);
        }
        reader.open(payload, length - 2 * Short.BYTES);
        try {
            Method method = id.read(reader);
            if (reader.remaining() > 0) {
                throw WireException.malformed(
                        id.methodName() + " is followed by " + reader.remaining() + " more octets");
            }
            return method;
        } catch (WireException e) {
            throw e.in(classId, methodId);
        } finally {
            reader.close();
        }
    }

    /** Writes the payload of a method frame: ids and arguments. */
    public static void encode(Method method, ByteBuf out) {
        MethodId id = method.id();
        out.writeShort(id.classId());
        out.writeShort(id.methodId());
        method.writeArguments(out);
    }
}
