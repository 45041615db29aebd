package io.tallymq.broker.receipts;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Somebody who names what he publishes, in one virtual host: which of his numbers are decided, and what became of them. */
public final class Producer {
    /** Most connections that are remembered as his, to be closed when a later one takes his place. */
    private static final int MOST_CONNECTIONS = 8;
    /** So far beyond the last number that is decided it is noted what was refused or reached no queue. */
    private static final int AHEAD = SeqWindow.SIZE;

    /** A connection, and the entry with which it was opened: numbers of connections come again when their node starts again. */
    public record By(ConnectionId connection, long opened) {}

    private final long number;
    private final String vhost;
    private final String id;
    private final MessageStore store;
    private final SeqWindow window = new SeqWindow();
    /** Blocks that changed since the last commit, and the one in hand. */
    private final TreeMap<Long, ReceiptBlock> blocks = new TreeMap<>();

    private final ArrayDeque<By> connections = new ArrayDeque<>();
    private long epoch;
    private long fencedAt;
    /** A hash over all that was ever noted: blocks are not in memory. */
    private long history;
    /** The entry that used it last. */
    long usedIndex;
    /** Its time, milliseconds since the epoch. */
    long usedTime;

    boolean dirty;
    /** It is not known any more: what an entry still has to note of it is void. */
    boolean gone;

    /** The block that was looked at last by the applying thread, and its number. */
    private ReceiptBlock looked;

    private long lookedAt;

    Producer(long number, String vhost, String id, MessageStore store) {
        this.number = number;
        this.vhost = vhost;
        this.id = id;
        this.store = store;
    }

    public long number() {
        return number;
    }

    public String vhost() {
        return vhost;
    }

    public String id() {
        return id;
    }

    /** How often a later connection took his place. */
    public long epoch() {
        return epoch;
    }

    /** The highest number that is decided; -1: none. */
    public long last() {
        return window.last();
    }

    /** The lowest number that is known. */
    long first() {
        return window.first();
    }

    /** Pairs of first and last number that are not decided, between those that are known. */
    List<long[]> gaps(int most) {
        List<long[]> gaps = new ArrayList<>();
        for (long at = window.next(first(), false); at < last() && gaps.size() < most; ) {
            long end = window.next(at, true);
            gaps.add(new long[] {at, end - 1});
            at = window.next(end, false);
        }
        return gaps;
    }

    /** Connections that publish as him, as far as they are remembered. */
    int users() {
        return connections.size();
    }

    /** Whether a number is too old: what became of it is not known any more. */
    public boolean isForgotten(long seq) {
        return window.isBelow(seq);
    }

    /** Whether a number is decided, as far as that is known. */
    public boolean isDecided(long seq) {
        return window.has(seq);
    }

    /** Whether a number may never come. */
    public boolean isVoid(long seq) {
        if (!isDecided(seq)) {
            return false;
        }
        Note note = look(ReceiptBlock.blockOf(seq)).get(seq);
        return note != null && note.outcome() == Outcome.VOID;
    }

    /**
     * Whether a connection may not publish as him: it is older than the one that took his place.
     *
     * @param opened the entry with which it was opened
     */
    public boolean isFenced(long opened) {
        return fencedAt > 0 && opened < fencedAt;
    }

    /** A connection publishes as him. Returns whether that is new. */
    boolean has(By by) {
        if (by == null || connections.contains(by)) {
            return false;
        }
        if (connections.size() == MOST_CONNECTIONS) {
            connections.poll();
        }
        connections.add(by);
        return true;
    }

    /** Who was opened before this entry may not publish as him any more. Returns those that are known of. */
    List<By> fence(long index) {
        epoch++;
        fencedAt = index;
        List<By> older = new ArrayList<>(connections);
        connections.clear();
        return older;
    }

    /** A number is decided, whatever became of it. It is not {@link #isForgotten}. */
    void decide(long seq) {
        long before = window.last();
        window.add(seq);
        if (before >= 0 && seq > before) {
            dropBelow(before);
        }
    }

    /** What became of some neighbours. Nothing is noted of what is too far ahead, as long as that is not decided. */
    void note(long from, long to, Note note) {
        if (gone || from < window.first() || to - 1 > Math.max(0, window.last()) + AHEAD) {
            return;
        }
        for (long seq = from; seq < to; ) {
            long n = ReceiptBlock.blockOf(seq);
            ReceiptBlock b = block(n);
            for (; seq < to && ReceiptBlock.blockOf(seq) == n; seq++) {
                b.put(seq, note);
            }
        }
        history = new StateDigest()
                .add(history)
                .add(from)
                .add(to)
                .add((long) note.outcome().code())
                .add(note.index())
                .add((long) note.places().size())
                .value();
    }

    /** Blocks all of whose numbers have come to be too old since {@code last} was the last one. */
    private void dropBelow(long last) {
        long from = ReceiptBlock.blockOf(Math.max(0, last - SeqWindow.SIZE + 1));
        // what was refused may stand ahead of what is decided
        long known = ReceiptBlock.blockOf(last + AHEAD);
        long to = Math.min(known + 1, ReceiptBlock.blockOf(window.first()));
        for (long b = from; b < to; b++) {
            blocks.remove(b);
            looked = lookedAt == b ? null : looked;
            store.delete(key(b));
        }
    }

    /** One that is about to change. */
    private ReceiptBlock block(long n) {
        ReceiptBlock b = look(n);
        blocks.put(n, b);
        return b;
    }

    /** The applying thread only. */
    private ReceiptBlock look(long n) {
        ReceiptBlock b = blocks.get(n);
        if (b == null && looked != null && lookedAt == n) {
            return looked;
        }
        looked = b == null ? stored(n) : b;
        lookedAt = n;
        return looked;
    }

    private ReceiptBlock stored(long n) {
        return ReceiptBlock.decode(n, store.get(key(n)));
    }

    /** What is known of a number; null for nothing. Changes nothing: also for who only looks. */
    Note noteOf(long seq) {
        long n = ReceiptBlock.blockOf(seq);
        ReceiptBlock b = blocks.get(n);
        return (b == null ? stored(n) : b).get(seq);
    }

    private byte[] key(long block) {
        return Keys.of(Keys.RECEIPTS, number, block);
    }

    /** All that is stored of him goes. */
    void delete() {
        store.delete(Keys.of(Keys.PRODUCER, number));
        long to = ReceiptBlock.blockOf(Math.max(0, window.last()) + AHEAD);
        for (long b = ReceiptBlock.blockOf(window.first()); b <= to; b++) {
            store.delete(key(b));
        }
    }

    void write() {
        dirty = false;
        ByteWriter w = new ByteWriter(128).string(vhost).string(id);
        w.varint(epoch).varint(fencedAt).int64(history).varint(usedIndex).varint(usedTime);
        w.varint(connections.size());
        connections.forEach(
                c -> w.string(c.connection.node()).int64(c.connection.number()).varint(c.opened));
        window.write(w);
        store.put(Keys.of(Keys.PRODUCER, number), w.toBytes());
        for (Map.Entry<Long, ReceiptBlock> b : blocks.entrySet()) {
            store.put(key(b.getKey()), b.getValue().encode(b.getKey()));
        }
    }

    /** All of it is committed: only the block in hand is still wanted. */
    void written() {
        if (blocks.size() > 1) {
            blocks.headMap(blocks.lastKey()).clear();
        }
    }

    static Producer read(long number, byte[] value, MessageStore store) {
        ByteReader r = new ByteReader(value);
        Producer p = new Producer(number, r.string(), r.string(), store);
        p.epoch = r.varint();
        p.fencedAt = r.varint();
        p.history = r.int64();
        p.usedIndex = r.varint();
        p.usedTime = r.varint();
        for (long n = r.varint(); n > 0; n--) {
            p.connections.add(new By(new ConnectionId(r.string(), r.int64()), r.varint()));
        }
        p.window.read(r);
        TaggedFields.endRecord(r);
        return p;
    }

    void digest(StateDigest d) {
        ByteWriter w = new ByteWriter(64);
        window.write(w);
        d.add(number).add(vhost).add(id).add(epoch).add(fencedAt).add(history).add(usedIndex);
        d.add(usedTime).add(w.toBytes());
        connections.forEach(
                c -> d.add(c.connection.node()).add(c.connection.number()).add(c.opened));
    }
}
