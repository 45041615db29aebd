package io.tallymq.raft.session;

import io.tallymq.broker.command.CommandCodec;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.raft.entry.BatchCodec;
import java.util.List;

/**
 * Which messages of a batch are traced: a tagged field behind its origins, in batches that have such messages. Who does not know it passes it over. It
 * ends with a mark, so that one look tells of most batches that they have none; what ends so by chance is taken apart in vain.
 */
final class BatchTraces {
    /** Most of one batch. */
    static final int MOST = 16;
    /** Most bytes that each adds, and that the field has beside them. */
    static final int BOUND = 3;

    static final int FIELD_BOUND = 12;

    private static final int TAG = TaggedFields.OPTIONAL;
    private static final int MARK = 0x78747263;

    private BatchTraces() {}

    /** Writes them, at the end of a batch. */
    static void write(ByteWriter w, List<TracedMessage> messages) {
        ByteWriter value = new ByteWriter(64).varint(messages.size());
        messages.forEach(m -> value.varint(m.ordinal()));
        TaggedFields.write(w, TAG, value.int32(MARK).toBytes());
    }

    /** The ordinals of those of a batch; null for none, as mostly. */
    static int[] of(byte[] bytes, BatchCodec.Header h) {
        if (h.end() - h.trailer() < Integer.BYTES || ByteReader.int32(bytes, h.end() - Integer.BYTES) != MARK) {
            return null;
        }
        ByteReader r = new ByteReader(bytes, h.trailer(), h.end() - h.trailer());
        for (long holders = r.varint(); holders > 0; holders--) {
            r.varint();
            CommandCodec.readRanges(r);
        }
        for (long names = 3 * r.varint(); names > 0; names--) {
            r.skip((int) r.varint());
        }
        for (int part = 0; part < 2; part++) { // the origins: channels, and runs of messages
            for (long numbers = 2 * r.varint(); numbers > 0; numbers--) {
                r.varint();
            }
        }
        int[][] found = new int[1][];
        TaggedFields.readRecord(r, (tag, value) -> {
            if (tag == TAG) {
                found[0] = new int[(int) Math.min(MOST, value.varint())];
                for (int i = 0; i < found[0].length; i++) {
                    found[0][i] = (int) value.varint();
                }
            }
            return tag == TAG;
        });
        return found[0];
    }
}
