package io.tallymq.broker.browse;

import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.Standing;
import io.tallymq.broker.view.Standing.Part;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Looks at the messages of a queue one after the other: bounded work, then it says how far it came. How they stand the state knows, which is
 * asked for one chunk at a time; messages come from memory or the store. For one look; any thread; may block on the disk.
 */
public final class Browse {
    /** In place of a number: there is nothing further. */
    public static final long END = -1;
    /** Messages of one look. */
    public static final int MOST_LOOKED = 5_000;
    /** Bytes of their records, beside the last one. */
    public static final int MOST_BYTES = 8 << 20;

    private static final int MOST_CHUNKS = 64;

    /**
     * Where it looks.
     *
     * @param queue its number
     * @param from the message with which it begins, or the next one
     * @param back towards the queue's head
     * @param most messages; {@link #MOST_LOOKED} at most
     */
    public record Where(long queue, long from, boolean back, int most) {}

    /** What becomes of the look. */
    public enum Next {
        ON,
        /** It ends behind this message. */
        LAST,
        /** It ends before this message: the next look begins with it. */
        NOT_THIS
    }

    /** Who looks. */
    @FunctionalInterface
    public interface Visitor {
        Next look(Seen message);
    }

    /**
     * How far it came.
     *
     * @param next where the next look begins; {@link #END}: everything was looked at
     * @param index of the last entry that was applied when it began
     * @param looked at how many messages
     */
    public record Done(long next, long index, int looked) {}

    /** Has a look at the state, which nobody changes meanwhile. */
    @FunctionalInterface
    public interface Access {
        <T> T read(Function<BrokerView, T> look);
    }

    private final Where where;
    private final Access state;
    private final MessageStore store;
    private final Visitor visitor;
    private int looked;
    private int chunks;
    private long bytes;
    private boolean over;
    /** Where the look went on when it ended. */
    private long at;
    /** What was not there the last time that something was not. */
    private long missing = END;

    public Browse(Where where, Access state, MessageStore store, Visitor visitor) {
        this.where = where;
        this.state = state;
        this.store = store;
        this.visitor = visitor;
        this.at = where.from;
    }

    public Done look() {
        long index = state.read(BrokerView::appliedIndex);
        while (!over && at >= 0) {
            if (chunks++ == MOST_CHUNKS) {
                return new Done(at, index, looked);
            }
            Standing s = state.read(view -> view.standing(where.queue, at, where.back));
            if (s == null) {
                return new Done(END, index, looked);
            }
            look(s);
        }
        return new Done(at, index, looked);
    }

    private long after(long seq) {
        return where.back ? seq - 1 : seq + 1;
    }

    private void look(Standing s) {
        at = where.back ? s.last() : s.first();
        Chunk chunk = s.chunk();
        if (chunk == null || chunk.firstSeq() > at || chunk.endSeq() <= at) {
            chunk = store.chunkNear(where.queue, at);
        }
        if (chunk == null || chunk.firstSeq() > at) {
            miss(at, at);
            return;
        }
        long first = Math.max(s.first(), chunk.firstSeq());
        long last = Math.min(s.last(), chunk.endSeq() - 1);
        if (!s.parts().isEmpty()) {
            ChunkBody body = store.load(chunk);
            if (body == null) {
                miss(first, last);
                return;
            }
            look(s, chunk, body, first, last);
        }
        if (!over) {
            at = where.back ? first - 1 : last + 1;
        }
    }

    /** They are gone meanwhile, or on their way to the store: the state knows by now. If it has them still, they are passed over. */
    private void miss(long first, long last) {
        if (missing == at) {
            at = where.back ? first - 1 : last + 1;
        } else {
            missing = at;
        }
    }

    private void look(Standing s, Chunk chunk, ChunkBody body, long first, long last) {
        SortedMap<Long, Optional<HeaderOverlay>> overlays =
                s.overlaid() ? state.read(view -> view.overlays(where.queue, first, last)) : new TreeMap<>();
        int n = s.parts().size();
        for (int i = 0; i < n && !over; i++) {
            Part p = s.parts().get(where.back ? n - 1 - i : i);
            long from = Math.max(p.first(), first);
            long to = Math.min(p.last(), last);
            for (long seq = where.back ? to : from; seq >= from && seq <= to && !over; seq = after(seq)) {
                Optional<HeaderOverlay> fresh = overlays.get(seq);
                HeaderOverlay overlay = fresh == null ? null : fresh.orElseGet(() -> null);
                if (fresh != null && overlay == null) {
                    overlay = stored(seq); // null if it went with its message meanwhile
                }
                look(new Seen(seq, p, body, (int) (seq - chunk.firstSeq()), overlay, store));
            }
        }
    }

    private HeaderOverlay stored(long seq) {
        byte[] value = store.get(Keys.of(Keys.OVERLAY, where.queue, seq));
        return value == null ? null : HeaderOverlay.decode(value);
    }

    private void look(Seen m) {
        bytes += MessageRecord.length(m.bytes(), m.at());
        at = m.seq();
        Next next = visitor.look(m);
        if (next == Next.NOT_THIS) {
            over = true;
            return;
        }
        looked++;
        at = after(m.seq());
        over = next == Next.LAST || looked >= where.most || looked >= MOST_LOOKED || bytes >= MOST_BYTES;
    }
}
