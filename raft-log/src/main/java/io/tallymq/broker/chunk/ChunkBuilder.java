package io.tallymq.broker.chunk;

import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Records;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.ChunkCodec;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Gathers the messages of the run in hand that go to one lane of a queue, as pieces: neighbours in the run that are stored in the same
 * way, in the chunk itself or in the run's {@link SharedBlock}. In memory a message stays where it is in the entry.
 */
public final class ChunkBuilder {
    private static final int INLINE = -1;
    /** Places of {@link #pieces} at first. */
    private static final int FEW = 6;
    /** More of them are given back with the chunk: the queue may have no use for them any more. */
    private static final int MOST_KEPT = 96;

    private final MachineLimits limits;
    private final long queue;
    private final LongSupplier tail;
    private final MessageTimes times;
    private final BooleanSupplier audited;
    private final Lifetimes lifetimes = new Lifetimes();
    /** Per piece: its first message in the run, the one after its last, its first place in the block or {@link #INLINE}. */
    private int[] pieces = new int[FEW];

    private int used;
    private int count;
    private long bodyBytes;
    /** The bodies differ in length. */
    private boolean mixed;
    /** Length of the first body. */
    private long each;
    /** As {@link Chunk#hasReports}. */
    private boolean reports;

    private int inlineMessages;
    private int inlineBytes;

    /**
     * @param tail the number that the lane's next message gets
     * @param audited whether it is told of all messages of the queue when they leave
     */
    public ChunkBuilder(
            MachineLimits limits, long queue, LongSupplier tail, MessageTimes times, BooleanSupplier audited) {
        this.audited = audited;
        this.limits = limits;
        this.queue = queue;
        this.tail = tail;
        this.times = times;
    }

    public boolean isEmpty() {
        return count == 0;
    }

    /** The number of its first message. */
    public long firstSeq() {
        return tail.getAsLong();
    }

    public int count() {
        return count;
    }

    public long bodyBytes() {
        return bodyBytes;
    }

    /** Places of {@link #pieces}: for tests. */
    int room() {
        return pieces.length;
    }

    /** How many more messages stored in the chunk it takes by number, 0 when it has enough bytes. */
    public int roomInline() {
        return inlineBytes >= limits.chunkBytes() ? 0 : Math.max(0, limits.chunkMessages() - count);
    }

    /** How many more bytes of records make it full. */
    public int roomBytes() {
        return limits.chunkBytes() - inlineBytes;
    }

    /** How many more messages of the block it takes. */
    public int roomShared() {
        boolean allShared = inlineMessages == 0;
        return allShared ? limits.sharedMessages() - count : roomInline();
    }

    /** Adds messages [from, to) of the run, to be stored in the chunk: {@code recordBytes} of records. */
    public void addInline(PublishRun run, int from, int to, int recordBytes) {
        long bodies = run.bodies(from, to);
        inlineMessages += to - from;
        inlineBytes += recordBytes;
        note(run, from, to);
        add(from, to, INLINE, bodies);
    }

    /** Adds messages [from, to) of the run, which stand in the block from {@code place} on. */
    public void addShared(PublishRun run, int from, int to, int place) {
        long bodies = run.bodies(from, to);
        note(run, from, to);
        add(from, to, place, bodies);
    }

    private void note(PublishRun run, int from, int to) {
        if (count == 0) {
            each = run.bodies(from, from + 1);
            mixed = false;
            reports = audited.getAsBoolean();
        }
        reports |= run.tellsOfLeaving(from, to);
        mixed |= run.bodies(from, from + 1) != each || run.differ(from, to);
        run.times(from, to, times.timeToLive(), times.areOwn(), lifetimes);
    }

    private void add(int from, int to, int place, long bodies) {
        count += to - from;
        bodyBytes += bodies;
        if (used > 0 && pieces[used - 2] == from && follows(place)) {
            pieces[used - 2] = to;
            return;
        }
        if (used == pieces.length) {
            pieces = Arrays.copyOf(pieces, used * 2);
        }
        pieces[used] = from;
        pieces[used + 1] = to;
        pieces[used + 2] = place;
        used += 3;
    }

    private boolean follows(int place) {
        int last = pieces[used - 1];
        return place == INLINE ? last == INLINE : last != INLINE && last + pieces[used - 2] - pieces[used - 3] == place;
    }

    /** Makes the chunk, puts it into the store and starts over. */
    public Chunk seal(Stamp entry, PublishRun run, long block, MessageStore store) {
        boolean refers = inlineMessages < count;
        Chunk chunk = new Chunk(
                queue,
                tail.getAsLong(),
                count,
                bodyBytes,
                refers ? block : 0,
                mixed,
                lifetimes.earliest(),
                lifetimes.latest(),
                entry.time(),
                reports);
        boolean keepsTimes = times.areKept() && lifetimes.earliest() != lifetimes.latest();
        ChunkBody body = body(run.records());
        chunk.body(keepsTimes ? body.withTimeToLive(times.timeToLive()) : body);
        ByteWriter header = new ByteWriter(128);
        ChunkCodec.writeHeader(header, chunk, entry, inlineRoutes(run));
        header.varint(used / 3);
        List<MessageStore.Slice> parts = new ArrayList<>(1 + used / 3);
        parts.add(null); // the header, once it is written
        for (int i = 0; i < used; i += 3) {
            int messages = pieces[i + 1] - pieces[i];
            if (pieces[i + 2] == INLINE) {
                ChunkCodec.writeInline(header, messages);
                parts.add(run.slice(pieces[i], pieces[i + 1]));
            } else {
                ChunkCodec.writeReference(header, messages, pieces[i + 2]);
            }
        }
        parts.set(0, new MessageStore.Slice(header.array(), 0, header.size()));
        if (keepsTimes) {
            ByteWriter behind = new ByteWriter(12);
            ChunkCodec.writeTimeToLive(behind, times.timeToLive());
            parts.add(new MessageStore.Slice(behind.array(), 0, behind.size()));
        }
        store.putChunk(chunk, parts);
        pieces = pieces.length > MOST_KEPT ? new int[FEW] : pieces;
        used = 0;
        count = 0;
        bodyBytes = 0;
        inlineMessages = 0;
        inlineBytes = 0;
        lifetimes.clear();
        return chunk;
    }

    private List<ChunkCodec.NumberedRoute> inlineRoutes(PublishRun run) {
        if (inlineMessages == 0) {
            return List.of();
        }
        PublishRun.RoutesUsed routes = run.routesUsed();
        for (int i = 0; i < used; i += 3) {
            if (pieces[i + 2] == INLINE) {
                routes.add(pieces[i], pieces[i + 1]);
            }
        }
        return routes.found();
    }

    private ChunkBody body(Records records) {
        int first = pieces[0];
        if (pieces[used - 2] - first == count) {
            return new ChunkBody(records, first, count, null);
        }
        int[] picks = new int[count];
        int n = 0;
        for (int i = 0; i < used; i += 3) {
            for (int message = pieces[i]; message < pieces[i + 1]; message++) {
                picks[n++] = message;
            }
        }
        return new ChunkBody(records, 0, count, picks);
    }
}
