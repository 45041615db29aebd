package io.tallymq.broker.message;

import java.util.Arrays;

/**
 * Reads the extensions of the records in one array. Neighbours mostly have a name and nothing else, all of them of one producer, whose id is made
 * into a text once. Not for several threads.
 */
public final class Extensions {
    private final byte[] bytes;
    /** Where a producer's id stands, its length in front, up to the end of an extension. */
    private int from;

    private int to;
    /** That producer. */
    private String producer;

    public Extensions(byte[] bytes) {
        this.bytes = bytes;
    }

    /** That of the record at {@code at}. */
    public Extension of(int at) {
        int length = MessageRecord.extensionLength(bytes, at);
        if (length == 0) {
            return Extension.NONE;
        }
        ByteReader r = new ByteReader(bytes, at + MessageRecord.HEADER, length);
        if (r.varint() == Extension.NAME && r.varint() == r.remaining()) {
            long seq = r.varint();
            return Extension.NONE.with(Terms.named(producer(r), seq));
        }
        return Extension.read(new ByteReader(bytes, at + MessageRecord.HEADER, length));
    }

    private String producer(ByteReader r) {
        int begin = r.position();
        int end = begin + r.remaining();
        if (producer == null || !Arrays.equals(bytes, from, to, bytes, begin, end)) {
            producer = r.string();
            from = begin;
            to = end;
        }
        return producer;
    }
}
