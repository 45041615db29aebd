package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * The properties of a message (class basic, section 1.8 of the method reference), kept as the octets that were sent:
 * from the property flags to the end of the header frame. An accessor reads what it needs out of them, and a message
 * that passes through is passed on as it came.
 *
 * <p>Immutable, thread-safe. Texts that are not UTF-8 are kept and read with replacement characters.
 */
public final class BasicProperties {
    private static final int FLAGS_BYTES = 2;
    /** Bit 0 announces more flags, bit 1 belongs to no property. */
    private static final int UNKNOWN_FLAGS = 0b11;

    public static final BasicProperties EMPTY = new BasicProperties(new byte[FLAGS_BYTES]);

    /** The properties in the order of their flags, the highest bit first. */
    public enum Property {
        CONTENT_TYPE(15, Type.SHORT_STRING),
        CONTENT_ENCODING(14, Type.SHORT_STRING),
        HEADERS(13, Type.TABLE),
        DELIVERY_MODE(12, Type.OCTET),
        PRIORITY(11, Type.OCTET),
        CORRELATION_ID(10, Type.SHORT_STRING),
        REPLY_TO(9, Type.SHORT_STRING),
        EXPIRATION(8, Type.SHORT_STRING),
        MESSAGE_ID(7, Type.SHORT_STRING),
        TIMESTAMP(6, Type.TIMESTAMP),
        TYPE(5, Type.SHORT_STRING),
        USER_ID(4, Type.SHORT_STRING),
        APP_ID(3, Type.SHORT_STRING),
        CLUSTER_ID(2, Type.SHORT_STRING);

        private static final Property[] IN_ORDER = values();

        private final int flag;
        private final Type type;

        Property(int bit, Type type) {
            this.flag = 1 << bit;
            this.type = type;
        }
    }

    private enum Type {
        OCTET,
        SHORT_STRING,
        TABLE,
        TIMESTAMP
    }

    private final byte[] raw;

    private BasicProperties(byte[] raw) {
        this.raw = raw;
    }

    /**
     * Copies the properties of a header frame, to the end of the buffer, and checks them: syntax, unknown flags, and
     * the limits of the header table.
     *
     * @throws WireException 501 if they are malformed
     */
    public static BasicProperties decode(ByteBuf in) throws WireException {
        byte[] raw = new byte[in.readableBytes()];
        in.readBytes(raw);
        check(raw);
        return new BasicProperties(raw);
    }

    /**
     * Properties that {@link #decode} has accepted before, for example those of a stored message. Takes the array
     * over. With other octets the accessors throw IllegalStateException.
     */
    public static BasicProperties ofAccepted(byte[] raw) {
        return new BasicProperties(raw);
    }

    public static Builder builder() {
        return new Builder();
    }

    private static void check(byte[] raw) throws WireException {
        if (raw.length < FLAGS_BYTES) {
            throw WireException.malformed("a header frame has to have property flags");
        }
        int flags = flags(raw);
        if ((flags & UNKNOWN_FLAGS) != 0) {
            throw WireException.malformed(String.format("there are unknown property flags in 0x%04x", flags));
        }
        int position = FLAGS_BYTES;
        for (Property property : Property.IN_ORDER) {
            if ((flags & property.flag) != 0) {
                long end = end(raw, property, position);
                if (end > raw.length) {
                    throw WireException.malformed("the header frame ends inside of property " + property);
                }
                if (property == Property.HEADERS) {
                    FieldTable.check(raw, position + Integer.BYTES, (int) end - position - Integer.BYTES);
                }
                position = (int) end;
            }
        }
        if (position != raw.length) {
            throw WireException.malformed("the properties are followed by " + (raw.length - position) + " more octets");
        }
    }

    /** Where a property that starts at a position ends; beyond the array if it is cut off. */
    private static long end(byte[] raw, Property property, int position) {
        return switch (property.type) {
            case OCTET -> position + 1L;
            case TIMESTAMP -> position + (long) Long.BYTES;
            case SHORT_STRING -> position < raw.length ? position + 1L + (raw[position] & 0xFF) : position + 1L;
            case TABLE -> {
                boolean hasLength = raw.length - position >= Integer.BYTES;
                yield position + Integer.BYTES + (hasLength ? Integer.toUnsignedLong(int32(raw, position)) : 0);
            }
        };
    }

    private static int flags(byte[] raw) {
        return (raw[0] & 0xFF) << 8 | (raw[1] & 0xFF);
    }

    private static int int32(byte[] raw, int at) {
        return (raw[at] & 0xFF) << 24 | (raw[at + 1] & 0xFF) << 16 | (raw[at + 2] & 0xFF) << 8 | (raw[at + 3] & 0xFF);
    }

    /** The octets from the property flags on, not a copy: must not be changed. */
    public byte[] raw() {
        return raw;
    }

    public boolean has(Property property) {
        return (flags(raw) & property.flag) != 0;
    }

    /** Where a property starts or, if it is absent, would start. */
    private int start(Property wanted) {
        int flags = flags(raw);
        int position = FLAGS_BYTES;
        for (Property property : Property.IN_ORDER) {
            if (property == wanted) {
                return position;
            }
            if ((flags & property.flag) != 0) {
                position = (int) end(raw, property, position);
            }
        }
        throw new AssertionError(wanted);
    }

    private String text(Property property) {
        if (!has(property)) {
            return null;
        }
        int start = start(property);
        return new String(raw, start + 1, raw[start] & 0xFF, StandardCharsets.UTF_8);
    }

    /** Null if absent; so are all other texts. */
    public String contentType() {
        return text(Property.CONTENT_TYPE);
    }

    public String contentEncoding() {
        return text(Property.CONTENT_ENCODING);
    }

    public String correlationId() {
        return text(Property.CORRELATION_ID);
    }

    public String replyTo() {
        return text(Property.REPLY_TO);
    }

    /** As sent: not known to be a number. */
    public String expiration() {
        return text(Property.EXPIRATION);
    }

    public String messageId() {
        return text(Property.MESSAGE_ID);
    }

    public String type() {
        return text(Property.TYPE);
    }

    public String userId() {
        return text(Property.USER_ID);
    }

    public String appId() {
        return text(Property.APP_ID);
    }

    public String clusterId() {
        return text(Property.CLUSTER_ID);
    }

    /** 2 is persistent, 1 is not; 0 if absent. */
    public int deliveryMode() {
        return has(Property.DELIVERY_MODE) ? raw[start(Property.DELIVERY_MODE)] & 0xFF : 0;
    }

    /** 0 to 255; 0 if absent, see {@link #has}. */
    public int priority() {
        return has(Property.PRIORITY) ? raw[start(Property.PRIORITY)] & 0xFF : 0;
    }

    /** Seconds since 1970; 0 if absent, see {@link #has}. */
    public long timestamp() {
        if (!has(Property.TIMESTAMP)) {
            return 0;
        }
        int start = start(Property.TIMESTAMP);
        return (long) int32(raw, start) << 32 | Integer.toUnsignedLong(int32(raw, start + 4));
    }

    /** Empty if absent. Makes a new table on every call. */
    public FieldTable headers() {
        if (!has(Property.HEADERS)) {
            return FieldTable.EMPTY;
        }
        int start = start(Property.HEADERS);
        try {
            return FieldTable.decode(raw, start + Integer.BYTES, int32(raw, start));
        } catch (WireException e) {
            throw new IllegalStateException("headers that were never checked: " + e.getMessage(), e);
        }
    }

    /**
     * These properties with one header set; a header of that name goes. The octets of everything else stay as they
     * are.
     *
     * @throws IllegalArgumentException as {@link FieldTable#of}
     */
    public BasicProperties withHeader(String name, Object value) {
        Object checked = FieldValue.normalize(value, 1);
        ByteBuf fields = fieldsWithout(name);
        TableWriter.field(fields, name, checked);
        return withHeaderFields(fields);
    }

    /** These properties without a header; the same object if there is none of that name. */
    public BasicProperties withoutHeader(String name) {
        if (!headers().has(name)) {
            return this;
        }
        return withHeaderFields(fieldsWithout(name));
    }

    /**
     * These properties with another text, which replaces one that is there. The octets of everything else stay as they are.
     *
     * @throws IllegalArgumentException if the property is absent, or the text longer than a short string
     */
    public BasicProperties withText(Property property, String value) {
        if (property.type != Type.SHORT_STRING || !has(property)) {
            throw new IllegalArgumentException("there is no text " + property);
        }
        int start = start(property);
        int end = (int) end(raw, property, start);
        ByteBuf out = Unpooled.buffer(raw.length + value.length());
        out.writeBytes(raw, 0, start);
        WireWriter.shortString(out, value);
        out.writeBytes(raw, end, raw.length - end);
        return new BasicProperties(bytes(out));
    }

    /** These properties with other headers. */
    public BasicProperties withHeaders(FieldTable headers) {
        ByteBuf fields = Unpooled.buffer(128);
        TableWriter.fields(fields, headers);
        return withHeaderFields(fields);
    }

    /** The octets of all headers but one. */
    private ByteBuf fieldsWithout(String name) {
        if (!has(Property.HEADERS)) {
            return Unpooled.buffer(64);
        }
        int start = start(Property.HEADERS);
        int length = int32(raw, start);
        ByteBuf kept = Unpooled.buffer(length + 64);
        TableReader reader = new TableReader(raw, start + Integer.BYTES, length);
        try {
            while (!reader.atEnd()) {
                int from = reader.position();
                String found = reader.readName();
                reader.skipValue();
                if (!found.equals(name)) {
                    kept.writeBytes(raw, from, reader.position() - from);
                }
            }
        } catch (WireException e) {
            throw new IllegalStateException("headers that were never checked: " + e.getMessage(), e);
        }
        return kept;
    }

    private BasicProperties withHeaderFields(ByteBuf fields) {
        int start = start(Property.HEADERS);
        int end = has(Property.HEADERS) ? (int) end(raw, Property.HEADERS, start) : start;
        int length = fields.readableBytes();
        ByteBuf out = Unpooled.buffer(raw.length + length + Integer.BYTES);
        out.writeShort(flags(raw) | Property.HEADERS.flag);
        out.writeBytes(raw, FLAGS_BYTES, start - FLAGS_BYTES);
        out.writeInt(length);
        out.writeBytes(fields);
        out.writeBytes(raw, end, raw.length - end);
        return new BasicProperties(bytes(out));
    }

    private static byte[] bytes(ByteBuf out) {
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BasicProperties that && Arrays.equals(raw, that.raw);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(raw);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("BasicProperties[");
        for (Property property : Property.IN_ORDER) {
            if (has(property)) {
                text.append(text.charAt(text.length() - 1) == '[' ? "" : ", ");
                text.append(property).append('=').append(value(property));
            }
        }
        return text.append(']').toString();
    }

    private Object value(Property property) {
        return switch (property.type) {
            case SHORT_STRING -> text(property);
            case OCTET -> raw[start(property)] & 0xFF;
            case TIMESTAMP -> timestamp();
            case TABLE -> headers();
        };
    }

    /** A builder that starts with these properties. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        for (Property property : Property.IN_ORDER) {
            if (has(property)) {
                builder.values.put(property, value(property));
            }
        }
        return builder;
    }

    /** Makes properties from values; null removes one. Not thread-safe. */
    public static final class Builder {
        private final Map<Property, Object> values = new EnumMap<>(Property.class);

        private Builder() {}

        /**
         * Sets one of the text properties.
         *
         * @throws IllegalArgumentException if the property is not a text
         */
        public Builder text(Property property, String value) {
            if (property.type != Type.SHORT_STRING) {
                throw new IllegalArgumentException(property + " is not a text");
            }
            return set(property, value);
        }

        public Builder headers(FieldTable headers) {
            return set(Property.HEADERS, headers);
        }

        /** 1 or 2. */
        public Builder deliveryMode(int mode) {
            return octet(Property.DELIVERY_MODE, mode);
        }

        /** 0 to 255. */
        public Builder priority(int priority) {
            return octet(Property.PRIORITY, priority);
        }

        /** Seconds since 1970. */
        public Builder timestamp(long seconds) {
            return set(Property.TIMESTAMP, seconds);
        }

        public Builder remove(Property property) {
            return set(property, null);
        }

        private Builder octet(Property property, int value) {
            if (value < 0 || value > 255) {
                throw new IllegalArgumentException(property + " has one octet: " + value);
            }
            return set(property, value);
        }

        private Builder set(Property property, Object value) {
            if (value == null) {
                values.remove(property);
            } else {
                values.put(property, value);
            }
            return this;
        }

        /**
         * The properties.
         *
         * @throws IllegalArgumentException if a text is longer than a short string
         */
        public BasicProperties build() {
            int flags = 0;
            ByteBuf out = Unpooled.buffer(64);
            out.writeShort(0);
            for (Map.Entry<Property, Object> entry : values.entrySet()) {
                flags |= entry.getKey().flag;
                switch (entry.getKey().type) {
                    case SHORT_STRING -> WireWriter.shortString(out, (String) entry.getValue());
                    case OCTET -> out.writeByte((int) entry.getValue());
                    case TIMESTAMP -> out.writeLong((long) entry.getValue());
                    case TABLE -> ((FieldTable) entry.getValue()).encode(out);
                }
            }
            out.setShort(0, flags);
            return new BasicProperties(bytes(out));
        }
    }
}
