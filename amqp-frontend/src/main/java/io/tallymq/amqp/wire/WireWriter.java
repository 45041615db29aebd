package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/** Writes the elementary types of section 4.2.1. No state, thread-safe; the buffer belongs to the caller. */
final class WireWriter {
    private WireWriter() {}

    /** A short string; longer ones are a bug of the caller, because a name that is cut is another name. */
    static void shortString(ByteBuf out, String text) {
        int start = out.writerIndex();
        out.writeByte(0);
        int length = ByteBufUtil.writeUtf8(out, text);
        if (length > ShortString.MAX_BYTES) {
            out.writerIndex(start);
            throw new IllegalArgumentException(
                    "a short string has at most " + ShortString.MAX_BYTES + " octets of UTF-8, this has " + length);
        }
        out.setByte(start, length);
    }

    /** A short string for humans: too much of it is cut. */
    static void shortText(ByteBuf out, String text) {
        shortString(out, Utf8.cut(text, ShortString.MAX_BYTES));
    }

    static void shortBytes(ByteBuf out, byte[] bytes) {
        out.writeByte(bytes.length);
        out.writeBytes(bytes);
    }

    static void longString(ByteBuf out, LongString value) {
        out.writeInt(value.length());
        out.writeBytes(value.array());
    }

    /** A longlong, long or short is written as is; this packs up to eight bits, the first one lowest. */
    static void bits(ByteBuf out, boolean... bits) {
        int octet = 0;
        for (int i = 0; i < bits.length; i++) {
            if (bits[i]) {
                octet |= 1 << i;
            }
        }
        out.writeByte(octet);
    }

    /** The ticket of AMQP 0-9: reserved, zero. */
    static void ticket(ByteBuf out) {
        out.writeShort(0);
    }
}
