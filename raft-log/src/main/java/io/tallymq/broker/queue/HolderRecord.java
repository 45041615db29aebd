package io.tallymq.broker.queue;

import io.tallymq.broker.aside.Guessed;
import io.tallymq.broker.aside.PurgedAhead;
import io.tallymq.broker.lane.Passed;
import io.tallymq.broker.message.ArgumentsCodec;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;

/** What the store has of a holder: who it is, written once, and what it holds, which changes all the time. */
public final class HolderRecord {
    /** Tag behind {@link #write}'s fields: {@link Passed#encodeMore}. */
    private static final int PASSED = 1;
    /** Varint: how many ranges one has whose queue is deleted. */
    private static final int RANGES = 2;
    /** As {@link Guessed} encodes itself. */
    private static final int GUESSED = 3;
    /** As {@link PurgedAhead} encodes itself. */
    private static final int PURGED = 4;

    private HolderRecord() {}

    /** Writes what changes all the time. The rest is written once, see {@link #writeSpec}. */
    static void write(Holder h, MessageStore store) {
        ByteWriter w = new ByteWriter(64);
        w.bool(h.cancelled)
                .int64(h.extended)
                .int64(h.ahead)
                .varint(h.passed.first())
                .varint(h.heldBytes);
        boolean apart = h.held.areMany() && h.queue().holdings().storesBlocks();
        (apart ? new SeqRanges() : h.held).write(w);
        byte[] more = h.passed.encodeMore();
        if (more != null) {
            TaggedFields.write(w, PASSED, more);
        }
        if (h.guessed != null) {
            TaggedFields.write(w, GUESSED, h.guessed.encode());
        }
        if (h.purged != null) {
            TaggedFields.write(w, PURGED, h.purged.encode());
        }
        store.put(key(Keys.HELD, h), w.toBytes());
        if (apart) {
            h.held.writeChanges(blocks(h, store));
        } else {
            deleteBlocks(h, store);
        }
        h.deadline.write(store, h.queue().number(), h.number());
    }

    /** Its queue is deleted, and its records are to be taken out: how many ranges these tell of. */
    public static void writeOrphan(Holder h, MessageStore store) {
        ByteWriter w = new ByteWriter(32);
        w.bool(h.cancelled).int64(0).int64(0).varint(0).varint(0);
        new SeqRanges().write(w);
        TaggedFields.write(w, RANGES, new ByteWriter(5).varint(h.held.ranges()).toBytes());
        store.put(key(Keys.HELD, h), w.toBytes());
    }

    /** What {@link #writeOrphan} wrote; 0 for nothing. */
    public static int orphanRanges(byte[] value) {
        ByteReader r = new ByteReader(value);
        r.bool();
        r.int64();
        r.int64();
        r.varint();
        r.varint();
        new SeqRanges().read(r);
        int[] ranges = new int[1];
        TaggedFields.readRecord(r, (tag, field) -> {
            if (tag == RANGES) {
                ranges[0] = (int) field.varint();
            }
            return tag == RANGES || tag == PASSED || tag == GUESSED || tag == PURGED;
        });
        return ranges[0];
    }

    /** Writes who it is. */
    public static void writeSpec(Holder h, MessageStore store) {
        ByteWriter w = new ByteWriter(96);
        w.string(h.connection().node()).int64(h.connection().number());
        w.uint16(h.channel()).bool(h.isGetter());
        ConsumerSpec spec = h.spec();
        w.string(spec.tag()).bool(spec.noAck()).bool(spec.exclusive());
        w.int32(spec.prefetch()).int32(spec.window());
        ArgumentsCodec.write(w, spec.arguments());
        store.put(key(Keys.HOLDER, h), w.toBytes());
    }

    static void delete(Holder h, MessageStore store) {
        store.delete(key(Keys.HOLDER, h));
        store.delete(key(Keys.HELD, h));
        deleteBlocks(h, store);
        h.deadline.delete(store, h.queue().number(), h.number());
    }

    private static byte[] key(byte kind, Holder h) {
        return Keys.of(kind, h.queue().number(), h.number());
    }

    private static void deleteBlocks(Holder h, MessageStore store) {
        if (h.held.haveBlocks()) {
            h.held.deleteBlocks(blocks(h, store));
        }
    }

    private static StoredBlocks blocks(Holder h, MessageStore store) {
        return new StoredBlocks(store, h.queue().number(), h.number());
    }

    /** Where what it has is stored when that is many ranges: by blocks, so that each ack writes a block and not all. */
    private record StoredBlocks(MessageStore store, long queue, long holder) implements SeqRanges.Blocks {
        @Override
        public void put(long name, byte[] block) {
            store.put(Keys.of(Keys.HELD_BLOCK, queue, holder, name), block);
        }

        @Override
        public void delete(long name) {
            store.delete(Keys.of(Keys.HELD_BLOCK, queue, holder, name));
        }
    }

    /** A holder as {@link #writeSpec} wrote it; what it holds is still to come, see {@link #restore}. */
    public static Holder decode(Queue queue, long number, byte[] value) {
        ByteReader r = new ByteReader(value);
        ConnectionId connection = new ConnectionId(r.string(), r.int64());
        int channel = r.uint16();
        boolean getter = r.bool();
        ConsumerSpec spec =
                new ConsumerSpec(r.string(), r.bool(), r.bool(), r.int32(), r.int32(), ArgumentsCodec.read(r));
        TaggedFields.endRecord(r);
        return new Holder(queue, number, connection, channel, spec, getter);
    }

    /** Takes up what {@link #write} wrote; blocks of what it holds are there. */
    public static void restore(Holder h, byte[] value) {
        ByteReader r = new ByteReader(value);
        h.cancelled = r.bool();
        h.extended = r.int64();
        h.ahead = r.int64();
        h.passed.decode(r.varint());
        h.heldBytes = r.varint();
        h.held.read(r);
        TaggedFields.readRecord(r, (tag, field) -> {
            if (tag == PASSED) {
                h.passed.decodeMore(field);
            } else if (tag == GUESSED) {
                h.guessed = Guessed.decode(field);
            } else if (tag == PURGED) {
                h.purged = PurgedAhead.decode(field);
            }
            return tag == PASSED || tag == GUESSED || tag == PURGED;
        });
    }

    /** Takes up when its client has to ack, behind {@link #restore}: of who left nobody asks that any more. */
    public static void restoreDeadline(Holder h, byte[] value) {
        h.deadline.restore(value);
        if (h.departure() != null) {
            h.deadline.clear();
        }
    }
}
