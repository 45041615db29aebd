package io.tallymq.broker.message;

import java.util.ArrayList;
import java.util.List;

/**
 * The extension of a {@link MessageRecord}: {@link TaggedFields} that the front end or the broker adds to what the client sent. Most
 * messages have none, and then nobody looks.
 */
public final class Extension {
    /** More routing keys, which CC and BCC named: varint count, then each as a text. */
    private static final int KEYS = 1;

    private static final String[] NO_KEYS = {};
    private static final byte[] NONE = {};

    private Extension() {}

    /** The bytes of an extension with these routing keys beside the message's own; empty for none. */
    public static byte[] ofKeys(List<String> keys) {
        if (keys.isEmpty()) {
            return NONE;
        }
        ByteWriter value = new ByteWriter(64).varint(keys.size());
        keys.forEach(value::string);
        ByteWriter w = new ByteWriter(value.size() + 8);
        TaggedFields.write(w, KEYS, value.toBytes());
        return w.toBytes();
    }

    /** The routing keys of the record at {@code at} beside its own, in the order of CC and then BCC. */
    public static String[] keys(byte[] bytes, int at) {
        int length = MessageRecord.extensionLength(bytes, at);
        if (length == 0) {
            return NO_KEYS;
        }
        List<String> keys = new ArrayList<>();
        TaggedFields.readRecord(new ByteReader(bytes, at + MessageRecord.HEADER, length), (tag, value) -> {
            if (tag == KEYS) {
                for (long n = value.varint(); n > 0; n--) {
                    keys.add(value.string());
                }
            }
            return tag == KEYS;
        });
        return keys.toArray(NO_KEYS);
    }
}
