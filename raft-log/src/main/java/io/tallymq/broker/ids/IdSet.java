package io.tallymq.broker.ids;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.receipts.Placed;
import io.tallymq.broker.settings.IdSettings;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The ids that one exchange remembers. Each has a record, and stands in a block of those that came with it, by which the oldest are found. In memory is
 * what changed or was looked at since the last commit, and nothing of the rest.
 */
public final class IdSet {
    /** In place of a time: never. */
    static final long NEVER = Long.MAX_VALUE;
    /** Units of taking out one that has to be looked at. */
    private static final int LOOK = 4;

    private final long number;
    private final long exchange;
    private final MessageStore store;
    private IdSettings settings;
    /** The place of the oldest. */
    private long head;
    /** The next place. */
    private long tail;
    /** When the oldest came. */
    private long oldest;
    /** What came up to this moment need not be known any more, or never was. */
    private long gone;
    /** Up to this place there may be ids that came again later, when their time was over; -1: none. */
    private long superseded = -1;
    /** A hash over all that was ever noted: records are not in memory. */
    private long history;

    /** Null for what is to be taken out. */
    private final Map<String, Kept> changed = new LinkedHashMap<>();

    private final TreeMap<Long, IdBlock> blocks = new TreeMap<>();
    private final IdFilter filter = new IdFilter();

    /** It is forgotten: what is left of it is to be taken out. */
    boolean leaves;
    /** Nothing is left of it. */
    boolean isGone;

    boolean dirty;
    /** Where it stands among what is due; {@link #NEVER}: nowhere. */
    long dueAt = NEVER;

    IdSet(long number, long exchange, IdSettings settings, long now, MessageStore store) {
        this.number = number;
        this.exchange = exchange;
        this.settings = settings;
        this.gone = now;
        this.store = store;
    }

    /** Never given again. */
    public long number() {
        return number;
    }

    /** The number of the exchange whose they are. */
    long exchange() {
        return exchange;
    }

    public IdSettings settings() {
        return settings;
    }

    void goBy(IdSettings now) {
        settings = now;
    }

    /** Ids that are in the store, or will be; those are among them whose time is over. */
    long size() {
        return tail - head;
    }

    /** All that came later than this is known, milliseconds since the epoch. */
    long knownBehind(long now) {
        return Math.max(gone, now - settings.window());
    }

    /** When the oldest is to go, milliseconds since the epoch. */
    long due() {
        return size() == 0 ? NEVER : size() > settings.most() ? 0 : oldest + settings.window();
    }

    boolean isFull() {
        return size() >= settings.most();
    }

    /** What is there, be its time over or not; null for nothing. Changes nothing. */
    Kept find(String id) {
        Kept known = changed.get(id);
        if (known != null || changed.containsKey(id)) {
            return known;
        }
        if (!filter.mayHave(id, head)) {
            return null;
        }
        byte[] value = store.get(Keys.text(Keys.ID, number, id));
        return value == null ? null : Kept.decode(value);
    }

    /** Whether the exchange still remembers it. */
    boolean isKnown(Kept k, long now) {
        return k != null && k.entry().time() + settings.window() > now;
    }

    /**
     * An id has come, and is not known.
     *
     * @param before what was found of it: its time is over; null for nothing
     */
    void add(String id, Kept before, Stamp entry, long scheduled, boolean isVoid) {
        if (before != null && before.place() >= head) {
            superseded = Math.max(superseded, before.place());
        }
        oldest = size() == 0 ? entry.time() : oldest;
        IdBlock b = tail % IdBlock.SIZE == 0 ? fresh(IdBlock.of(tail)) : block(IdBlock.of(tail));
        b.add(id, entry.time());
        filter.add(id, tail, settings.most());
        changed.put(id, new Kept(tail, isVoid, entry, scheduled, 0, List.of(), 0));
        history = new StateDigest()
                .add(history)
                .add(tail)
                .add(entry.index())
                .add(isVoid)
                .add(id)
                .value();
        tail++;
    }

    /** It stands in these queues. */
    void stands(String id, int queues, List<Placed> places) {
        Kept k = find(id);
        if (k != null) { // else newer ones of its entry have taken its place
            put(id, k.at(queues, places));
        }
    }

    /** It came again. */
    void again(String id) {
        put(id, find(id).again());
    }

    private void put(String id, Kept now) {
        changed.put(id, now);
        StateDigest d = new StateDigest().add(history).add(now.place()).add(now.duplicates());
        d.add((long) now.queues());
        for (Placed p : now.places()) {
            d.add(p.queue()).add(p.seq()).add((long) p.why().length());
        }
        history = d.value();
    }

    /** The oldest goes. There is one. Returns the units of work. */
    int takeOldest() {
        long n = IdBlock.of(head);
        IdBlock b = block(n);
        gone = Math.max(gone, b.time(head));
        String id = b.id(head);
        boolean looks = head <= superseded;
        Kept k = looks ? find(id) : null;
        if (!looks || k != null && k.place() == head) {
            changed.put(id, null);
        }
        head++;
        if (head == tail || IdBlock.of(head) != n) {
            if (head == tail) { // the next one begins a block
                tail = head = (n + 1) * IdBlock.SIZE;
            }
            blocks.remove(n);
            store.delete(key(n));
        }
        filter.passed(head);
        oldest = size() == 0 ? 0 : block(IdBlock.of(head)).time(head);
        return looks ? LOOK : 1;
    }

    /** Tells the filter of a block of those that were there before this replica's start. Returns whether there are more. */
    boolean fillFilter() {
        long from = filter.from();
        if (from <= head) {
            return false;
        }
        long n = IdBlock.of(from - 1);
        IdBlock there = blocks.get(n);
        IdBlock b = there == null ? IdBlock.decode(store.get(key(n))) : there;
        for (long at = from - 1; at >= Math.max(head, n * IdBlock.SIZE); at--) {
            filter.tell(b.id(at));
        }
        return filter.from() > head;
    }

    private byte[] key(long block) {
        return Keys.of(Keys.ID_BLOCK, number, block);
    }

    private IdBlock fresh(long n) {
        IdBlock b = new IdBlock();
        blocks.put(n, b);
        return b;
    }

    private IdBlock block(long n) {
        IdBlock b = blocks.get(n);
        if (b == null) {
            b = IdBlock.decode(store.get(key(n)));
            blocks.put(n, b);
        }
        return b;
    }

    void write() {
        if (isGone) {
            store.delete(Keys.of(Keys.IDS, number));
        } else {
            writeState();
        }
        blocks.forEach((n, b) -> {
            if (b.dirty) {
                b.dirty = false;
                store.put(key(n), b.encode());
            }
        });
        changed.forEach((id, k) -> {
            if (k == null) {
                store.delete(Keys.text(Keys.ID, number, id));
            } else {
                store.put(Keys.text(Keys.ID, number, id), k.encode());
            }
        });
    }

    private void writeState() {
        ByteWriter w = new ByteWriter(64).bool(!leaves).varint(exchange);
        w.string(settings.header() == null ? "" : settings.header());
        w.varint(settings.window()).varint(settings.most());
        w.varint(head)
                .varint(tail)
                .varint(oldest)
                .varint(gone)
                .varint(superseded + 1)
                .int64(history);
        store.put(Keys.of(Keys.IDS, number), w.toBytes());
    }

    /** What was written can be read. */
    void committed() {
        changed.clear();
        blocks.clear();
        dirty = false;
    }

    /** Reads what {@link #write} wrote. */
    static IdSet read(long number, byte[] value, MessageStore store) {
        ByteReader r = new ByteReader(value);
        boolean lives = r.bool();
        long exchange = r.varint();
        String header = r.string();
        IdSettings settings = new IdSettings(header.isEmpty() ? null : header, r.varint(), r.varint());
        IdSet s = new IdSet(number, exchange, settings, 0, store);
        s.head = r.varint();
        s.tail = r.varint();
        s.oldest = r.varint();
        s.gone = r.varint();
        s.superseded = r.varint() - 1;
        s.history = r.int64();
        TaggedFields.endRecord(r);
        s.leaves = !lives;
        s.filter.restored(s.head, s.tail);
        return s;
    }

    void digest(StateDigest d) {
        d.add(number).add(exchange).add(settings.title()).add(settings.window()).add(settings.most());
        d.add(head).add(tail).add(oldest).add(gone).add(superseded).add(history);
    }
}
