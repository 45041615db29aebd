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
import java.util.List;
import java.util.TreeMap;

/**
 * The ids that one exchange remembers, with what is known of them, in blocks of those that came together. In memory is what changed since the last commit, an
 * index that tells in which block an id may be, and nothing of the rest.
 */
public final class IdSet {
    /** In place of a time: never. */
    static final long NEVER = Long.MAX_VALUE;

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
    /** Up to this group of places there may be some of whose ids later entries told something; -1: none. */
    private long told = -1;
    /** The index of the entry that brought the newest. */
    private long newest;
    /** A hash over all that was ever noted: records are not in memory. */
    private long history;

    private final TreeMap<Long, IdBlock> blocks = new TreeMap<>();
    private final TreeMap<Long, IdChanges> changes = new TreeMap<>();
    private final IdIndex index;
    private final IdIndex.Look look = this::inBlock;
    /** When the ids of the block of the oldest came, as far as it was stored when it was read; null: it was not. */
    private long[] times;

    private long timesOf;
    /** Bytes of the block that was looked into last, and its number. */
    private int read;

    private long readOf;
    /** Bytes of what later entries told of the group of what was found there. */
    private int beside;

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
        this.index = new IdIndex(store.hashSeed());
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

    /**
     * When the oldest is to go, milliseconds since the epoch.
     *
     * @param away when there was no cluster last
     */
    long due(long away) {
        return size() == 0 ? NEVER : size() > settings.most() ? 0 : Math.max(oldest, away) + settings.window();
    }

    boolean isFull() {
        return size() >= settings.most();
    }

    /** What is there, be its time over or not; null for nothing. Changes nothing. */
    Kept find(byte[] id) {
        return find(id, hash(id));
    }

    /** The same, of an id whose {@link #hash} is known. */
    Kept find(byte[] id, long hash) {
        Kept found = index.find(id, hash, look);
        long block = found == null ? readOf : IdBlock.of(found.place());
        if (block != readOf) { // it stands in several, which are looked into in no certain order
            readOf = block;
            IdBlock b = blocks.get(block);
            read = b == null ? store.get(key(block)).length : b.length();
            latest(found); // for its group's bytes
        }
        return found;
    }

    long hash(byte[] id) {
        return index.hash(id);
    }

    int touch(long[] hashes) {
        return index.touch(hashes);
    }

    private Kept inBlock(long n, byte[] id) {
        if (n < IdBlock.of(head)) {
            return null;
        }
        IdBlock b = blocks.get(n);
        byte[] stored = b == null ? store.get(key(n)) : null;
        Kept k = b == null ? IdBlockReader.find(n, stored, id) : b.find(id);
        if (k == null || k.place() < head) {
            return null;
        }
        read = b == null ? stored.length : b.length();
        readOf = n;
        return latest(k);
    }

    /** Bytes of the block of what {@link #find} found last, as it was then: the same on all nodes, be it in memory or not. */
    int read() {
        return read;
    }

    /** Bytes of the group that {@link #put} writes anew for what {@link #find} found last, as they were then: the same on all nodes, too. */
    int beside() {
        return beside;
    }

    /** What is known by now of what {@link #find} found since the last commit: others of its run may have told of it. */
    Kept now(Kept k) {
        if (k.entry().index() == newest) {
            IdBlock b = blocks.get(IdBlock.of(k.place()));
            return b == null ? k : b.kept(k.place());
        }
        IdChanges c = changes.get(IdChanges.groupOf(k.place()));
        Kept later = c == null ? null : c.of(k.place());
        return later == null ? k : later;
    }

    private Kept latest(Kept k) {
        long n = IdChanges.groupOf(k.place());
        IdChanges c = n > told ? null : changes.get(n);
        if (c == null && n <= told) {
            c = IdChanges.decode(store.get(changesKey(n)));
        }
        beside = c == null ? 0 : c.length();
        Kept later = c == null ? null : c.of(k.place());
        return later == null ? k : later;
    }

    /** Whether the exchange still remembers it. */
    boolean isKnown(Kept k, long now, long away) {
        return k != null && Math.max(k.entry().time(), away) + settings.window() > now;
    }

    /** An id has come, and is not known. Returns its place. */
    long add(byte[] id, long hash, Stamp entry, long scheduled, boolean isVoid) {
        oldest = size() == 0 ? entry.time() : oldest;
        IdBlock b = tail % IdBlock.SIZE == 0 ? fresh(IdBlock.of(tail)) : block(IdBlock.of(tail));
        b.add(id, new Kept(tail, isVoid, entry, scheduled, 0, List.of(), 0));
        index.add(hash, tail, head, settings.most());
        newest = entry.index();
        history = new StateDigest()
                .add(history)
                .add(tail)
                .add(entry.index())
                .add(isVoid)
                .addWords(id)
                .value();
        return tail++;
    }

    /** What came to this place with the entry in hand stands in these queues. */
    void stands(long place, int queues, List<Placed> places) {
        if (place >= head) { // else newer ones of its entry have taken its place
            IdBlock b = block(IdBlock.of(place));
            Kept k = b.kept(place).at(queues, places);
            b.put(k);
            note(k);
        }
    }

    /** Something else is known of one that {@link #find} found: beside its block, unless that is of the newest and changes anyway. */
    void put(Kept now) {
        if (now.entry().index() == newest) {
            block(IdBlock.of(now.place())).put(now);
        } else {
            tell(now);
        }
        note(now);
    }

    private void tell(Kept now) {
        long n = IdChanges.groupOf(now.place());
        IdChanges c = changes.get(n);
        if (c == null) {
            c = n > told ? new IdChanges() : IdChanges.decode(store.get(changesKey(n)));
            changes.put(n, c);
            told = Math.max(told, n);
        }
        c.put(now);
    }

    private void note(Kept now) {
        StateDigest d = new StateDigest().add(history).add(now.place()).add(now.duplicates());
        d.add((long) now.queues());
        for (Placed p : now.places()) {
            d.add(p.queue()).add(p.seq()).add((long) p.why().length());
        }
        history = d.value();
    }

    /** The oldest goes. There is one. */
    void takeOldest() {
        long n = IdBlock.of(head);
        gone = Math.max(gone, time(head));
        long taken = head++;
        if (head == tail || IdBlock.of(head) != n) {
            if (head == tail) { // the next one begins a block
                tail = head = (n + 1) * IdBlock.SIZE;
            }
            blocks.remove(n);
            store.delete(key(n));
        }
        long group = IdChanges.groupOf(taken);
        if (group <= told && IdChanges.groupOf(head) != group) {
            changes.remove(group);
            store.delete(changesKey(group));
        }
        index.passed(head);
        oldest = size() == 0 ? 0 : time(head);
    }

    /** When what is at the beginning came. */
    private long time(long place) {
        long n = IdBlock.of(place);
        IdBlock b = blocks.get(n);
        if (b != null) {
            return b.time(place);
        }
        if (times == null || timesOf != n || IdBlock.in(place) >= times.length) {
            times = IdBlockReader.times(n, store.get(key(n)));
            timesOf = n;
        }
        return times[IdBlock.in(place)];
    }

    /** After {@link #read}: finds where the ids are that were there before this replica's start. */
    void fillIndex() {
        index.expect(Math.max(size(), Math.min(2 * size(), settings.most())));
        for (long n = IdBlock.of(head); n * IdBlock.SIZE < tail; n++) {
            for (IdBlockReader b = new IdBlockReader(n, store.get(key(n))); b.next(); ) {
                if (b.place() >= head) {
                    index.tell(b.id(), b.place(), head);
                }
            }
        }
    }

    private byte[] changesKey(long group) {
        return Keys.of(Keys.ID_CHANGES, number, group);
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
            b = IdBlockReader.whole(n, store.get(key(n)));
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
        changes.forEach((n, c) -> store.put(changesKey(n), c.encode()));
    }

    private void writeState() {
        ByteWriter w = new ByteWriter(64).bool(!leaves).varint(exchange);
        w.string(settings.header() == null ? "" : settings.header());
        w.varint(settings.window()).varint(settings.most());
        w.varint(head)
                .varint(tail)
                .varint(oldest)
                .varint(gone)
                .varint(told + 1)
                .varint(newest)
                .int64(history);
        store.put(Keys.of(Keys.IDS, number), w.toBytes());
    }

    /** What was written can be read. The block that ids come to stays in memory. */
    void committed() {
        changes.clear();
        blocks.headMap(IdBlock.of(tail)).clear();
        dirty = false;
    }

    /** Nothing stays in memory but the index. */
    void letGo() {
        blocks.clear();
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
        s.told = r.varint() - 1;
        s.newest = r.varint();
        s.history = r.int64();
        TaggedFields.endRecord(r);
        s.leaves = !lives;
        return s;
    }

    void digest(StateDigest d) {
        d.add(number).add(exchange).add(settings.title()).add(settings.window()).add(settings.most());
        d.add(head).add(tail).add(oldest).add(gone).add(told).add(history);
    }
}
