package io.tallymq.broker.moving;

import io.tallymq.broker.chunk.ChunkBuilder;
import io.tallymq.broker.chunk.Lifetimes;
import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.chunk.SharedBlock;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Records;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queues.Handouts;
import io.tallymq.broker.receipts.Placed;
import io.tallymq.broker.receipts.PlacedRuns;
import io.tallymq.broker.spec.RoutingTarget;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.ChunkCodec;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.SharedBodies;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Puts the messages of a run into their queues. Neighbours that go to the same queues are placed together, and what several queues get
 * is stored once when that is worth it: so a fan-out costs its queues and its messages, not their product.
 */
public final class Placement {
    /** Units of work that a chunk is, beside its pieces and bytes. */
    public static final int CHUNK_WORK = 8;

    public static final RoutingTarget[] NOWHERE = {};

    /** The level of the state from which on it counts what a queue looks at in each message. */
    private static final int LOOKS_LEVEL = 5;
    /** Units of a message in a queue that keeps the last values: two records, and two places in memory. */
    private static final int LAST_VALUE_WORK = 8;

    private static final int BYTES_PER_WORK = 512;

    private final MessageStore store;
    private final SharedBodies sharedBodies;
    private final LongSupplier newShared;
    private final Dirty dirty;
    private final Handouts handouts;
    private final MachineLimits limits;
    private final IntSupplier level;
    private final List<Queue> touched = new ArrayList<>();
    /** What came to queues of which that is told. */
    private final List<Arrived> arrived = new ArrayList<>();

    private PublishRun run;
    private Stamp entry;
    private Effects effects;
    private boolean tells;
    /** Hears where the messages stand, null if nobody wants to know. */
    private PlacedRuns where;

    private SharedBlock block;
    private long work;

    /** Neighbours with the same targets that are not placed yet: the first one, and where they go. */
    private int from;

    private RoutingTarget[] together = NOWHERE;
    /** Units of what is told of each of them. */
    private int telling;
    /** How many of their queues keep the last values. */
    private int keeping;
    /** The lane of each of their queues, if one of these has several; else null. */
    private int[] lanes;

    /**
     * @param newShared numbers for bodies that several queues have in common
     * @param level of the state
     */
    public Placement(
            MessageStore store,
            SharedBodies sharedBodies,
            LongSupplier newShared,
            Dirty dirty,
            Handouts handouts,
            MachineLimits limits,
            IntSupplier level) {
        this.level = level;
        this.store = store;
        this.sharedBodies = sharedBodies;
        this.newShared = newShared;
        this.dirty = dirty;
        this.handouts = handouts;
        this.limits = limits;
    }

    /**
     * Begins with message {@code first} of a run.
     *
     * @param published whether clients have just published it: then it is told where their messages go
     */
    public void begin(PublishRun r, int first, Stamp e, Effects told, boolean published) {
        tells = published;
        where = null;
        run = r;
        entry = e;
        effects = told;
        block = null;
        work = 0;
        from = first;
        together = NOWHERE;
        telling = 0;
        keeping = 0;
    }

    /** From now on until the next {@link #begin} it is told where messages come to stand, in their order. */
    public void tellsWhere(PlacedRuns told) {
        where = told;
    }

    /** Units of work since {@link #begin}. */
    public long work() {
        return work;
    }

    /** What came to queues of which that is told, since it was asked last. */
    List<Arrived> takeArrived() {
        if (arrived.isEmpty()) {
            return List.of();
        }
        List<Arrived> all = List.copyOf(arrived);
        arrived.clear();
        return all;
    }

    /** Messages that came to a queue. */
    record Arrived(Queue queue, ChunkBody messages) {}

    /** More work than the messages themselves make. */
    public void worked(long units) {
        work += units;
    }

    /** Message {@code i}, which follows the one before, goes to these queues. What is told of that counts now, so that neighbours do not pile up. */
    public void add(int i, RoutingTarget[] targets) {
        boolean same = targets == together || Arrays.equals(targets, together);
        if (same && lanes == null && i - from < limits.sharedMessages()) {
            work += telling + keeping(i);
            return; // mostly
        }
        int[] its = sorts(targets) ? lanes(targets, i) : null;
        if (!same || i - from >= limits.sharedMessages() || !Arrays.equals(its, lanes)) {
            place(i);
            together = targets;
            lanes = its;
            telling = telling(targets);
            keeping = keeping(targets);
        }
        work += telling + keeping(i);
    }

    private boolean countsLooks() {
        return level.getAsInt() >= LOOKS_LEVEL;
    }

    /** How many of these queues keep the last values, if that counts. */
    private int keeping(RoutingTarget[] targets) {
        int some = 0;
        for (RoutingTarget t : targets) {
            some += ((Queue) t).settings().lastValue() != null ? 1 : 0;
        }
        return countsLooks() ? some : 0;
    }

    /** Units of what those of its queues that keep the last values do with message {@code i}. */
    private long keeping(int i) {
        return keeping == 0
                ? 0
                : keeping * (LAST_VALUE_WORK + run.propertiesLength(i) / (long) PublishRun.READ_PER_LOOK);
    }

    /** Units of what is told of a message that comes to these queues. */
    private static int telling(RoutingTarget[] targets) {
        int units = 0;
        for (RoutingTarget t : targets) {
            units += ((Queue) t).isAudited() ? Reporting.COST : 0;
        }
        return units;
    }

    private static boolean sorts(RoutingTarget[] targets) {
        for (RoutingTarget t : targets) {
            if (((Queue) t).lanes().sorts()) {
                return true;
            }
        }
        return false;
    }

    private int[] lanes(RoutingTarget[] targets, int i) {
        int[] its = new int[targets.length];
        for (int t = 0; t < targets.length; t++) {
            its[t] = ((Queue) targets[t]).lanes().laneOf(run, i);
        }
        looked(targets.length);
        return its;
    }

    /** So many queues looked at a message of the run. */
    private void looked(int queues) {
        long units = queues + run.takeLooks();
        work += countsLooks() ? units : 0;
    }

    /** Message {@code i} is not placed, or not by {@link #add}. */
    public void skip(int i) {
        place(i);
        from = i + 1;
    }

    /** The messages up to {@code end}, exclusive, go to their queues. */
    public void place(int end) {
        if (end > from && together.length > 0) {
            long length = run.at(end) - run.at(from);
            tell(end);
            boolean share = length * (together.length - 1) >= limits.sharedFrom() && together.length > 1;
            int at = share ? block().add(from, end) : 0;
            List<Placed> places =
                    where == null ? null : new ArrayList<>(Math.min(together.length, PlacedRuns.MOST_PLACES));
            for (int t = 0; t < together.length; t++) {
                Queue q = (Queue) together[t];
                ChunkBuilder b = building(q, lanes == null ? q.lanes().lane() : lanes[t]);
                if (places != null && t < PlacedRuns.MOST_PLACES) {
                    places.add(new Placed(q.number(), q.name(), b.firstSeq() + b.count()));
                }
                if (share) {
                    addShared(q, b, end, at);
                } else {
                    addInline(q, b, end);
                }
            }
            work += together.length;
            if (places != null) {
                where.add(from, end, places, together.length);
            }
        }
        from = end;
        together = NOWHERE;
        telling = 0;
        keeping = 0;
        lanes = null;
    }

    private void tell(int end) {
        tell(from, end, together);
    }

    private void tell(int first, int end, RoutingTarget[] targets) {
        if (!tells) {
            return; // the ordinals are not those of the batch in hand
        }
        for (RoutingTarget t : targets) {
            effects.publishing(run.ordinal(first), run.ordinal(end), (Queue) t);
        }
    }

    private SharedBlock block() {
        if (block == null) {
            block = new SharedBlock(newShared.getAsLong(), run);
            sharedBodies.add(block.id(), 1);
            sharedBodies.refer(block.id()); // a chunk may go before the block is written: when all of it was replaced
        }
        return block;
    }

    private void addShared(Queue q, ChunkBuilder b, int end, int place) {
        for (int at = from; at < end; ) {
            if (b.roomShared() <= 0) {
                seal(q, b);
            }
            int to = Math.min(end, at + b.roomShared());
            b.addShared(run, at, to, place + at - from);
            at = to;
        }
    }

    private void addInline(Queue q, ChunkBuilder b, int end) {
        for (int at = from; at < end; ) {
            if (b.roomInline() <= 0) {
                seal(q, b);
            }
            int to = lastWithin(at, Math.min(end, at + b.roomInline()), b.roomBytes());
            int bytes = run.at(to) - run.at(at);
            b.addInline(run, at, to, bytes);
            work += bytes / BYTES_PER_WORK;
            at = to;
        }
    }

    /** The fewest messages from {@code at} on that have so many bytes, or all up to {@code end}. Returns the one after them. */
    private int lastWithin(int at, int end, int bytes) {
        int enough = run.at(at) + bytes;
        int low = at + 1;
        int high = end;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (run.at(middle) >= enough) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private ChunkBuilder building(Queue q, int lane) {
        if (q.lanes().nextBuilding() == null) {
            touched.add(q);
            work += countsLooks() ? q.lanes().chain().more() / Dirty.LANES_PER_UNIT : 0;
        }
        return q.lanes().building(lane);
    }

    /**
     * Message {@code i}, whose body is stored already, goes to these queues: as a chunk of its own in each.
     *
     * @param shared the body's number
     * @param length of the body, in bytes
     */
    public void addStored(int i, RoutingTarget[] targets, long shared, long length) {
        byte[] record = external(run.bytes(), run.at(i), shared, length);
        Records alone = new Records(record, new int[1], run.table(), entry.time());
        List<Placed> places = where == null ? null : new ArrayList<>();
        tell(i, i + 1, targets);
        work += telling(targets);
        keeping = keeping(targets);
        work += keeping(i);
        keeping = 0;
        for (RoutingTarget t : targets) {
            Queue q = (Queue) t;
            ChunkBuilder b = building(q, q.lanes().laneOf(run, i));
            if (!b.isEmpty()) {
                seal(q, b);
            }
            if (places != null && places.size() < PlacedRuns.MOST_PLACES) {
                places.add(new Placed(q.number(), q.name(), b.firstSeq()));
            }
            append(q, stored(q, b.firstSeq(), i, shared, length, alone));
        }
        looked(targets.length);
        if (places != null) {
            where.add(i, i + 1, places, targets.length);
        }
    }

    /** The record of a message whose body stands elsewhere, with its extension and properties. */
    private static byte[] external(byte[] bytes, int at, long id, long length) {
        int extension = MessageRecord.extensionLength(bytes, at);
        int properties = MessageRecord.propertiesLength(bytes, at);
        ByteWriter w = new ByteWriter(MessageRecord.HEADER + extension + properties + MessageRecord.EXTERNAL_LENGTH);
        int flags = MessageRecord.flags(bytes, at) | MessageRecord.EXTERNAL_BODY;
        int route = MessageRecord.route(bytes, at);
        MessageRecord.writeHeader(w, flags, route, extension, properties, MessageRecord.EXTERNAL_LENGTH);
        w.raw(bytes, at + MessageRecord.HEADER, extension + properties);
        return w.int64(id).int64(0).int64(length).toBytes();
    }

    private Chunk stored(Queue q, long seq, int i, long shared, long length, Records record) {
        Lifetimes times = new Lifetimes();
        run.times(i, i + 1, q.settings().messageTtl(), !q.isStream(), times);
        Chunk chunk = new Chunk(
                q.number(),
                seq,
                1,
                length,
                shared,
                false,
                times.earliest(),
                times.latest(),
                entry.time(),
                q.isAudited() || run.tellsOfLeaving(i, i + 1));
        chunk.body(ChunkBody.of(record));
        ByteWriter header = new ByteWriter(128);
        int route = run.route(i);
        ChunkCodec.writeHeader(header, chunk, entry, List.of(new ChunkCodec.NumberedRoute(route, run.table()[route])));
        ChunkCodec.writeInline(header.varint(1), 1);
        store.putChunk(
                chunk,
                List.of(
                        new MessageStore.Slice(header.array(), 0, header.size()),
                        new MessageStore.Slice(record.bytes(), 0, record.bytes().length)));
        return chunk;
    }

    /** All up to {@code end} are placed, and handed out. */
    public void finish(int end) {
        place(end);
        for (int i = 0; i < touched.size(); i++) {
            Queue q = touched.get(i);
            for (ChunkBuilder b = q.lanes().nextBuilding();
                    b != null;
                    b = q.lanes().nextBuilding()) {
                seal(q, b);
            }
        }
        if (block != null) {
            block.put(entry, store);
            sharedBodies.release(block.id());
        }
        for (int i = 0; i < touched.size(); i++) {
            handouts.dispatch(touched.get(i), effects);
        }
        touched.clear();
    }

    /** Its consumers may be given more than before. */
    void handOut(Queue q, Effects told) {
        handouts.dispatch(q, told);
    }

    private void seal(Queue q, ChunkBuilder b) {
        append(q, b.seal(entry, run, block == null ? 0 : block.id(), store));
    }

    private void append(Queue q, Chunk c) {
        work += CHUNK_WORK;
        if (q.isAudited()) {
            arrived.add(new Arrived(q, c.body()));
        }
        if (q.append(c)) {
            q.assignment().askBack(effects);
        }
        if (q.isStream()) {
            q.tell(c, effects);
        }
        dirty.touched(q);
    }
}
