package io.tallymq.amqp.receipts;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.Terms;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Where the number stands in the properties of a publish that has a name. Those of one producer mostly differ in nothing but that, so who knows the place need
 * not take each one's headers apart. Not for several threads.
 */
public final class SeqPlace {
    private static final byte[] FIELD = field();
    /** In front of the number: the name of the field, and the type of its value. */
    private static final int BEFORE = FIELD.length + 1;

    private final byte[] raw;
    private final ByteBuf known;
    private final int at;
    private final int width;
    private final byte[] producer;

    private SeqPlace(byte[] raw, int at, int width, String producer) {
        this.raw = raw;
        this.known = Unpooled.wrappedBuffer(raw);
        this.at = at;
        this.width = width;
        this.producer = producer.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] field() {
        byte[] name = NameHeaders.SEQ.getBytes(StandardCharsets.US_ASCII);
        byte[] field = new byte[name.length + 1];
        field[0] = (byte) name.length;
        System.arraycopy(name, 0, field, 1, name.length);
        return field;
    }

    /**
     * That of properties which were accepted.
     *
     * @param raw they, from the flags on; must not be changed
     * @param extension what the broker has to know of them
     * @return null if there is more to know than the name, or if the place is not clear
     */
    public static SeqPlace of(byte[] raw, Extension extension) {
        Terms terms = extension.terms();
        if (!terms.hasName() || !extension.equals(Extension.NONE.with(Terms.named(terms.producer(), terms.seq())))) {
            return null;
        }
        int at = indexOf(raw, 0);
        if (at < 0 || indexOf(raw, at + 1) >= 0) {
            return null; // a text that looks like the field: which of them it is has to be read
        }
        int width = at + BEFORE < raw.length ? width(raw[at + FIELD.length]) : 0;
        return width == 0 ? null : new SeqPlace(raw, at + BEFORE, width, terms.producer());
    }

    private static int indexOf(byte[] raw, int from) {
        for (int i = from; i + BEFORE < raw.length; i++) {
            if (Arrays.equals(raw, i, i + FIELD.length, FIELD, 0, FIELD.length)) {
                return i;
            }
        }
        return -1;
    }

    /** Octets of the types of integers that clients send numbers in; 0 for others. */
    private static int width(byte type) {
        return switch (type) {
            case 'l', 'L' -> Long.BYTES;
            case 'I' -> Integer.BYTES;
            default -> 0;
        };
    }

    /** Whether these differ in the number alone, and that is one. */
    public boolean fits(ByteBuf octets) {
        int start = octets.readerIndex();
        int after = at + width;
        return octets.readableBytes() == raw.length
                && ByteBufUtil.equals(known, 0, octets, start, at)
                && ByteBufUtil.equals(known, after, octets, start + after, raw.length - after)
                && number(octets) >= 0
                && number(octets) <= Terms.MOST_SEQ;
    }

    private long number(ByteBuf octets) {
        int from = octets.readerIndex() + at;
        return width == Long.BYTES ? octets.getLong(from) : octets.getInt(from);
    }

    /** What the broker has to know of those that fit. */
    public byte[] extension(ByteBuf octets) {
        return Extension.ofName(producer, number(octets));
    }
}
