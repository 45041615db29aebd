package io.tallymq.broker.queue;

import io.tallymq.broker.message.Extension;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.MessageStore;
import java.util.function.LongSupplier;

/**
 * Which messages of one queue have outlived their time: x-message-ttl and the property expiration. Looked at is the message that is
 * next, as RabbitMQ does: who is behind one that lives longer waits for it. A queue none of whose messages ever had a time costs one
 * look at a field.
 */
public final class Expiry {
    /** In place of a time: never. */
    static final long NEVER = Long.MAX_VALUE;
    /** While so many messages wait as dead letters, what has expired stays where it is, and is given to nobody. */
    static final long MOST_DEAD = 10_000;

    private final Queue queue;
    private final MessageStore store;
    private final LongSupplier clock;
    /** The message asked about last, and its time. */
    private Chunk known;

    private int knownAt;
    private long knownEnd;

    Expiry(Queue queue, Common common) {
        this.queue = queue;
        this.store = common.store();
        this.clock = common.clock();
    }

    /** What was known of a message's time may not hold any more. */
    void settingsChanged() {
        known = null;
    }

    /** When the message that is next expires, in milliseconds since the epoch; {@link #NEVER}. */
    long due() {
        if (!queue.log.mayExpire()) {
            return NEVER;
        }
        Chunk c = queue.log.headChunk();
        if (c == null || c.earliest() == 0) {
            return NEVER;
        }
        return c.earliest() == c.latest() ? c.earliest() : end(c, queue.log.headIn(c));
    }

    /** Within a chunk whose messages expire at different times the message itself tells. */
    private long end(Chunk c, int at) {
        if (c != known || at != knownAt) {
            ChunkBody there = c.body();
            ChunkBody body = there != null ? there : store.load(c);
            long ttl = Lifetimes.shorter(
                    Extension.of(body.bytes(), body.at(at)).expiration(),
                    queue.settings().messageTtl());
            known = c;
            knownAt = at;
            knownEnd = ttl == Lifetimes.NEVER ? NEVER : Math.max(c.earliest(), body.publishedAt() + ttl);
        }
        return knownEnd;
    }

    /**
     * What has expired goes, oldest first.
     *
     * @param before what expires before this time has
     * @param most how many chunks, or messages of chunks that expire one by one
     * @return how many these were
     */
    private int expire(long before, int most) {
        int n = 0;
        for (; n < most && due() < before && queue.log.dead() < MOST_DEAD; n++) {
            Chunk c = queue.log.headChunk();
            boolean all = c.latest() != 0 && c.latest() < before;
            queue.log.takeHead(all ? Long.MAX_VALUE : 1, (a, b) -> queue.dying().die(a, b, Death.EXPIRED));
        }
        return n;
    }

    /** Whether what is next has expired: nothing is handed out before it has gone. */
    boolean isStale() {
        return due() < clock.getAsLong();
    }

    /** What has expired before this moment goes, as {@link #expire}. */
    int expireBefore(int most) {
        return expire(clock.getAsLong(), most);
    }

    /** What expires at this moment goes, too. */
    int expireNow(int most) {
        return expire(clock.getAsLong() + 1, most);
    }

    /** How many messages may be handed out at once: from a chunk where one by one expires, one. */
    long atOnce(long wanted) {
        Chunk c = queue.log.mayExpire() ? queue.log.headChunk() : null;
        boolean oneByOne =
                c != null && c.earliest() != 0 && c.earliest() < clock.getAsLong() && c.earliest() != c.latest();
        return oneByOne ? Math.min(1, wanted) : wanted;
    }
}
