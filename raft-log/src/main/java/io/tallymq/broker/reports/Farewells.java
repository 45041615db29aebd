package io.tallymq.broker.reports;

import io.tallymq.broker.chunk.LiveChunk;
import io.tallymq.broker.chunk.Owed;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.store.BodyLook;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.QueueRecords;
import io.tallymq.broker.store.SeqRuns;
import io.tallymq.broker.store.SharedBodies;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntSupplier;

/**
 * Chunks that are gone for everybody, of queues in which somebody asked for reports: purges and deleted queues. Some per entry are looked
 * through for whom to tell, and taken out. All replicas are equally far with it, and how far is part of the state.
 */
public final class Farewells {
    /** The level of the state from which on what is told of a deleted queue is noted no more, and not up to its end. */
    private static final int FORGETS = 5;

    private record Place(long queue, long first) implements Comparable<Place> {
        @Override
        public int compareTo(Place o) {
            int c = Long.compare(queue, o.queue);
            return c != 0 ? c : Long.compare(first, o.first);
        }
    }

    private final MessageStore store;
    private final SharedBodies sharedBodies;
    private final Owed owed;
    private final IntSupplier level;
    private final BodyLook look;
    private final TreeMap<Place, Farewell> all = new TreeMap<>();
    /** How many are of each virtual host. */
    private final TreeMap<String, Integer> byVhost = new TreeMap<>();
    /** Those whose record in the store differs. */
    private final TreeSet<Place> dirty = new TreeSet<>();
    /** By deleted queue: what had left it before and is not told yet. */
    private final TreeMap<Long, SeqRuns> marks = new TreeMap<>();

    /**
     * Made once.
     *
     * @param owed is restored before
     * @param level of the state
     */
    public Farewells(MessageStore store, SharedBodies sharedBodies, Owed owed, IntSupplier level) {
        this.owed = owed;
        this.level = level;
        this.look = new BodyLook(store);
        this.store = store;
        this.sharedBodies = sharedBodies;
    }

    /**
     * Chunks of which nothing was delivered are gone: those in [from, to), which follow each other.
     *
     * @param known those that the store may not have yet, by their first message
     */
    public void fresh(Telling of, Parting how, long from, long to, Map<Long, Chunk> known) {
        Farewell f = new Farewell(of.queue(), of.vhost(), of.name(), of.isAudited(), how, from, to, false);
        f.known.putAll(known);
        add(f);
    }

    /**
     * The queue is deleted: what is left of its chunks that were begun is gone, those of one lane.
     *
     * @param begun not empty; the caller does not have them any more
     */
    public void begun(Telling of, TreeMap<Long, LiveChunk> begun) {
        long end = begun.lastEntry().getValue().chunk.endSeq();
        Farewell f = new Farewell(
                of.queue(), of.vhost(), of.name(), of.isAudited(), Parting.DELETED, begun.firstKey(), end, true);
        f.begun.putAll(begun);
        marks.put(of.queue(), of.handOver());
        add(f);
    }

    private void add(Farewell f) {
        Place place = new Place(f.queue, f.first);
        put(place, f);
        dirty.add(place);
    }

    private void put(Place place, Farewell f) {
        all.put(place, f);
        byVhost.merge(f.vhost, 1, Integer::sum);
    }

    /** Whether there are some of a virtual host. */
    boolean hasOf(String vhost) {
        return byVhost.containsKey(vhost);
    }

    public boolean isEmpty() {
        return all.isEmpty();
    }

    int size() {
        return all.size();
    }

    /**
     * Who is told, and of what: some neighbours of one chunk, as positions within it.
     *
     * @param audited whether all of it is told in the stream of receipts
     */
    public record Due(String vhost, String queue, boolean audited, ChunkBody body, int from, int to, Parting how) {}

    /**
     * Goes on with the first of them; there is one.
     *
     * @param most messages at most
     * @return those that are told of now; null: nobody is, a chunk was taken out or there was nothing
     */
    public Due step(int most) {
        Map.Entry<Place, Farewell> first = all.firstEntry();
        Farewell f = first.getValue();
        dirty.add(first.getKey());
        Due due = f.isBegun ? ofBegun(f, most) : ofFresh(f, most);
        if (f.isDone()) {
            all.remove(first.getKey());
            byVhost.computeIfPresent(f.vhost, (vhost, n) -> n == 1 ? null : n - 1);
            if (f.isBegun && of(f.queue).values().stream().noneMatch(o -> o.isBegun)) {
                SeqRuns gone = marks.remove(f.queue);
                gone.forget(0, Long.MAX_VALUE);
                gone.writeDirty(store, f.queue);
            }
        }
        return due;
    }

    private SortedMap<Place, Farewell> of(long queue) {
        return all.subMap(new Place(queue, Long.MIN_VALUE), new Place(queue, Long.MAX_VALUE));
    }

    private Due ofFresh(Farewell f, int most) {
        if (f.current == null) {
            Chunk known = f.known.remove(f.chunkOfNext);
            f.current = known != null ? known : store.chunkAt(f.queue, f.chunkOfNext);
        }
        Chunk c = f.current;
        int from = (int) (f.at - c.firstSeq());
        int to = c.hasReports() ? Math.min(c.count(), from + most) : c.count();
        Due due = c.hasReports() ? new Due(f.vhost, f.name, f.audited, look.of(c), from, to, f.how) : null;
        if (to == c.count()) {
            f.current = null;
            f.goOn(c.endSeq(), c.endSeq());
            takeOut(c);
        } else {
            f.goOn(c.firstSeq() + to, c.firstSeq());
        }
        return due;
    }

    private Due ofBegun(Farewell f, int most) {
        LiveChunk live = f.begun.firstEntry().getValue();
        Chunk c = live.chunk;
        long[] range = {-1, -1};
        if (c.hasReports()) {
            live.forEachLive(c.endSeq(), (a, b) -> {
                if (range[0] < 0 && b >= f.at) {
                    range[0] = Math.max(a, f.at);
                    range[1] = b;
                }
            });
        }
        if (range[0] < 0) {
            f.begun.pollFirstEntry();
            long next = f.begun.isEmpty() ? f.end : f.begun.firstKey();
            f.goOn(next, next);
            takeOut(c);
            store.delete(Keys.of(Keys.SETTLED, f.queue, c.firstSeq()));
            return null;
        }
        SeqRuns left = marks.get(f.queue);
        int mark = left.at(range[0]);
        long last = Math.min(Math.min(range[1], left.endOfSame(range[0])), range[0] + most - 1);
        f.goOn(last + 1, c.firstSeq());
        if (level.getAsInt() >= FORGETS) { // else it is all left to the last one's entry
            left.forget(range[0], last);
        }
        Parting how = mark == SeqRuns.NONE ? f.how : Parting.of(mark);
        int from = (int) (range[0] - c.firstSeq());
        return new Due(f.vhost, f.name, f.audited, look.of(c), from, from + (int) (last + 1 - range[0]), how);
    }

    private void takeOut(Chunk c) {
        store.deleteChunk(c);
        if (c.shared() != 0) {
            sharedBodies.release(c.shared());
        }
    }

    /** The store is about to commit: it knows all chunks then. */
    void write() {
        for (Place p : dirty) {
            Farewell f = all.get(p);
            byte[] key = Keys.of(Keys.FAREWELL, p.queue, p.first);
            if (f == null) {
                store.delete(key);
            } else {
                store.put(key, f.encode());
                f.known.clear();
            }
            SeqRuns left = marks.get(p.queue);
            if (left != null) {
                left.writeDirty(store, p.queue);
            }
        }
        dirty.clear();
    }

    /** Before the queues. */
    void restore() {
        store.scan(Keys.of(Keys.FAREWELL), (k, v) -> {
            Farewell f = Farewell.decode(ByteReader.int64(k, 1), ByteReader.int64(k, 9), v);
            put(new Place(f.queue, f.first), f);
        });
        QueueRecords records = new QueueRecords(store);
        for (Farewell f : all.values()) {
            if (f.isBegun) {
                marks.computeIfAbsent(f.queue, q -> {
                    SeqRuns left = new SeqRuns(Keys.UNTOLD);
                    left.restore(records, q);
                    return left;
                });
                without(f.queue, owed.without(f.queue, store.chunks(f.queue, f.chunkOfNext, f.end)))
                        .forEach(c -> f.begun.put(c.firstSeq(), new LiveChunk(c)));
                records.scan(Keys.SETTLED, f.queue, (k, v) -> {
                    LiveChunk live = f.begun.get(ByteReader.int64(k, 9));
                    if (live != null) {
                        f.begun.put(live.chunk.firstSeq(), new LiveChunk(live.chunk, v));
                    }
                });
            }
        }
    }

    /** Of a queue's chunks as the store has them, those that are none of these though they stand among them: they were purged. For the start. */
    public List<Chunk> without(long queue, List<Chunk> stored) {
        TreeMap<Long, Long> pieces = new TreeMap<>();
        of(queue).values().forEach(f -> {
            if (!f.isBegun) {
                pieces.put(f.first, f.end);
            }
        });
        return pieces.isEmpty()
                ? stored
                : stored.stream()
                        .filter(c -> {
                            Map.Entry<Long, Long> piece = pieces.floorEntry(c.firstSeq());
                            return piece == null || c.firstSeq() >= piece.getValue();
                        })
                        .toList();
    }

    void digest(StateDigest d) {
        all.forEach((place, f) -> d.add(place.queue).add(place.first).add(f.at).add(f.end));
        marks.values().forEach(m -> m.digest(d));
    }
}
