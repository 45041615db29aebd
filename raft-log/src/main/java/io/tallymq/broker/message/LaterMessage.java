package io.tallymq.broker.message;

import java.util.Arrays;

/** The record of a message that was held back, as it goes on: its header x-delay is negative, so that who publishes it again holds it no more. */
public final class LaterMessage {
    /** Milliseconds from its publish on. */
    public static final String DELAY = "x-delay";

    /** Ten years, the longest that there is. */
    private static final long MOST_DELAY = 315_360_000_000L;

    /** The level of the state from which on what is negative stays so. */
    private static final int STAYS = 5;

    private LaterMessage() {}

    /** Milliseconds that its header x-delay names, whatever the sign: it is negative once it was held back. 0 without one, and if it can't be read. */
    public static long delay(byte[] bytes, int at) {
        Object value = MessageHeaders.one(
                bytes, MessageRecord.propertiesOffset(bytes, at), MessageRecord.propertiesLength(bytes, at), DELAY);
        long delay = value instanceof Long n ? n : value instanceof String s ? number(s.trim()) : 0;
        long millis = delay < 0 ? -delay : delay;
        return millis > 0 && millis <= MOST_DELAY ? millis : 0;
    }

    private static long number(String text) {
        String digits = text.startsWith("-") ? text.substring(1) : text;
        return digits.matches("\\+?[0-9]{1,18}") ? Long.parseLong(digits) : 0;
    }

    /**
     * Makes it.
     *
     * @param bytes holds the record of the message as it was published, at {@code at}
     * @param flags of the record
     * @param body what stands for the body if that is stored elsewhere; null: the body stands in the record
     * @param level of the state
     */
    public static byte[] of(byte[] bytes, int at, int flags, byte[] body, int level) {
        return of(bytes, at, Extension.of(bytes, at).now(), flags, body, level);
    }

    /** Makes a copy of one, whose body stands in its record: it has no name, and nobody is told of it. */
    public static byte[] nameless(byte[] bytes, int at, int level) {
        return of(bytes, at, Extension.of(bytes, at).now().with(Terms.NONE), 0, null, level);
    }

    private static byte[] of(byte[] bytes, int at, Extension more, int flags, byte[] body, int level) {
        int from = MessageRecord.propertiesOffset(bytes, at);
        int length = MessageRecord.propertiesLength(bytes, at);
        byte[] extension = more.encode();
        byte[] properties = properties(bytes, from, length, level);
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

    private static byte[] properties(byte[] bytes, int from, int length, int level) {
        Object delay = MessageHeaders.decode(bytes, from, length).get(DELAY);
        ByteWriter fields = new ByteWriter(32);
        if (delay instanceof Long n && (n > 0 || level < STAYS)) {
            HeaderFields.write(fields, DELAY, -n);
        } else if (delay instanceof String s && (!s.trim().startsWith("-") || level < STAYS)) {
            HeaderFields.write(fields, DELAY, "-" + s.trim());
        } else {
            return Arrays.copyOfRange(bytes, from, from + length);
        }
        return MessageProperties.with(bytes, from, length, true, DELAY::equals, fields);
    }
}
