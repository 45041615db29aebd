package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * Reads the elementary types of section 4.2.1 from one payload. Whatever is missing or wrong is a 501 FRAME_ERROR.
 * Reused for every payload of a connection; not thread-safe.
 */
final class WireReader {
    private final ShortStringCache cache;
    private ByteBuf in = Unpooled.EMPTY_BUFFER;
    private int limit;

    WireReader(ShortStringCache cache) {
        this.cache = cache;
    }

    /** Reads from the reader index on, at most this many octets, which have to be there. */
    void open(ByteBuf payload, int length) {
        in = payload;
        limit = payload.readerIndex() + length;
    }

    /** Forgets the payload, so that its memory is not held until the next one arrives. */
    void close() {
        in = Unpooled.EMPTY_BUFFER;
        limit = 0;
    }

    int remaining() {
        return limit - in.readerIndex();
    }

    int octet() throws WireException {
        need(1, "an octet");
        return in.readUnsignedByte();
    }

    /** One bit field that stands alone in its octet. */
    boolean bit() throws WireException {
        return (octet() & 1) != 0;
    }

    /** Up to eight consecutive bit fields, the first one in the lowest bit. */
    int bits() throws WireException {
        return octet();
    }

    int shortUint() throws WireException {
        need(Short.BYTES, "a short");
        return in.readUnsignedShort();
    }

    long longUint() throws WireException {
        need(Integer.BYTES, "a long");
        return in.readUnsignedInt();
    }

    /** All 64 bits: values above {@link Long#MAX_VALUE} come out negative. */
    long longLong() throws WireException {
        need(Long.BYTES, "a longlong");
        return in.readLong();
    }

    String shortString() throws WireException {
        int length = shortStringLength();
        byte[] bytes = new byte[length];
        in.readBytes(bytes);
        if (!Utf8.isValid(bytes, 0, length)) {
            throw WireException.malformed("a short string has to be UTF-8");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    ShortString sharedShortString() throws WireException {
        return cache.read(in, shortStringLength());
    }

    void skipShortString() throws WireException {
        in.skipBytes(shortStringLength());
    }

    private int shortStringLength() throws WireException {
        int length = octet();
        need(length, "a short string");
        return length;
    }

    LongString longString() throws WireException {
        return LongString.wrap(sized("a long string"));
    }

    FieldTable table() throws WireException {
        byte[] bytes = sized("a table");
        return FieldTable.decode(bytes, 0, bytes.length);
    }

    private byte[] sized(String what) throws WireException {
        long length = longUint();
        if (length > remaining()) {
            throw WireException.malformed(
                    what + " declares " + length + " octets, its frame has only " + remaining() + " more");
        }
        byte[] bytes = new byte[(int) length];
        in.readBytes(bytes);
        return bytes;
    }

    private void need(int octets, String what) throws WireException {
        if (remaining() < octets) {
            throw WireException.malformed("the frame ends inside " + what);
        }
    }
}
