package io.tallymq.broker.chunk;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.SharedBodies;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Chunks that are gone for everybody, and that later entries take out of the store, some each: purges and deleted queues of many
 * chunks. What is left is in the store too, so that a restart goes on. How far this is plays no role for what clients see and is not
 * part of the state's digest.
 */
public final class Owed {
    private static final int CONTIGUOUS = 0;
    private static final int WITH_GAPS = 1;
    /** In several pieces of which each is contiguous. */
    private static final int PIECES = 2;
    /** Pieces of one range: it is written anew with every entry that takes out some of it. */
    private static final int MOST_PIECES = 32;

    /** Chunks that the commands of one entry take out themselves, some each. */
    private static final int AT_ONCE_IN_ALL = 2_000;
    /** To leave so few of them to a later entry would cost more. */
    private static final int FEW = 2;
    /** Octets of messages that stand in a chunk of which the store alone knows: they are read with its descriptor, and are one more that is taken out. */
    private static final int READ = 16 << 10;

    /** Chunks of one queue in [at, to), and in the pieces that follow. */
    private static final class Range {
        final long queue;
        /** Names the range. */
        final long first;

        long to;
        /** Those that are left, when they do not follow each other; else null. */
        final ArrayDeque<Chunk> chunks;
        /** Pairs of boundaries. */
        final ArrayDeque<Long> more = new ArrayDeque<>();

        long at;

        Range(long queue, long first, long to, ArrayDeque<Chunk> chunks) {
            this.queue = queue;
            this.first = first;
            this.to = to;
            this.chunks = chunks;
            this.at = first;
        }

        boolean isDone() {
            return chunks == null ? at == to : chunks.isEmpty();
        }

        /** Behind the chunk that ends here it goes on. */
        void goOn(long end) {
            at = end;
            if (chunks == null && at == to && !more.isEmpty()) {
                at = more.poll();
                to = more.poll();
            }
        }

        /** Adds its pieces: the end of each by its beginning. */
        void addTo(TreeMap<Long, Long> pieces) {
            pieces.put(at, to);
            for (Iterator<Long> i = more.iterator(); i.hasNext(); ) {
                pieces.put(i.next(), i.next());
            }
        }
    }

    private final MessageStore store;
    private final SharedBodies sharedBodies;
    private final ArrayDeque<Range> ranges = new ArrayDeque<>();
    /** Ranges whose chunks may not be committed, so that the store can't tell them yet. */
    private final ArrayDeque<Range> uncommitted = new ArrayDeque<>();
    /** Chunks that the entry in hand has taken out. */
    private int gone;

    public Owed(MessageStore store, SharedBodies sharedBodies) {
        this.store = store;
        this.sharedBodies = sharedBodies;
    }

    /**
     * All chunks of a queue in some pieces: in each they follow each other, and the first one begins where it does.
     *
     * @param pieces pairs of boundaries, ascending; not empty
     */
    public void all(long queue, long[] pieces) {
        for (int i = 0; i < pieces.length; i += 2 * MOST_PIECES) {
            Range r = new Range(queue, pieces[i], pieces[i + 1], null);
            for (int k = i + 2; k < Math.min(pieces.length, i + 2 * MOST_PIECES); k++) {
                r.more.add(pieces[k]);
            }
            add(r);
        }
    }

    /** Whether so many chunks of a queue go with the entry in hand, which counts them then; else they are to be left to later ones. */
    public boolean goNow(int chunks) {
        boolean now = chunks <= FEW || gone + chunks <= AT_ONCE_IN_ALL;
        gone += now ? chunks : 0;
        return now;
    }

    /** These chunks of a queue, ascending, and their settled bits. Not empty. */
    public void these(long queue, List<Chunk> chunks) {
        long to = chunks.get(chunks.size() - 1).endSeq();
        add(new Range(queue, chunks.get(0).firstSeq(), to, new ArrayDeque<>(chunks)));
    }

    private void add(Range r) {
        uncommitted.add(r);
        write(r);
    }

    private void write(Range r) {
        byte[] key = Keys.of(Keys.OWED, r.queue, r.first);
        if (r.isDone()) {
            store.delete(key);
        } else {
            ByteWriter w = new ByteWriter(17);
            w.uint8(r.chunks != null ? WITH_GAPS : r.more.isEmpty() ? CONTIGUOUS : PIECES);
            w.int64(r.at).int64(r.to);
            if (!r.more.isEmpty()) {
                w.varint(r.more.size());
                r.more.forEach(w::varint);
            }
            store.put(key, w.toBytes());
        }
    }

    public void restore() {
        List<Range> withGaps = new ArrayList<>();
        store.scan(Keys.of(Keys.OWED), (k, v) -> {
            ByteReader r = new ByteReader(v);
            int kind = r.uint8();
            boolean gaps = kind == WITH_GAPS;
            long at = r.int64();
            long to = r.int64();
            Range range =
                    new Range(ByteReader.int64(k, 1), ByteReader.int64(k, 9), to, gaps ? new ArrayDeque<>() : null);
            range.at = at;
            for (long n = kind == PIECES ? r.varint() : 0; n > 0; n--) {
                range.more.add(r.varint());
            }
            TaggedFields.endRecord(r);
            (gaps ? withGaps : ranges).add(range);
        });
        withGaps.forEach(r -> r.chunks.addAll(without(r.queue, store.chunks(r.queue, r.at, r.to))));
        ranges.addAll(withGaps);
    }

    /**
     * Of a queue's chunks as the store has them, those that no purge has dropped: what was purged while something before it was held
     * stands in the store among what is left. Used at the start only.
     */
    public List<Chunk> without(long queue, List<Chunk> stored) {
        TreeMap<Long, Long> pieces = new TreeMap<>();
        for (Range r : ranges) {
            if (r.queue == queue && r.chunks == null) {
                r.addTo(pieces);
            }
        }
        if (pieces.isEmpty()) {
            return stored;
        }
        return stored.stream()
                .filter(c -> {
                    Map.Entry<Long, Long> piece = pieces.floorEntry(c.firstSeq());
                    return piece == null || c.firstSeq() >= piece.getValue();
                })
                .toList();
    }

    public int ranges() {
        return ranges.size() + uncommitted.size();
    }

    public boolean isEmpty() {
        return ranges.isEmpty() && uncommitted.isEmpty();
    }

    /** Whether something was added that has to be committed before any of it is taken out. */
    public boolean waitsForCommit() {
        return !uncommitted.isEmpty();
    }

    /** What was added is about to be committed. */
    public void committing() {
        ranges.addAll(uncommitted);
        uncommitted.clear();
    }

    /** The entry's commands are done: takes out so many chunks, or fewer if they are large. How far each replica is plays no role. */
    public void step(int most) {
        gone = 0;
        int left = most;
        while (left > 0 && !ranges.isEmpty()) {
            Range r = ranges.peek();
            while (left > 0 && !r.isDone()) {
                left -= takeOut(r);
            }
            write(r);
            if (r.isDone()) {
                ranges.poll();
            }
        }
    }

    /** Returns as how many this one counts. */
    private int takeOut(Range r) {
        Chunk c = r.chunks == null ? store.chunkAt(r.queue, r.at) : r.chunks.poll();
        r.goOn(c.endSeq());
        store.deleteChunk(c);
        if (c.shared() != 0) {
            sharedBodies.release(c.shared());
        }
        if (r.chunks != null) {
            store.delete(Keys.of(Keys.SETTLED, r.queue, c.firstSeq()));
            return 1;
        }
        return c.shared() != 0 ? 1 : 1 + (int) (c.bytes() / READ);
    }
}
