package io.tallymq.broker.message;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The extension of a {@link MessageRecord}: {@link TaggedFields} that the front end or the broker adds to what the client sent. Most
 * messages have none, and then nobody looks.
 *
 * @param keys more routing keys, in the order of CC and then BCC
 * @param minQueues fewer queues than that, and the publish is refused; 0 for none
 * @param expiration so many milliseconds after it was published the message expires, -1: never.
 * @param died it is a dead letter: what its headers tell of that is the broker's
 * @param later when it is published in fact; null: at once
 * @param terms its name, conditions and reports; never null
 */
public record Extension(List<String> keys, int minQueues, long expiration, boolean died, Later later, Terms terms) {
    public static final Extension NONE = new Extension(List.of(), 0, -1);

    /**
     * A message is held back.
     *
     * @param delay milliseconds from its publish on, -1 if {@code at} tells the time
     * @param at milliseconds since the epoch
     * @param id by which it can be replaced and called off; empty for none
     */
    public record Later(long delay, long at, String id) {
        /** When it is due if it comes now. */
        public long due(long now) {
            return delay >= 0 ? now + delay : at;
        }

        /** Whether it has a time, and not only the id of one whose place it takes. */
        public boolean hasTime() {
            return delay >= 0 || at > 0;
        }
    }

    /** Of a message that is no dead letter and not held back. */
    public Extension(List<String> keys, int minQueues, long expiration) {
        this(keys, minQueues, expiration, false, null);
    }

    /** Of a message without name and conditions. */
    public Extension(List<String> keys, int minQueues, long expiration, boolean died, Later later) {
        this(keys, minQueues, expiration, died, later, Terms.NONE);
    }

    /** The same with these. */
    public Extension with(Terms other) {
        return new Extension(keys, minQueues, expiration, died, later, other);
    }

    /** The same as it is when its time has come. */
    public Extension now() {
        return new Extension(keys, minQueues, expiration, died, null, terms.published());
    }

    /** Varint count, then each key as a text. */
    private static final int KEYS = 1;
    /** A varint. */
    private static final int MIN_QUEUES = 2;
    /** A varint. */
    private static final int EXPIRATION = 3;
    /** Empty. */
    private static final int DIED = 4;
    /** Varints: 1 + delay or 0, time; text: id. */
    private static final int LATER = 5;
    /** A varint, the number; the producer as a text. */
    static final int NAME = 10;
    /** A varint. */
    private static final int EXPECT_LAST = 11;
    /** A varint. */
    private static final int BELOW = 12;
    /** A varint: bits of {@link ReportEvent}. */
    private static final int REPORTS = 13;
    /** A varint. */
    private static final int EPOCH = 14;

    private static final byte[] NOTHING = {};
    /** A tag, two lengths and a number. */
    private static final int MOST_BEFORE_PRODUCER = 16;

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
        if (later != null) {
            ByteWriter value = new ByteWriter(32).varint(later.delay + 1).varint(later.at);
            TaggedFields.write(w, LATER, value.string(later.id).toBytes());
        }
        if (terms != Terms.NONE) {
            encode(terms, w);
        }
        return w.toBytes();
    }

    /**
     * The bytes of one that has a name and nothing else.
     *
     * @param producer UTF-8
     */
    public static byte[] ofName(byte[] producer, long seq) {
        ByteWriter w = new ByteWriter(MOST_BEFORE_PRODUCER + producer.length);
        name(producer, seq, w);
        return w.toBytes();
    }

    /** Whether these bytes of one tell a name. */
    public static boolean hasName(byte[] encoded) {
        ByteReader r = new ByteReader(encoded, 0, encoded.length);
        while (r.hasRemaining()) {
            int tag = (int) r.varint();
            if (tag >= NAME) {
                return tag == NAME;
            }
            r.skip((int) r.varint());
        }
        return false;
    }

    private static void name(byte[] producer, long seq, ByteWriter w) {
        int length = ByteWriter.varintLength(seq) + ByteWriter.varintLength(producer.length) + producer.length;
        w.varint(NAME).varint(length).varint(seq).bytes(producer);
    }

    private static void encode(Terms terms, ByteWriter w) {
        if (terms.hasName()) {
            name(terms.producer().getBytes(StandardCharsets.UTF_8), terms.seq(), w);
        }
        if (terms.expectLast() >= 0) {
            TaggedFields.write(
                    w,
                    EXPECT_LAST,
                    new ByteWriter(10).varint(terms.expectLast()).toBytes());
        }
        if (terms.below() >= 0) {
            TaggedFields.write(
                    w, BELOW, new ByteWriter(10).varint(terms.below()).toBytes());
        }
        if (terms.reports() != 0) {
            TaggedFields.write(
                    w, REPORTS, new ByteWriter(5).varint(terms.reports()).toBytes());
        }
        if (terms.epoch() >= 0) {
            TaggedFields.write(
                    w, EPOCH, new ByteWriter(10).varint(terms.epoch()).toBytes());
        }
    }

    /** That of the record at {@code at}. */
    public static Extension of(byte[] bytes, int at) {
        return new Extensions(bytes).of(at);
    }

    /** Of any form. */
    static Extension read(ByteReader r) {
        String[][] keys = {{}};
        int[] minQueues = {0};
        long[] expiration = {-1};
        boolean[] died = {false};
        Later[] later = {null};
        Terms[] terms = {Terms.NONE};
        TaggedFields.readRecord(r, (tag, value) -> {
            if (tag == KEYS) {
                keys[0] = new String[(int) value.varint()];
                for (int i = 0; i < keys[0].length; i++) {
                    keys[0][i] = value.string();
                }
            } else if (tag == MIN_QUEUES) {
                minQueues[0] = (int) value.varint();
            } else if (tag == EXPIRATION) {
                expiration[0] = value.varint();
            } else if (tag == LATER) {
                later[0] = new Later(value.varint() - 1, value.varint(), value.string());
            }
            died[0] |= tag == DIED;
            return tag >= KEYS && tag <= LATER || terms(tag, value, terms);
        });
        return new Extension(List.of(keys[0]), minQueues[0], expiration[0], died[0], later[0], terms[0]);
    }

    private static boolean terms(int tag, ByteReader value, Terms[] into) {
        Terms t = into[0];
        switch (tag) {
            case NAME -> {
                long seq = value.varint();
                into[0] = new Terms(value.string(), seq, t.expectLast(), t.below(), t.reports(), t.epoch());
            }
            case EXPECT_LAST ->
                into[0] = new Terms(t.producer(), t.seq(), value.varint(), t.below(), t.reports(), t.epoch());
            case BELOW ->
                into[0] = new Terms(t.producer(), t.seq(), t.expectLast(), value.varint(), t.reports(), t.epoch());
            case EPOCH -> into[0] = t.of(value.varint());
            case REPORTS -> into[0] = t.telling((int) value.varint());
            default -> {
                return false;
            }
        }
        return true;
    }
}
