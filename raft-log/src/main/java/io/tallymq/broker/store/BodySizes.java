package io.tallymq.broker.store;

import io.tallymq.broker.message.MessageRecord;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Body bytes of some messages of a chunk. Of whole chunks, and of chunks whose bodies have one length, the descriptor tells it;
 * else the messages are asked, in memory or in the store. What was read from the store for it is kept for a while, because who
 * settles a part of a chunk settles the next part soon.
 */
public final class BodySizes {
    /** Messages whose sizes are kept, 4 bytes each. */
    public static final int MOST = 1 << 20;

    private final MessageStore store;
    private final Map<Chunk, int[]> tables = new LinkedHashMap<>(16, 0.75f, true);
    private int kept;

    public BodySizes(MessageStore store) {
        this.store = store;
    }

    /** Body bytes of the messages at places [from, to) of a chunk that is not removed. */
    public long of(Chunk c, int from, int to) {
        if (to - from == c.count()) {
            return c.bytes();
        }
        if (!c.isMixed()) {
            return c.bytes() / c.count() * (to - from);
        }
        ChunkBody body = c.body();
        if (body != null) {
            return sum(body, from, to);
        }
        int[] before = table(c);
        return before[to] - before[from];
    }

    /** How many messages of a chunk that is not removed it takes, from a place on, until they have so many body bytes together; at most the rest. */
    public int covering(Chunk c, int from, long bytes) {
        if (!c.isMixed()) {
            long each = c.bytes() / c.count();
            return each == 0 ? c.count() - from : (int) Math.min(c.count() - from, (bytes + each - 1) / each);
        }
        ChunkBody body = c.body();
        int[] before = body != null ? null : table(c);
        int n = 0;
        for (long sum = 0; sum < bytes && from + n < c.count(); n++) {
            int at = from + n;
            sum += body != null ? sum(body, at, at + 1) : before[at + 1] - before[at];
        }
        return n;
    }

    private int[] table(Chunk c) {
        int[] before = tables.computeIfAbsent(c, this::read);
        makeRoom(c);
        return before;
    }

    private static long sum(ChunkBody body, int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            sum += MessageRecord.bodyLength(body.bytes(), body.at(i));
        }
        return sum;
    }

    /** Bytes of all messages before each one; one more than there are messages. */
    private int[] read(Chunk c) {
        ChunkBody body = store.load(c);
        int[] before = new int[c.count() + 1];
        for (int i = 0; i < c.count(); i++) {
            before[i + 1] = before[i] + (int) sum(body, i, i + 1);
        }
        kept += before.length;
        return before;
    }

    private void makeRoom(Chunk inUse) {
        Iterator<Map.Entry<Chunk, int[]>> oldest = tables.entrySet().iterator();
        while (kept > MOST) {
            Map.Entry<Chunk, int[]> e = oldest.next();
            if (e.getKey() != inUse) {
                kept -= e.getValue().length;
                oldest.remove();
            }
        }
    }

    /** The chunk is about to be removed. */
    public void forget(Chunk c) {
        int[] table = tables.isEmpty() ? null : tables.remove(c);
        kept -= table == null ? 0 : table.length;
    }

    /** Messages whose sizes are kept, roughly. */
    public int kept() {
        return kept;
    }
}
