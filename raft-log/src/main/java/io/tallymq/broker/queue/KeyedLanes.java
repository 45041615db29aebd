package io.tallymq.broker.queue;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.lane.Common;
import io.tallymq.broker.lane.LaneChain;
import io.tallymq.broker.lane.Priorities;
import io.tallymq.broker.lane.QueueLog;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;

/**
 * The lanes of a queue whose messages are told apart by a header: groups (x-group-by), of which each is one consumer's at a time, and
 * tenants (x-fair-by), which take turns. What has no such header is in the lanes of {@link Priorities}, which together are one more that
 * takes turns with these. A lane keeps to its rule as long as it has messages, whatever the queue goes by meanwhile.
 */
final class KeyedLanes {
    /** The first lane of groups: queues with more priorities have none. */
    static final int GROUPS = 128;
    /** The lanes of groups, and of tenants. */
    static final int EACH = 64;

    private static final int TENANTS = GROUPS + EACH;
    private static final int END = TENANTS + EACH;
    /** In place of a lane: those without keys. */
    private static final int OTHERS = 0;
    /** The level of the state from which on it counts what acts and what is there; before, what was said, ever. */
    private static final int ASKS_WHAT_ACTS = 5;
    /** In place of a holder's number. */
    static final long NOBODY = 0;

    private final Lanes lanes;
    private final LaneKeys groups;
    private final LaneKeys tenants;
    /** By group lane: who holds messages of it, and how many. */
    private final long[] owner = new long[EACH];

    private final long[] held = new long[EACH];
    /** The lane that was served last. */
    private int last = OTHERS;

    KeyedLanes(Lanes lanes, Common common, long queue) {
        this.lanes = lanes;
        this.groups = new LaneKeys(
                lanes, common, queue, GROUPS, EACH, lane -> lanes.chain().readyIn(lane) + held[lane - GROUPS]);
        this.tenants = new LaneKeys(
                lanes, common, queue, TENANTS, EACH, lane -> lanes.chain().readyIn(lane));
    }

    /** Whether messages of a queue are told apart by a header, or some were that are still there. */
    static boolean sort(Queue q, int level) {
        return level >= ASKS_WHAT_ACTS
                ? q.lanes().sortsByHeader() || q.lanes().haveKeyed()
                : q.settings().sortsByHeader() || q.lanes().haveKeys();
    }

    private static boolean isGroup(int lane) {
        return lane >= GROUPS && lane < TENANTS;
    }

    int groupLane(String key, PublishRun of) {
        return groups.lane(key, of);
    }

    int tenantLane(String key, PublishRun of) {
        return tenants.lane(key, of);
    }

    /** Where a holder's next message is, the lanes in turn; null when there is nothing for it. */
    QueueLog next(long holder) {
        QueueLog found = within(last + 1, END, holder);
        if (found == null) {
            found = lanes.headOfPriorities();
        }
        return found != null ? found : within(GROUPS, last + 1, holder);
    }

    private QueueLog within(int from, int to, long holder) {
        for (QueueLog lane = lanes.chain().from(Math.max(from, GROUPS));
                lane != null;
                lane = lanes.chain().after(lane)) {
            if (lane.lane() >= to) {
                return null;
            }
            if (lane.ready() > 0 && mayHave(lane.lane(), holder)) {
                return lane;
            }
        }
        return null;
    }

    boolean mayHave(int lane, long holder) {
        return !isGroup(lane) || owner[lane - GROUPS] == NOBODY || owner[lane - GROUPS] == holder;
    }

    /** Whose turn it is; null when nobody may have anything. */
    Holder turn(Queue queue, Turns turns) {
        if (next(NOBODY) != null) {
            return turns.next();
        }
        Holder h = owner(last + 1, END, queue, turns);
        return h != null ? h : owner(GROUPS, last + 1, queue, turns);
    }

    private Holder owner(int from, int to, Queue queue, Turns turns) {
        for (QueueLog lane = lanes.chain().from(Math.max(from, GROUPS));
                lane != null;
                lane = lanes.chain().after(lane)) {
            if (lane.lane() >= to) {
                return null;
            }
            Holder h = lane.ready() == 0 || !isGroup(lane.lane())
                    ? null
                    : queue.holdings().holder(owner[lane.lane() - GROUPS]);
            if (h != null && turns.mayTake(h)) {
                return h;
            }
        }
        return null;
    }

    /** How many messages a holder gets of one lane before it is the next one's turn. */
    long part(long credit) {
        int busy = lanes.headOfPriorities() == null ? 0 : 1;
        for (QueueLog lane = lanes.chain().from(GROUPS);
                lane != null;
                lane = lanes.chain().after(lane)) {
            busy += lane.ready() > 0 ? 1 : 0;
        }
        return busy < 2 ? credit : Math.max(1, credit / (2 * busy));
    }

    /** Of the lanes that have something ready the one with the most of it; null for none. */
    QueueLog longest() {
        QueueLog longest = null;
        for (QueueLog lane = lanes.chain().from(GROUPS);
                lane != null;
                lane = lanes.chain().after(lane)) {
            if (lane.ready() > (longest == null ? 0 : longest.ready())) {
                longest = lane;
            }
        }
        return longest;
    }

    /** Whether somebody has some, or they are to be had, or on their way out. */
    boolean haveMessages() {
        for (QueueLog lane = lanes.chain().from(GROUPS);
                lane != null;
                lane = lanes.chain().after(lane)) {
            if (!lane.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** A holder was given messages of a lane. */
    void assigned(int lane, long holder, long messages) {
        last = lane >= GROUPS ? lane : OTHERS;
        holds(lane, holder, messages);
    }

    private void holds(int lane, long holder, long messages) {
        if (isGroup(lane)) {
            owner[lane - GROUPS] = holder;
            held[lane - GROUPS] += messages;
        }
    }

    /** Who held messages of a lane holds so many less. */
    void left(int lane, long messages) {
        if (isGroup(lane)) {
            held[lane - GROUPS] -= messages;
            if (held[lane - GROUPS] == 0) {
                owner[lane - GROUPS] = NOBODY;
            }
        }
    }

    /** Keys that are known. */
    int known() {
        return groups.known() + tenants.known();
    }

    /** The queue is deleted: so many keys go. Returns how many these were. */
    int deleteSome(int most) {
        int n = groups.deleteSome(most);
        return n + tenants.deleteSome(most - n);
    }

    byte[] encode() {
        return new ByteWriter(24)
                .varint(last)
                .int64(groups.unknown())
                .int64(tenants.unknown())
                .toBytes();
    }

    /** Takes up what {@link #encode} wrote. */
    void decode(ByteReader r) {
        last = (int) r.varint();
        groups.restore(r.int64());
        tenants.restore(r.int64());
    }

    /** For the start. */
    void restore(Holder h) {
        h.held.forEach((from, to) -> holds(LaneChain.lane(from), h.number(), to - from + 1));
    }

    void digest(StateDigest d) {
        d.add((long) last);
        groups.digest(d);
        tenants.digest(d);
    }
}
