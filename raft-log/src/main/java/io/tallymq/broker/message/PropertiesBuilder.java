package io.tallymq.broker.message;

import io.tallymq.broker.message.MessageProperties.Property;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Properties (4.2.6.1) of a message that does not come from a client of AMQP: out of the names and values that RabbitMQ's HTTP API takes. */
public final class PropertiesBuilder {
    private static final int TEXT = 255;
    /** In the order of their flags, from bit 15 on. */
    private static final List<String> NAMES = List.of(
            "content_type",
            "content_encoding",
            "headers",
            "delivery_mode",
            "priority",
            "correlation_id",
            "reply_to",
            "expiration",
            "message_id",
            "timestamp",
            "type",
            "user_id",
            "app_id",
            "cluster_id");

    private PropertiesBuilder() {}

    /**
     * Makes the bytes.
     *
     * @param properties by name, values as those of {@link Arguments}
     * @throws IllegalArgumentException with a text for people, for an unknown name, a value of another type, or more than
     *     {@link MessageRecord#MAX_PROPERTIES} bytes or {@link MessageHeaders#MOST_PUBLISHED_ELEMENTS}
     */
    public static byte[] build(Map<String, Object> properties) {
        int flags = 0;
        for (String name : properties.keySet()) {
            int i = NAMES.indexOf(name);
            if (i < 0) {
                throw new IllegalArgumentException(
                        "there is no property '" + name + "', but " + String.join(", ", NAMES));
            }
            flags |= 1 << 15 - i;
        }
        ByteWriter w = new ByteWriter(64).uint16(flags);
        for (String name : NAMES) {
            if (properties.containsKey(name)) {
                write(w, name, properties.get(name));
            }
        }
        if (w.size() > MessageRecord.MAX_PROPERTIES) {
            throw new IllegalArgumentException(
                    "the properties are larger than " + MessageRecord.MAX_PROPERTIES + " bytes");
        }
        byte[] bytes = w.toBytes();
        if (MessageHeaders.elements(bytes, 0, bytes.length) > MessageHeaders.MOST_PUBLISHED_ELEMENTS) {
            throw new IllegalArgumentException("the headers have more than " + MessageHeaders.MOST_PUBLISHED_ELEMENTS
                    + " fields and array elements, or nest deeper than " + MessageHeaders.MAX_DEPTH);
        }
        return bytes;
    }

    private static void write(ByteWriter w, String name, Object value) {
        switch (name) {
            case "headers" -> headers(w, value);
            case "delivery_mode", "priority" -> w.uint8((int) number(name, value, 255));
            case "timestamp" -> w.int64(number(name, value, Long.MAX_VALUE));
            default -> text(w, name, value);
        }
    }

    private static void headers(ByteWriter w, Object value) {
        if (!(value instanceof Map<?, ?> headers)) {
            throw new IllegalArgumentException("property 'headers': an object is expected");
        }
        int at = w.reserve(4);
        headers.forEach((name, v) -> {
            if (((String) name).getBytes(StandardCharsets.UTF_8).length > TEXT) {
                throw new IllegalArgumentException("a header's name is longer than " + TEXT + " bytes");
            }
            HeaderFields.write(w, (String) name, v);
        });
        w.setInt32(at, w.size() - at - 4);
    }

    private static long number(String name, Object value, long most) {
        if (value instanceof Long n && n >= 0 && n <= most) {
            return n;
        }
        throw new IllegalArgumentException("property '" + name + "': an integer from 0 to " + most + " is expected");
    }

    private static void text(ByteWriter w, String name, Object value) {
        byte[] bytes = value instanceof String s ? s.getBytes(StandardCharsets.UTF_8) : null;
        if (bytes == null || bytes.length > TEXT) {
            throw new IllegalArgumentException(
                    "property '" + name + "': a string of up to " + TEXT + " bytes is expected");
        }
        w.uint8(bytes.length).raw(bytes, 0, bytes.length);
    }

    /** The milliseconds of the property expiration; -1 when there is none, -2 for what is no number of 0 to {@link MessageProperties#MOST_EXPIRATION}. */
    public static long expiration(byte[] properties) {
        String text = MessageProperties.text(properties, 0, properties.length, Property.EXPIRATION);
        if (text == null) {
            return -1;
        }
        return text.matches("[0-9]{1,12}") && Long.parseLong(text) <= MessageProperties.MOST_EXPIRATION
                ? Long.parseLong(text)
                : -2;
    }
}
