package io.tallymq.broker.queue;

import io.tallymq.broker.aside.LeftUnacked;
import io.tallymq.broker.lane.Common;
import io.tallymq.broker.lane.LaneChain;
import io.tallymq.broker.lane.QueueLog;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.reports.Parting;
import io.tallymq.broker.reports.Telling;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.QueueRecords;
import io.tallymq.broker.store.SeqRuns;

/**
 * How messages leave a queue. Those that somebody wants to hear of stay where they are, nobody's, until that is told; and it is known which left otherwise than
 * by acks, for receipts.
 */
public final class Partings {
    /** The level of the state from which on it is known which messages left by acks. */
    private static final int ACKS = 5;

    private final Queue queue;
    private final Common common;
    private final LaneChain lanes;
    private final SeqRuns attempts;
    /** Messages that left and are still to be told of; null as long as nobody asked for that. */
    private Telling telling;
    /** Null as long as all left by acks. */
    private LeftUnacked unacked;

    Partings(Queue queue, Common common, LaneChain lanes, SeqRuns attempts) {
        this.queue = queue;
        this.common = common;
        this.lanes = lanes;
        this.attempts = attempts;
    }

    /** Whether somebody is told of its messages. */
    boolean areTold() {
        return telling != null;
    }

    /** Messages that left and are still there. */
    long count() {
        return telling == null ? 0 : telling.count();
    }

    /** Messages left otherwise than by acks. Streams have none. */
    void unacked(long first, long last) {
        if (common.level().getAsInt() >= ACKS && !queue.isStream()) {
            unacked = unacked == null ? new LeftUnacked() : unacked;
            unacked.add(first, last);
        }
    }

    /** Whether a message that is gone left by an ack. Where that is not certain it is not said. */
    public boolean isAcked(long seq) {
        QueueLog lane = lanes.find(seq);
        return lane != null
                && seq < lane.tail()
                && !queue.isStream()
                && !areTakingOut() // of what a purge took it is noted when it is out
                && (unacked == null || !unacked.has(seq));
    }

    /** Whether something is left of what a purge took. */
    public boolean areTakingOut() {
        return queue.resting().isTakingOut() || queue.holdings().departed().areTakingOut();
    }

    /** Messages are gone. */
    void settle(long from, long to) {
        lanes.having(from).settle(from, to);
        queue.gone(from, to);
    }

    /** Somebody is told of its messages from now on. */
    Telling telling() {
        if (telling == null) {
            telling = new Telling(
                    queue.number(),
                    queue.vhost(),
                    queue.name(),
                    new Telling.Messages() {
                        @Override
                        public Chunk chunkOf(long seq) {
                            return lanes.having(seq).chunks().of(seq);
                        }

                        @Override
                        public long bytes(long first, long last) {
                            return lanes.having(first).chunks().bytes(first, last);
                        }

                        @Override
                        public void settle(long first, long last) {
                            lanes.having(first).settle(first, last);
                        }
                    },
                    queue::isAudited,
                    common.untold());
        }
        return telling;
    }

    /** Messages are gone that somebody had or could have. Those of chunks with reports stay where they are, nobody's, until that is told. */
    void part(long from, long to, Parting how) {
        if (how != Parting.ACKED) {
            unacked(from, to);
        }
        if (telling == null) {
            settle(from, to);
            return;
        }
        part(lanes.having(from), from, to, (a, b) -> leftUntold(a, b, how));
        queue.gone(from, to);
    }

    /** Messages leave that somebody had or could have: {@code reported} hears of those of chunks with reports, the others are gone. */
    private static void part(QueueLog lane, long from, long to, SeqRanges.Visitor reported) {
        long next = from;
        for (long at = from; at <= to; ) {
            Chunk c = lane.chunks().of(at);
            long end = Math.min(to, c.endSeq() - 1);
            if (c.hasReports()) {
                settle(lane, next, at - 1);
                reported.range(at, end);
                next = end + 1;
            }
            at = end + 1;
        }
        settle(lane, next, to);
    }

    private static void settle(QueueLog lane, long from, long to) {
        if (from <= to) {
            lane.settle(from, to);
        }
    }

    /** What was begun out of turn beyond what is next counts as well, whatever becomes of it. */
    void purges(QueueLog lane) {
        lane.returned().forEach(this::unacked);
        if (lane.head() < lane.tail()) {
            unacked(lane.head(), lane.tail() - 1);
        }
    }

    private void leftUntold(long from, long to, Parting how) {
        attempts.forget(from, to);
        telling.left(from, to, how);
    }

    /** The queue is deleted: what is still to be told of it waits for {@link Lanes#deleteAll}. */
    void rest() {
        if (telling != null) {
            telling.rest();
        }
    }

    /** Body bytes of messages that left and are still to be told of. */
    long bytes() {
        return telling == null ? 0 : telling.bytes();
    }

    /** Whether a message left and is still to be told of. */
    boolean has(long seq) {
        return telling != null && telling.has(seq);
    }

    /** What is to be had is gone, and is told of: {@link #areTold}. */
    void purge(Parting how) {
        for (QueueLog lane = lanes.first(); lane != null; lane = lanes.after(lane)) {
            lane.returned().forEach(queue::gone);
            QueueLog it = lane;
            lane.purge(
                    (a, b) -> part(it, a, b, (x, y) -> leftUntold(x, y, how)),
                    (a, b) -> common.untold().farewells().fresh(telling, how, a, b, it.known(a, b)));
        }
    }

    /** The queue is deleted, and somebody wants to hear of its messages: later entries take them out. */
    void bequeath() {
        for (QueueLog lane = lanes.first(); lane != null; lane = lanes.after(lane)) {
            lane.returned().clear();
        }
        telling.writeDirty(common.store());
        for (QueueLog lane = lanes.first(); lane != null; lane = lanes.after(lane)) {
            QueueLog it = lane;
            lane.purge(
                    (a, b) -> {}, // it is of a chunk that was begun
                    (a, b) -> common.untold().farewells().fresh(telling, Parting.DELETED, a, b, it.known(a, b)));
            lane.chunks().bequeath(begun -> common.untold().farewells().begun(telling, begun));
        }
        queue.gone(0, Long.MAX_VALUE);
        telling = null;
    }

    /** Whether somebody is told of its messages, and how much waits for that; null: nobody ever was. */
    byte[] encodeTelling() {
        return telling == null
                ? null
                : new ByteWriter(9).varint(telling.bytes()).toBytes();
    }

    /** Takes up what {@link #encodeTelling} wrote. */
    void decodeTelling(ByteReader r) {
        telling().waits(r.varint());
    }

    /** Which of its messages left otherwise than by acks; null for none. */
    byte[] encodeUnacked() {
        return unacked == null ? null : unacked.encode();
    }

    /** Takes up what {@link #encodeUnacked} wrote. */
    void decodeUnacked(ByteReader r) {
        unacked = LeftUnacked.decode(r);
    }

    void writeDirty() {
        if (telling != null) {
            telling.writeDirty(common.store());
        }
    }

    /** The lanes are there again: what is still to be told of is not to be had. */
    void restore(QueueRecords records) {
        if (telling == null) {
            return;
        }
        if (queue.deleted) {
            telling.rest();
        }
        telling.restore(records);
        telling.forEach((from, to) -> lanes.having(from).returned().isHeld(from, to));
    }

    void digest(StateDigest d) {
        if (telling != null) {
            telling.digest(d);
        }
        if (unacked != null) {
            unacked.digest(d);
        }
    }
}
