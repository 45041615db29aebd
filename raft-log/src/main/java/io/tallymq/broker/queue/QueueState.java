package io.tallymq.broker.queue;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.QueueRecords;
import java.util.ArrayList;
import java.util.List;

/** The record of a queue's state: what changes with its messages and consumers. What it was declared as is {@link QueueRecord}'s. */
public final class QueueState {
    /** Varint: the single active consumer. */
    private static final int ACTIVE = 1;

    private static final int COUNTERS = 2;
    /** As {@link Dying} encodes it. */
    private static final int DEAD = 3;
    /** Whether messages may expire, and a varint: when it was used last. */
    private static final int TIMES = 4;
    /** As {@link Lanes} encodes those that are not always there. */
    private static final int LANES = 5;
    /** As {@link KeyedLanes} encodes itself. */
    private static final int KEYED = 6;
    /** As {@link Lanes} encodes what is to be told of its messages. */
    private static final int TELLING = 7;
    /** As {@link Lanes} encodes which messages left otherwise than by acks. */
    private static final int UNACKED = 8;
    /** As {@link Resting} encodes how often it was purged. */
    private static final int PURGES = 9;
    /** As {@link AckTimeouts} encodes how far its holders know of other settings. */
    private static final int TIMEOUTS = 10;
    /** As {@link LastValues} encodes for how many of its values room is still to be made. */
    private static final int VALUES = 11;
    /** As {@link Departed} encodes what a purge took and is not out. */
    private static final int VANISHING = 12;
    /** Varint: the code of an {@link Assignment.Barrier}. */
    private static final int BARRIER = 13;
    /** As {@link io.tallymq.broker.lane.LaneRoom} encodes whether messages may be in other lanes than theirs. */
    private static final int CROWDED = 14;

    /** Nothing: it is paused. */
    private static final int PAUSED = 15;

    private QueueState() {}

    static byte[] encode(Queue q) {
        ByteWriter w = new ByteWriter(112);
        w.int64(q.turns().lastServed()).bool(q.hadConsumer).bool(q.assignment().waits());
        q.counters.encode(w);
        q.lanes().encode(w);
        write(w, COUNTERS, q.counters.encodeMore());
        if (q.turns().active() != 0) {
            write(w, ACTIVE, new ByteWriter(9).varint(q.turns().active()).toBytes());
        }
        write(w, DEAD, q.dying().encode());
        if (hasTimes(q)) {
            ByteWriter times = new ByteWriter(10).bool(q.lanes().mayExpire());
            write(w, TIMES, times.varint(q.disuse().lastUsed()).toBytes());
        }
        write(w, LANES, q.lanes().chain().encodeMore());
        write(w, KEYED, q.lanes().encodeKeyed());
        write(w, TELLING, q.lanes().partings().encodeTelling());
        write(w, UNACKED, q.lanes().partings().encodeUnacked());
        write(w, PURGES, q.resting().encodePurges());
        write(w, TIMEOUTS, q.ackTimeouts().encode());
        write(w, VALUES, q.lastValues() == null ? null : q.lastValues().encodeOwed());
        write(w, VANISHING, q.holdings().departed().encodeVanishing());
        Assignment.Barrier barrier = q.assignment().stoppedBy();
        if (barrier != Assignment.Barrier.NONE) {
            write(w, BARRIER, new ByteWriter(1).varint(barrier.code).toBytes());
        }
        write(w, CROWDED, q.lanes().room().encode());
        write(w, PAUSED, q.assignment().isPaused() ? new byte[0] : null);
        return w.toBytes();
    }

    private static void write(ByteWriter w, int tag, byte[] value) {
        if (value != null) {
            TaggedFields.write(w, tag, value);
        }
    }

    private static boolean hasTimes(Queue q) {
        return q.lanes().mayExpire() || q.disuse().matters();
    }

    /** Restores what {@link #encode} wrote, and what of the queue is stored apart; the holders were decoded before. */
    public static void decode(Queue q, byte[] value, List<Holder> restored, QueueRecords records) {
        ByteReader r = new ByteReader(value);
        final long lastServed = r.int64();
        q.hadConsumer = r.bool();
        q.assignment().waits(r.bool());
        q.counters.decode(r);
        List<Holder> consumers = new ArrayList<>();
        for (Holder h : restored) {
            q.restore(h);
            if (h.departure() == null && !h.isGetter() && !h.cancelled) {
                consumers.add(h);
            }
        }
        q.turns().restore(lastServed, consumers, null);
        q.lanes().decode(r);
        TaggedFields.readRecord(r, (tag, field) -> {
            switch (tag) {
                case ACTIVE ->
                    q.turns().restore(lastServed, List.of(), q.holdings().holder(field.varint()));
                case COUNTERS -> q.counters.decodeMore(field);
                case DEAD -> q.dying().decode(field);
                case TIMES -> {
                    q.lanes().mayExpire(field.bool());
                    q.disuse().lastUsed(field.varint());
                }
                case LANES -> q.lanes().chain().decodeMore(field);
                case KEYED -> q.lanes().decodeKeyed(field);
                case TELLING -> q.lanes().partings().decodeTelling(field);
                case UNACKED -> q.lanes().partings().decodeUnacked(field);
                case PURGES -> q.resting().decodePurges(field);
                case TIMEOUTS -> q.ackTimeouts().decode(field);
                case VALUES -> q.lastValues().decodeOwed(field);
                case VANISHING -> q.holdings().departed().decodeVanishing(field);
                case BARRIER -> q.assignment().stops(Assignment.Barrier.of((int) field.varint()));
                case PAUSED -> q.assignment().restorePause();
                case CROWDED -> q.lanes().room().decode(field);
                default -> {
                    return false;
                }
            }
            return true;
        });
        q.lanes().restore(restored, records);
        q.resting().restore(records);
        q.dying().restored();
        q.restored();
        restored.forEach(q::refresh);
    }

    /** Of everything but the holders. */
    static void digest(Queue q, StateDigest d) {
        d.add(q.turns().lastServed()).add(q.hadConsumer).add(q.assignment().waits());
        q.holdings().digest(d);
        q.counters.digest(d);
        q.lanes().digest(d);
    }

    /** Of what is mostly nothing: then the digest is that of programs that do not know of it. */
    static void digestMore(Queue q, StateDigest d) {
        if (q.turns().active() != 0) {
            d.add(q.turns().active());
        }
        Assignment.Barrier barrier = q.assignment().stoppedBy();
        if (barrier != Assignment.Barrier.NONE) {
            d.add((long) barrier.code);
        }
        if (q.assignment().isPaused()) {
            d.add(true);
        }
        q.dying().digest(d);
        q.resting().digest(d);
        q.ackTimeouts().digest(d);
        if (hasTimes(q)) {
            d.add(q.lanes().mayExpire()).add(q.disuse().lastUsed());
        }
        if (q.aside() != null) {
            q.aside().digest(d);
        }
        if (q.lastValues() != null) {
            q.lastValues().digest(d);
        }
    }
}
