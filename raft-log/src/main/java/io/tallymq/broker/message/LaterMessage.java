package io.tallymq.broker.message;

import java.util.Arrays;
import java.util.Map;

/** The record of a message that was held back, as it goes on: its header x-delay is negative, so that who publishes it again holds it no more. */
public final class LaterMessage {
    /** Milliseconds from its publish on. */
    public static final String DELAY = "x-delay";

    private LaterMessage() {}

    /**
     * Makes it.
     *
     * @param bytes holds the record of the message as it was published, at {@code at}
     * @param flags of the record
     * @param body what stands for the body if that is stored elsewhere; null: the body stands in the record
     */
    public static byte[] of(byte[] bytes, int at, int flags, byte[] body) {
        return of(bytes, at, Extension.of(bytes, at).now(), flags, body);
    }

    /** Makes a copy of one, whose body stands in its record: it has no name, and nobody is told of it. */
    public static byte[] nameless(byte[] bytes, int at) {
        return of(bytes, at, Extension.of(bytes, at).now().with(Terms.NONE), 0, null);
    }

    private static byte[] of(byte[] bytes, int at, Extension more, int flags, byte[] body) {
        int from = MessageRecord.propertiesOffset(bytes, at);
        int length = MessageRecord.propertiesLength(bytes, at);
        byte[] extension = more.encode();
        byte[] properties = properties(bytes, from, length);
        int bodyLength = body != null ? body.length : MessageRecord.inlineLength(bytes, at);
        ByteWriter w = new ByteWriter(MessageRecord.HEADER + extension.length + properties.length + bodyLength);
        MessageRecord.writeHeader(w, flags, 0, extension.length, properties.length, bodyLength);
        w.raw(extension, 0, extension.length).raw(properties, 0, properties.length);
        if (body != null) {
            w.raw(body, 0, body.length);
        } else {
            w.raw(bytes, MessageRecord.bodyOffset(bytes, at), bodyLength);
        }
        return w.toBytes();
    }

    private static byte[] properties(byte[] bytes, int from, int length) {
        Map<String, Object> headers = MessageHeaders.decode(bytes, from, length);
        ByteWriter fields = new ByteWriter(32);
        if (headers.get(DELAY) instanceof Long delay) {
            HeaderFields.write(fields, DELAY, -delay);
        } else if (headers.get(DELAY) instanceof String delay) {
            HeaderFields.write(fields, DELAY, "-" + delay.trim());
        } else {
            return Arrays.copyOfRange(bytes, from, from + length);
        }
        return MessageProperties.with(bytes, from, length, true, DELAY::equals, fields);
    }
}
