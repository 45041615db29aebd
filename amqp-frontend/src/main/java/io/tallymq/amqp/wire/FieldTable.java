package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A field table (section 4.2.5.5): names with typed values, in the order in which they were sent.
 *
 * <p>Immutable and thread-safe. Two tables are equal if they hold equal fields in any order; the order is kept for
 * encoding, so the same table always gives the same octets. Of a name that was sent twice the last value counts.
 * What a value can be is listed in {@link FieldValue}.
 */
public final class FieldTable {
    /** Tables and arrays within each other, the outermost included. */
    public static final int MAX_DEPTH = 32;
    /** Fields and array elements of a table and of all that nests in it. */
    public static final int MAX_ELEMENTS = 16_384;

    public static final FieldTable EMPTY = new FieldTable(new LinkedHashMap<>(), 1);

    private final Map<String, Object> fields;
    private final int depth;
    private final boolean oddNames;

    private FieldTable(Map<String, Object> fields, int depth) {
        this(fields, depth, false);
    }

    private FieldTable(Map<String, Object> fields, int depth, boolean oddNames) {
        this.oddNames = oddNames;
        this.fields = Collections.unmodifiableMap(fields);
        this.depth = depth;
    }

    /**
     * A table of these fields. Maps among the values become tables.
     *
     * @throws IllegalArgumentException if a name is longer than a short string, a value has a type that {@link
     *     FieldValue} does not list, or the table nests deeper than {@link #MAX_DEPTH}
     */
    public static FieldTable of(Map<String, ?> fields) {
        return normalized(fields, 1);
    }

    static FieldTable normalized(Map<?, ?> fields, int depth) {
        FieldValue.requireDepth(depth);
        LinkedHashMap<String, Object> copy = new LinkedHashMap<>();
        for (Map.Entry<?, ?> field : fields.entrySet()) {
            if (!(field.getKey() instanceof String name)
                    || name.getBytes(StandardCharsets.UTF_8).length > ShortString.MAX_BYTES) {
                throw new IllegalArgumentException("a field name is a string of at most " + ShortString.MAX_BYTES
                        + " octets of UTF-8: " + field.getKey());
            }
            copy.put(name, FieldValue.normalize(field.getValue(), depth));
        }
        return trusted(copy);
    }

    /** Takes the map over, which keeps its order; its values are known to be normalized. */
    static FieldTable trusted(Map<String, Object> fields) {
        if (fields.isEmpty()) {
            return EMPTY;
        }
        int deepest = 0;
        for (Object value : fields.values()) {
            deepest = Math.max(deepest, FieldValue.depthOf(value));
        }
        return new FieldTable(fields, deepest + 1);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Gathers fields in order. Not thread-safe. */
    public static final class Builder {
        private final LinkedHashMap<String, Object> fields = new LinkedHashMap<>();

        private Builder() {}

        /** Sets a field; checked when the table is built. */
        public Builder put(String name, Object value) {
            fields.put(name, value);
            return this;
        }

        /** As {@link FieldTable#of}. */
        public FieldTable build() {
            return of(fields);
        }
    }

    /**
     * Reads a table from exactly these octets, which do not include the length that precedes it on the wire.
     *
     * @throws WireException 501 if the octets are not a table, or nest or count more than the limits allow
     */
    public static FieldTable decode(byte[] bytes, int offset, int length) throws WireException {
        return length == 0 ? EMPTY : new TableReader(bytes, offset, length).readTable();
    }

    /** As {@link #decode(byte[], int, int)} for a whole array. AMQPLAIN sends its response like this. */
    public static FieldTable decode(byte[] bytes) throws WireException {
        return decode(bytes, 0, bytes.length);
    }

    /** Checks what {@link #decode(byte[], int, int)} would check, without making values. */
    public static void check(byte[] bytes, int offset, int length) throws WireException {
        if (length != 0) {
            new TableReader(bytes, offset, length).skipTable();
        }
    }

    /** Writes the table with the length that precedes it. */
    public void encode(ByteBuf out) {
        TableWriter.table(out, this);
    }

    /** The octets of the table without the length that precedes it. */
    public byte[] toByteArray() {
        ByteBuf out = Unpooled.buffer(64);
        TableWriter.fields(out, this);
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    FieldTable withOddNames() {
        return new FieldTable(fields, depth, true);
    }

    /**
     * Whether a name came that was not UTF-8, here or in a table within: it is told octet by octet, and written again it would take more
     * octets, perhaps more than a name may.
     */
    public boolean hasOddNames() {
        return oddNames;
    }

    int depth() {
        return depth;
    }

    /** All fields in their order; can't be modified. */
    public Map<String, Object> fields() {
        return fields;
    }

    public int size() {
        return fields.size();
    }

    public boolean isEmpty() {
        return fields.isEmpty();
    }

    public boolean has(String name) {
        return fields.containsKey(name);
    }

    /** The value of a field as {@link FieldValue} lists it, or null if there is no such field. */
    public Object get(String name) {
        return fields.get(name);
    }

    /** The value of a string field (type S), or null if it is absent or of another type. */
    public String getString(String name) {
        Object value = fields.get(name);
        return value instanceof String || value instanceof LongString ? value.toString() : null;
    }

    /** The value of a boolean field, or the fallback if it is absent or of another type. */
    public boolean getBoolean(String name, boolean fallback) {
        return fields.get(name) instanceof Boolean value ? value : fallback;
    }

    /** The value of an integer field of any width; empty if it is absent or of another type. */
    public OptionalLong getLong(String name) {
        return toLong(fields.get(name));
    }

    /** The value of a field that is a table itself, or null if it is absent or of another type. */
    public FieldTable getTable(String name) {
        return fields.get(name) instanceof FieldTable table ? table : null;
    }

    /** A string; null for every other value, for null, and for what is no UTF-8: as text two of these may be the same. */
    public static String toText(Object value) {
        if (value instanceof LongString octets) {
            return octets.isText() ? octets.toString() : null;
        }
        return value instanceof String text ? text : null;
    }

    /** A value of any of the integer types as a long; empty for every other value and for null. */
    public static OptionalLong toLong(Object value) {
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return OptionalLong.of(((Number) value).longValue());
        }
        if (value instanceof FieldValue.UInt8 number) {
            return OptionalLong.of(number.value());
        }
        if (value instanceof FieldValue.UInt16 number) {
            return OptionalLong.of(number.value());
        }
        if (value instanceof FieldValue.UInt32 number) {
            return OptionalLong.of(number.value());
        }
        return OptionalLong.empty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FieldTable that && fields.equals(that.fields);
    }

    @Override
    public int hashCode() {
        return fields.hashCode();
    }

    @Override
    public String toString() {
        return fields.toString();
    }
}
