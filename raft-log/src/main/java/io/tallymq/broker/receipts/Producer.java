package io.tallymq.broker.receipts;

import io.tallymq.broker.effect.Reply;
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
    /** So far a number may be above the last one, once there is one: milliseconds in place of a counter may, nanoseconds may not. */
    private static final long MOST_JUMP = 1L << 40;
    /** Of its record: {@link Repeats}. */
    private static final int REPEATS = 1;
    /** Of its record: {@link #knownSince}. */
    private static final int KNOWN_SINCE = 2;
    /** Of its record: {@link #isUnsure}. */
    private static final int UNSURE = 3;
    /** What stays known of its numbers when it is forgotten takes so many bytes at most: some fifty gaps. */
    private static final int MOST_PAST = 128;
    /** Of {@link #knownSince}: nothing of it has come. */
    private static final long NOTHING_YET = Long.MAX_VALUE;

    /** A connection, and the number of its opening, see {@link #isFenced}: those of connections come again when their node starts again. */
    public record By(ConnectionId connection, long opened) {}

    private final long number;
    private final String vhost;
    private final String id;
    private final MessageStore store;
    private final SeqWindow window = new SeqWindow();
    /** Null: nothing came again. */
    private Repeats repeats;
    /** What became of lower numbers is not known: it may have been forgotten, and these may have come before. 0 for who is new for sure. */
    private long knownSince;
    /** It may have been there before, and nothing is known of that: also what is not lower than {@link #knownSince} may have come. */
    private boolean isUnsure;
    /** It is forgotten, and this is what is known of it all the same: not to be changed. */
    private boolean isAsleep;

    private final LeftBlocks left;
    private final ReceiptWork work;
    /** Which blocks have a record, or will. */
    private NotedBlocks noted = new NotedBlocks();
    /** Blocks that changed since the last commit. */
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

    /** @param past whether one of that name may have been forgotten: then it is known from the first number on that comes */
    Producer(
            long number, String vhost, String id, MessageStore store, LeftBlocks left, ReceiptWork work, boolean past) {
        this.knownSince = past ? NOTHING_YET : 0;
        this.isUnsure = past;
        this.left = left;
        this.work = work;
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
        return begins() ? window.first() : Math.max(window.first(), knownSince);
    }

    /** Whether nothing of it has come since it may have been forgotten: the first number to come is the lowest that is known. */
    public boolean begins() {
        return knownSince == NOTHING_YET;
    }

    /** Whether numbers that are not known to be decided may have come before all the same, in a time of which nothing is known. */
    public boolean isUnsure() {
        return isUnsure;
    }

    /** Whether it is forgotten, and this is what is known of it all the same: {@link Producers#add} makes it one that is known. */
    public boolean isAsleep() {
        return isAsleep;
    }

    /** A number has come, whatever becomes of it. */
    public void came(long seq) {
        if (begins()) {
            knownSince = seq;
        }
    }

    /** What became of lower numbers is not known; 0 for who is new for sure. Not if it {@link #begins}. */
    public long knownSince() {
        return knownSince;
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

    /** Whether a number would be too old behind another one. */
    public static boolean isForgotten(long seq, long last) {
        return SeqWindow.isBelow(seq, last);
    }

    /** Whether a number is so far above another one that it must be a mistake, which would make all that the producer publishes afterwards too old. */
    public static boolean isTooFar(long seq, long last) {
        return last >= 0 && seq - last > MOST_JUMP;
    }

    /** What a number is refused with that {@link #isTooFar}. */
    public static Reply.Rejected tooFar(String producer, long seq, long last) {
        return Reply.precondition(
                Reply.Reason.TOO_FAR,
                "number " + seq + " of producer '" + producer + "' is too far above its last one, " + last
                        + ": it rises by 2^40 at a time at most");
    }

    /** Whether a number is too old: what became of it is not known any more. All are of one that {@link #begins}. */
    public boolean isForgotten(long seq) {
        return window.isBelow(seq) || seq < knownSince;
    }

    /** Whether a number is decided, as far as that is known. */
    public boolean isDecided(long seq) {
        return window.has(seq);
    }

    /** Whether a number may never come. */
    public boolean isVoid(long seq) {
        return window.isVoid(seq);
    }

    /**
     * Whether a connection may not publish as him: it is older than the one that took his place.
     *
     * @param opened numbers of openings and fences count up together
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

    /** Who was opened before this number may not publish as him any more. Returns those that are known of. */
    List<By> fence(long at) {
        epoch++;
        fencedAt = at;
        List<By> older = new ArrayList<>(connections);
        connections.clear();
        return older;
    }

    /** A number is decided, whatever became of it. It is not {@link #isForgotten}. */
    void decide(long seq, boolean isVoid) {
        long before = window.last();
        if (isVoid) {
            window.addVoid(seq);
        } else {
            window.add(seq);
        }
        if (repeats != null) {
            repeats.moved(before, window.last());
        }
        dropBelow();
    }

    /** A number that {@link #isDecided} came again, and was confirmed. */
    void again(long seq) {
        repeats = repeats == null ? new Repeats() : repeats;
        repeats.again(seq);
    }

    /** How often a number came again; 0 also if it is too old, and {@link Repeats#MOST} at most. */
    int repeats(long seq) {
        return repeats == null || !window.has(seq) ? 0 : repeats.of(seq);
    }

    boolean hasRepeats() {
        return repeats != null;
    }

    /** Nothing if nothing of the window came again. */
    private byte[] encodedRepeats() {
        return repeats == null ? new byte[0] : repeats.encode(window.first(), last());
    }

    /** Units of noting something of a number, which is done soon: what is known of its neighbours is read, once in a run. The same on all nodes. */
    int noting(long seq) {
        long n = ReceiptBlock.blockOf(seq);
        if (!noted.has(n)) {
            return 1;
        }
        ReceiptBlock b = block(n);
        return b.isFirstOf(work.run()) ? ReceiptWork.READ + b.units() : 1;
    }

    /** What became of some neighbours. Nothing is noted of what is too far ahead, as long as that is not decided. */
    void note(long first, long to, Note note) {
        long from = Math.max(first, window.first()); // the entry may have brought more than the window takes
        if (gone || to <= from || to - 1 > Math.max(0, window.last()) + AHEAD) {
            return;
        }
        for (long seq = from; seq < to; ) {
            long n = ReceiptBlock.blockOf(seq);
            int at = (int) (seq % ReceiptBlock.SIZE);
            int count = (int) Math.min(to - seq, ReceiptBlock.SIZE - at);
            block(n).put(at, count, note);
            seq += count;
        }
        StateDigest d = new StateDigest().add(history).add(from).add(to);
        d.add((long) note.outcome().code()).add(note.index()).add((long) note.queues());
        for (Placed p : note.places()) {
            d.add(p.queue()).add(p.seq() + from - note.base()).add((long)
                    p.why().length());
        }
        history = d.value();
    }

    /** Blocks all of whose numbers have come to be too old. */
    private void dropBelow() {
        long first = ReceiptBlock.blockOf(window.first());
        if (noted.haveBelow(first)) {
            long[] old = noted.takeBelow(first);
            for (long b : old) {
                blocks.remove(b);
            }
            left.add(number, old);
        }
    }

    /** One that is about to change. */
    private ReceiptBlock block(long n) {
        ReceiptBlock b = blocks.get(n);
        if (b == null) {
            b = noted.add(n) ? new ReceiptBlock() : stored(n);
            blocks.put(n, b);
            work.holdBlock(b.held());
        }
        return b;
    }

    private ReceiptBlock stored(long n) {
        return ReceiptBlock.decode(n, store.get(key(n)));
    }

    /** What is known of a number; null for nothing. Changes nothing: also for who only looks. */
    Note noteOf(long seq) {
        return look(ReceiptBlock.blockOf(seq)).get(seq);
    }

    /** What is known of some neighbours, not to be changed. */
    ReceiptBlock look(long n) {
        ReceiptBlock b = blocks.get(n);
        return b == null ? stored(n) : b;
    }

    /** The same of a number of which something else is noted now. */
    Note noteToChange(long seq) {
        long n = ReceiptBlock.blockOf(seq);
        return noted.has(n) ? block(n).get(seq) : null;
    }

    private byte[] key(long block) {
        return Keys.of(Keys.RECEIPTS, number, block);
    }

    /** Whether something is to be kept of it when it is forgotten. */
    boolean hasPast() {
        return last() >= 0 || epoch > 0;
    }

    /** What stays known of it when it is forgotten; begins with the time at which it was used. */
    byte[] past() {
        ByteWriter its = new ByteWriter(64);
        window.write(its);
        boolean isWhole = its.size() <= MOST_PAST;
        ByteWriter w = new ByteWriter(64).varint(usedTime).varint(epoch).varint(fencedAt);
        w.varint(isWhole ? knownSince : last() + 1).bool(isUnsure).bool(isWhole);
        if (isWhole) {
            w.raw(its.array(), 0, its.size());
        } else {
            w.varint(last());
        }
        return w.toBytes();
    }

    /** This one is new, and was forgotten before: {@link #past} was kept of it. */
    void remember(ByteReader past, boolean only) {
        usedTime = past.varint();
        epoch = past.varint();
        fencedAt = past.varint();
        knownSince = past.varint();
        isUnsure = past.bool();
        if (past.bool()) {
            window.read(past);
        } else {
            window.forgetTo(past.varint());
        }
        TaggedFields.endRecord(past);
        isAsleep = only;
    }

    /** All that is stored of him goes. */
    void delete() {
        store.delete(Keys.of(Keys.PRODUCER, number));
        left.add(number, noted.takeBelow(Long.MAX_VALUE));
        blocks.clear();
    }

    void write() {
        ByteWriter w = new ByteWriter(128).string(vhost).string(id);
        w.varint(epoch).varint(fencedAt).int64(history).varint(usedIndex).varint(usedTime);
        w.varint(connections.size());
        connections.forEach(
                c -> w.string(c.connection.node()).int64(c.connection.number()).varint(c.opened));
        window.write(w);
        noted.write(w);
        byte[] again = encodedRepeats();
        if (again.length > 0) {
            TaggedFields.write(w, REPEATS, again);
        }
        if (knownSince > 0) {
            TaggedFields.write(
                    w, KNOWN_SINCE, new ByteWriter(10).varint(knownSince).toBytes());
        }
        if (isUnsure) {
            TaggedFields.write(w, UNSURE, new byte[0]);
        }
        store.put(Keys.of(Keys.PRODUCER, number), w.toBytes());
        for (Map.Entry<Long, ReceiptBlock> b : blocks.entrySet()) {
            store.put(key(b.getKey()), b.getValue().encode(b.getKey()));
        }
    }

    /** What was written can be read. */
    void committed() {
        dirty = false;
        blocks.clear();
    }

    static Producer read(long number, byte[] value, MessageStore store, LeftBlocks left, ReceiptWork work) {
        ByteReader r = new ByteReader(value);
        Producer p = new Producer(number, r.string(), r.string(), store, left, work, false);
        p.epoch = r.varint();
        p.fencedAt = r.varint();
        p.history = r.int64();
        p.usedIndex = r.varint();
        p.usedTime = r.varint();
        for (long n = r.varint(); n > 0; n--) {
            p.connections.add(new By(new ConnectionId(r.string(), r.int64()), r.varint()));
        }
        p.window.read(r);
        p.noted = NotedBlocks.of(NotedBlocks.read(r));
        TaggedFields.readRecord(r, (tag, field) -> {
            switch (tag) {
                case REPEATS -> p.repeats = Repeats.decode(field);
                case KNOWN_SINCE -> p.knownSince = field.varint();
                case UNSURE -> p.isUnsure = true;
                default -> {
                    return false;
                }
            }
            return true;
        });
        return p;
    }

    void digest(StateDigest d) {
        ByteWriter w = new ByteWriter(64);
        window.write(w);
        d.add(number).add(vhost).add(id).add(epoch).add(fencedAt).add(history).add(usedIndex);
        d.add(usedTime).add(w.toBytes()).add(encodedRepeats());
        if (knownSince > 0) {
            d.add(knownSince).add(isUnsure);
        }
        connections.forEach(
                c -> d.add(c.connection.node()).add(c.connection.number()).add(c.opened));
    }
}
