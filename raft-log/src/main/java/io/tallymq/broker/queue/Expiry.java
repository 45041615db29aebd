package io.tallymq.broker.queue;

import io.tallymq.broker.chunk.Lifetimes;
import io.tallymq.broker.chunk.MessageTimes;
import io.tallymq.broker.lane.Common;
import io.tallymq.broker.lane.KnownExpiry;
import io.tallymq.broker.lane.QueueLog;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.store.BodyLook;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Which messages of one queue have outlived their time: x-message-ttl and the property expiration. Looked at is the message that is
 * next in its lane, as RabbitMQ does: who is behind one that lives longer waits for it. A queue none of whose messages ever had a time
 * costs one look at a field.
 */
public final class Expiry implements MessageTimes {
    /** In place of a time: never. */
    static final long NEVER = Long.MAX_VALUE;
    /** While so many messages wait as dead letters or for a report, what has expired stays where it is, and is given to nobody. */
    static final long MOST_DEAD = 10_000;
    /** What expires within so many milliseconds is given to nobody beyond his prefetch: it might be sent when its time is over. */
    private static final long SOON = 5_000;
    /** The level of the state from which on that holds. */
    private static final int SOON_LEVEL = 5;
    /** The level of the state from which on another time to live is for messages that come from then on alone, in all chunks. */
    private static final int KEEPING = 5;

    private final Queue queue;
    private final Lanes lanes;
    private final BodyLook look;
    private final LongSupplier clock;
    private final IntSupplier level;

    Expiry(Queue queue, Common common) {
        this.queue = queue;
        this.lanes = queue.lanes();
        this.look = common.look();
        this.clock = common.clock();
        this.level = common.level();
    }

    @Override
    public long timeToLive() {
        return queue.settings().messageTtl();
    }

    @Override
    public boolean areOwn() {
        return !queue.isStream();
    }

    @Override
    public boolean areKept() {
        return level.getAsInt() >= KEEPING;
    }

    /** What was known of a message's time may not hold any more. */
    void settingsChanged() {
        for (QueueLog lane = lanes.chain().first();
                lane != null;
                lane = lanes.chain().after(lane)) {
            lane.known = null;
        }
    }

    /** When the first message expires of those that are next in their lanes, in milliseconds since the epoch; {@link #NEVER}. */
    long due() {
        long first = NEVER;
        if (lanes.mayExpire()) {
            for (QueueLog lane = lanes.chain().first();
                    lane != null;
                    lane = lanes.chain().after(lane)) {
                first = Math.min(first, due(lane));
            }
        }
        return first;
    }

    /** When it goes, which it does not while too many wait; {@link #NEVER}. */
    long goesAt() {
        return waitsForDead() ? NEVER : due();
    }

    private boolean waitsForDead() {
        return lanes.going() - queue.dying().held().makingRoom() >= MOST_DEAD;
    }

    private long due(QueueLog lane) {
        Chunk c = lane.headChunk();
        if (c == null || c.earliest() == 0) {
            return NEVER;
        }
        return c.earliest() == c.latest() ? c.earliest() : end(lane, c, lane.headIn(c));
    }

    /** When one that is or was held expires; {@link #NEVER}. */
    long end(long seq) {
        if (!lanes.mayExpire()) {
            return NEVER;
        }
        QueueLog lane = lanes.chain().having(seq);
        Chunk c = lane.chunks().of(seq);
        if (c.earliest() == 0) {
            return NEVER;
        }
        return c.earliest() == c.latest() ? c.earliest() : end(lane, c, (int) (seq - c.firstSeq()));
    }

    /** Within a chunk whose messages expire at different times the message itself tells. */
    private long end(QueueLog lane, Chunk c, int at) {
        if (lane.known == null || lane.known.chunk() != c || lane.known.at() != at) {
            lane.known = new KnownExpiry(c, at, end(c, at));
        }
        return lane.known.end();
    }

    private long end(Chunk c, int at) {
        ChunkBody body = look.of(c);
        long said = body.timeToLive() == ChunkBody.UNKNOWN ? timeToLive() : body.timeToLive();
        long ttl = Lifetimes.shorter(Extension.of(body.bytes(), body.at(at)).expiration(), said);
        return ttl == Lifetimes.NEVER ? NEVER : Math.max(c.earliest(), body.publishedAt() + ttl);
    }

    /**
     * What has expired goes, lane by lane, oldest first.
     *
     * @param wanted what expires before this time has, and not after the queue itself
     * @param most how many chunks, or messages of chunks that expire one by one
     * @return how many these were
     */
    private int expire(long wanted, int most) {
        int n = 0;
        if (lanes.mayExpire()) {
            long last = queue.disuse().last();
            long before = last == NEVER ? wanted : Math.min(wanted, last + 1);
            for (QueueLog lane = lanes.chain().first();
                    lane != null;
                    lane = lanes.chain().after(lane)) {
                n += expire(lane, before, most - n);
            }
        }
        return n;
    }

    private int expire(QueueLog lane, long before, int most) {
        int n = 0;
        for (; n < most && due(lane) < before && !waitsForDead(); n++) {
            Chunk c = lane.headChunk();
            boolean all = c.latest() != 0 && c.latest() < before;
            long at = due(lane);
            lane.takeHead(all ? Long.MAX_VALUE : 1, (a, b) -> queue.dying().expire(a, b, at));
        }
        return n;
    }

    /** Whether what is next has expired: nothing is handed out before it has gone. */
    public boolean isStale() {
        if (!lanes.mayExpire()) {
            return false;
        }
        if (lanes.haveKeys()) {
            return due() < clock.getAsLong();
        }
        QueueLog head = lanes.headOfPriorities();
        return head != null && due(head) < clock.getAsLong();
    }

    /** Whether a message has expired, wherever in its lane it stands; it was before this moment then. */
    public boolean isOver(Chunk c, int at) {
        if (c.earliest() == 0 || c.earliest() >= clock.getAsLong()) {
            return false;
        }
        return c.latest() != 0 && c.latest() < clock.getAsLong() || end(c, at) < clock.getAsLong();
    }

    /** Whether some messages of a chunk have expired, and others have not. */
    boolean isPartlyOver(Chunk c) {
        return c.earliest() != 0
                && c.earliest() < clock.getAsLong()
                && (c.latest() == 0 || c.latest() >= clock.getAsLong());
    }

    /** Whether what is next in a lane expires soon, or others of its chunk. */
    boolean endsSoon(QueueLog lane) {
        Chunk c = lanes.mayExpire() && level.getAsInt() >= SOON_LEVEL ? lane.headChunk() : null;
        return c != null && c.earliest() != 0 && c.earliest() < clock.getAsLong() + SOON;
    }

    /** What has expired before this moment goes, as {@link #expire}. */
    public int expireBefore(int most) {
        return expire(clock.getAsLong(), most);
    }

    /** What expires at this moment goes, too. */
    public int expireNow(int most) {
        return expire(clock.getAsLong() + 1, most);
    }

    /** How many messages of a lane may be handed out at once: from a chunk where one by one expires, one. */
    long atOnce(QueueLog lane, long wanted) {
        Chunk c = lanes.mayExpire() ? lane.headChunk() : null;
        boolean oneByOne =
                c != null && c.earliest() != 0 && c.earliest() < clock.getAsLong() && c.earliest() != c.latest();
        return oneByOne ? Math.min(1, wanted) : wanted;
    }
}
