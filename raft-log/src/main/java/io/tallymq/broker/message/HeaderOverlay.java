package io.tallymq.broker.message;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Headers that are laid over those of a message: who reads it finds them beside its own, or in their place if they have a name of these. The
 * message itself stays as it was published. Immutable.
 */
public final class HeaderOverlay {
    /** Why a message was settled as it was, a text. */
    public static final String REASON = "x-reason";
    /** Most bytes of that text. */
    public static final int MOST_REASON_BYTES = 1 << 10;
    /** Most headers beside it. */
    public static final int MOST_FIELDS = 32;
    /** Most bytes of these, as they are encoded. */
    public static final int MOST_BYTES = 4 << 10;

    private static final byte[] NO_PROPERTIES = new byte[2];

    private final byte[] fields;

    /**
     * Takes the array over.
     *
     * @param fields of an AMQP table (4.2.5.5), as they are encoded; each name once
     */
    public HeaderOverlay(byte[] fields) {
        this.fields = fields;
    }

    /** As the store has it. */
    public byte[] encode() {
        return new ByteWriter(fields.length + 3).bytes(fields).toBytes();
    }

    /** What {@link #encode} wrote. */
    public static HeaderOverlay decode(byte[] value) {
        ByteReader r = new ByteReader(value);
        HeaderOverlay headers = new HeaderOverlay(r.bytes());
        TaggedFields.endRecord(r);
        return headers;
    }

    /** The fields as they are encoded; nobody changes them. */
    public byte[] fields() {
        return fields;
    }

    /** The same with newer ones over it; of a name that both have the newer counts. */
    public HeaderOverlay under(HeaderOverlay newer) {
        ByteWriter w = new ByteWriter(fields.length + newer.fields.length);
        HeaderFields.copy(fields, 0, fields.length, newer.names()::contains, w);
        return new HeaderOverlay(w.raw(newer.fields, 0, newer.fields.length).toBytes());
    }

    /** What there is too much of, as a text; null when it keeps within the limits. */
    public String excess() {
        ByteWriter others = new ByteWriter(fields.length);
        HeaderFields.copy(fields, 0, fields.length, REASON::equals, others);
        int n = new HeaderOverlay(others.toBytes()).names().size();
        if (n > MOST_FIELDS) {
            return n + " headers, the most are " + MOST_FIELDS;
        }
        return others.size() > MOST_BYTES ? "headers of " + others.size() + " bytes, the most are " + MOST_BYTES : null;
    }

    private TreeSet<String> names() {
        TreeSet<String> names = new TreeSet<>();
        Predicate<String> all = name -> {
            names.add(name);
            return true;
        };
        HeaderFields.copy(fields, 0, fields.length, all, new ByteWriter(0));
        return names;
    }

    /** These headers, as {@link MessageHeaders#decode} reads those of a message. */
    public Map<String, Object> headers() {
        byte[] alone = over(NO_PROPERTIES, 0, NO_PROPERTIES.length);
        return MessageHeaders.decode(alone, 0, alone.length);
    }

    /** The properties of a message that has it over its headers. */
    public byte[] over(byte[] bytes, int offset, int length) {
        ByteWriter more = new ByteWriter(fields.length).raw(fields, 0, fields.length);
        return MessageProperties.with(bytes, offset, length, true, names()::contains, more);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof HeaderOverlay other && Arrays.equals(fields, other.fields);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(fields);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(fields);
    }
}
