package io.tallymq.broker.filter;

import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.BrokerView;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Looks for what a filter wants among what a queue has ready: bounded work, then it says how far it came. What is ready the state knows, the
 * messages the store has. Any thread; may block on the disk.
 */
public final class FilterScan {
    /** Ranges that the state is asked for at a time. */
    public static final int RANGES = 64;
    /** Messages of one look; a chunk that was begun is looked through. */
    private static final int MOST_LOOKED = 2_000;
    /** Messages that were found, of one look. */
    private static final int MOST_FOUND = 512;

    private static final int MOST_CHUNKS = 16;

    private static final SortedMap<Long, Optional<HeaderOverlay>> NO_OVERLAYS = Collections.emptySortedMap();

    /** What the state knows. */
    public interface State {
        /** Some of what is ready in [from, to]. */
        Ready ready(long from, long to);

        /** As {@link BrokerView#overlays}. */
        SortedMap<Long, Optional<HeaderOverlay>> overlays(long from, long to);
    }

    /**
     * What is ready.
     *
     * @param ranges pairs of first and last number, ascending, at most {@link #RANGES}; fewer mean that these are all
     * @param chunk the one that has the first of these, if it is in memory; else null
     * @param overlaid whether settles added headers to messages of the queue
     */
    public record Ready(long[] ranges, Chunk chunk, boolean overlaid) {}

    /**
     * What was found.
     *
     * @param matches pairs of first and last number, ascending
     * @param next all before this was looked at; {@link Long#MAX_VALUE} for all
     * @param looked at how many messages
     */
    public record Found(long[] matches, long next, int looked) {}

    private final long queue;
    private final MessageFilter filter;
    private final State state;
    private final MessageStore store;
    private final SeqRanges found = new SeqRanges();
    private int looked;
    private int chunks;

    // What is looked through.
    private Chunk chunk;
    private ChunkBody body;
    private SortedMap<Long, Optional<HeaderOverlay>> overlays = NO_OVERLAYS;

    /** @param queue its number */
    public FilterScan(long queue, MessageFilter filter, State state, MessageStore store) {
        this.queue = queue;
        this.filter = filter;
        this.state = state;
        this.store = store;
    }

    /** Has a look at the state, which nobody changes meanwhile. */
    @FunctionalInterface
    public interface Access {
        <T> T read(Function<BrokerView, T> look);
    }

    /** What the state knows of a queue. */
    public static State state(long queue, Access access) {
        return new State() {
            @Override
            public Ready ready(long from, long to) {
                return access.read(view -> FilterScan.ready(view, queue, from, to));
            }

            @Override
            public SortedMap<Long, Optional<HeaderOverlay>> overlays(long from, long to) {
                return access.read(view -> view.overlays(queue, from, to));
            }
        };
    }

    private static Ready ready(BrokerView view, long queue, long from, long to) {
        long[] ranges = view.ready(queue, from, to, RANGES);
        Chunk near = ranges.length == 0 ? null : view.chunkNear(queue, ranges[0]);
        boolean overlaid = ranges.length > 0 && view.hasOverlays(queue);
        return new Ready(ranges, near == null || near.firstSeq() > ranges[0] ? null : near, overlaid);
    }

    /** @param where pairs of first and last number, ascending: what is looked at */
    public Found look(long[] where) {
        for (int i = 0; i < where.length; i += 2) {
            long at = where[i];
            while (at >= 0 && at <= where[i + 1]) {
                if (isEnough()) {
                    return new Found(found.toArray(), at, looked);
                }
                Ready ready = state.ready(at, where[i + 1]);
                at = ready.ranges().length == 0 ? -1 : look(ready);
            }
        }
        return new Found(found.toArray(), Long.MAX_VALUE, looked);
    }

    private boolean isEnough() {
        return looked >= MOST_LOOKED || chunks >= MOST_CHUNKS || found.count() >= MOST_FOUND;
    }

    /**
     * Looks at what is ready, chunk by chunk: who asks the state waits for an entry, so what stands in the store already is found there.
     *
     * @return where to go on; -1 when that was all
     */
    private long look(Ready ready) {
        long[] ranges = ready.ranges();
        begin(ready.chunk() != null ? ready.chunk() : store.chunkNear(queue, ranges[0]), ready.overlaid());
        for (int i = 0; i < ranges.length; i += 2) {
            for (long at = ranges[i]; at <= ranges[i + 1]; ) {
                if (chunk != null && at >= chunk.endSeq()) {
                    if (isEnough()) {
                        return at;
                    }
                    Chunk next = store.chunkNear(queue, at);
                    if (next == null || next.firstSeq() > at) {
                        return at; // not written yet: the state has it
                    }
                    begin(next, ready.overlaid());
                }
                if (body == null || chunk.firstSeq() > at) {
                    return at; // gone meanwhile: the state knows by now
                }
                long end = Math.min(ranges[i + 1] + 1, chunk.endSeq());
                at = look(at, end);
                if (at < end) {
                    return at;
                }
            }
        }
        return ranges.length < 2 * RANGES ? -1 : ranges[ranges.length - 1] + 1;
    }

    /** The chunk that is looked through next, or null. */
    private void begin(Chunk next, boolean overlaid) {
        chunks++;
        chunk = next;
        body = next == null ? null : store.load(next);
        overlays = next != null && overlaid ? state.overlays(next.firstSeq(), next.endSeq() - 1) : NO_OVERLAYS;
    }

    /** Returns where to go on. */
    private long look(long from, long end) {
        for (long seq = from; seq < end; seq++) {
            Optional<HeaderOverlay> fresh = overlays.get(seq);
            HeaderOverlay overlay = fresh == null ? null : fresh.orElseGet(stored(seq));
            if (fresh != null && overlay == null) {
                return seq; // on its way there, or gone with its message: the state knows by then
            }
            looked++;
            if (filter.matches(body.bytes(), body.at((int) (seq - chunk.firstSeq())), overlay)) {
                found.add(seq, seq);
            }
        }
        return end;
    }

    private Supplier<HeaderOverlay> stored(long seq) {
        return () -> {
            byte[] value = store.get(Keys.of(Keys.OVERLAY, queue, seq));
            return value == null ? null : HeaderOverlay.decode(value);
        };
    }
}
