package io.tallymq.broker.message;

import java.util.List;

/**
 * The extension of a {@link MessageRecord}: {@link TaggedFields} that the front end or the broker adds to what the client sent. Most
 * messages have none, and then nobody looks.
 *
 * @param keys more routing keys, in the order of CC and then BCC
 * @param minQueues fewer queues than that, and the publish is refused; 0 for none
 * @param expiration so many milliseconds after it was published the message expires, -1: never.
 * @param died it is a dead letter: what its headers tell of that is the broker's
 */
public record Extension(List<String> keys, int minQueues, long expiration, boolean died) {
    public static final Extension NONE = new Extension(List.of(), 0, -1, false);

    /** Varint count, then each key as a text. */
    private static final int KEYS = 1;
    /** A varint. */
    private static final int MIN_QUEUES = 2;
    /** A varint. */
    private static final int EXPIRATION = 3;
    /** Empty. */
    private static final int DIED = 4;

    private static final byte[] NOTHING = {};

    /** The bytes; none for {@link #NONE}. */
    public byte[] encode() {
        if (equals(NONE)) {
            return NOTHING;
        }
        ByteWriter w = new ByteWriter(64);
        if (!keys.isEmpty()) {
            ByteWriter value = new ByteWriter(64).varint(keys.size());
            keys.forEach(value::string);
            TaggedFields.write(w, KEYS, value.toBytes());
        }
        if (minQueues > 0) {
            TaggedFields.write(
                    w, MIN_QUEUES, new ByteWriter(5).varint(minQueues).toBytes());
        }
        if (expiration >= 0) {
            TaggedFields.write(
                    w, EXPIRATION, new ByteWriter(5).varint(expiration).toBytes());
        }
        if (died) {
            TaggedFields.write(w, DIED, NOTHING);
        }
        return w.toBytes();
    }

    /** That of the record at {@code at}. */
    public static Extension of(byte[] bytes, int at) {
        int length = MessageRecord.extensionLength(bytes, at);
        if (length == 0) {
            return NONE;
        }
        String[][] keys = {{}};
        int[] minQueues = {0};
        long[] expiration = {-1};
        boolean[] died = {false};
        TaggedFields.readRecord(new ByteReader(bytes, at + MessageRecord.HEADER, length), (tag, value) -> {
            if (tag == KEYS) {
                keys[0] = new String[(int) value.varint()];
                for (int i = 0; i < keys[0].length; i++) {
                    keys[0][i] = value.string();
                }
            } else if (tag == MIN_QUEUES) {
                minQueues[0] = (int) value.varint();
            } else if (tag == EXPIRATION) {
                expiration[0] = value.varint();
            }
            died[0] |= tag == DIED;
            return tag >= KEYS && tag <= DIED;
        });
        return new Extension(List.of(keys[0]), minQueues[0], expiration[0], died[0]);
    }
}
