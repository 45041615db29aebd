package io.tallymq.broker.queue;

import io.tallymq.broker.aside.Deferred;
import io.tallymq.broker.lane.Attempts;
import io.tallymq.broker.lane.LaneSpans;
import io.tallymq.broker.lane.QueueLog;
import io.tallymq.broker.message.MessageProperties;
import io.tallymq.broker.message.MessageProperties.Property;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.reports.Death;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.SeqRuns;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.QueueHead;
import io.tallymq.broker.view.Standing;
import io.tallymq.broker.view.Standing.Keeper;
import io.tallymq.broker.view.Standing.Part;
import io.tallymq.broker.view.Standing.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** A look at a queue for people: how each of some messages stands, what is next, who consumes. Nothing changes by it. */
public final class Inspection {
    /** Of a queue with more holders it is not looked up who has a message: it would take too long. */
    private static final int MOST_HOLDERS = 10_000;

    private record Held(long last, Holder holder) {}

    private final Queue queue;
    private final Function<ConnectionId, ConnectionInfo> infoOf;
    private final List<Part> parts = new ArrayList<>();
    private final TreeMap<Long, Held> held = new TreeMap<>();
    private QueueLog lane;
    /** What a purge took and is still to be taken out. */
    private SeqRanges purged;

    private Inspection(Queue queue, Function<ConnectionId, ConnectionInfo> infoOf) {
        this.queue = queue;
        this.infoOf = infoOf;
    }

    /** What stands from a message on, or before it and with it; null for nothing. */
    public static Standing of(
            Queue queue, long at, boolean back, long index, Function<ConnectionId, ConnectionInfo> infoOf) {
        return new Inspection(queue, infoOf).look(at, back, index);
    }

    /** The messages that are next; null for none, or if memory does not tell when all of them came. */
    public static QueueHead head(Queue queue) {
        Lanes lanes = queue.lanes();
        long oldest = Long.MAX_VALUE;
        QueueLog first = null;
        for (QueueLog l = lanes.chain().first(); l != null; l = lanes.chain().after(l)) {
            if (l.ready() == 0) {
                continue;
            }
            Chunk c = l.headInMemory();
            if (c == null) {
                return null;
            }
            first = first == null ? l : first;
            oldest = Math.min(oldest, c.publishedAt());
        }
        return first == null ? null : head(first, first.headInMemory(), oldest);
    }

    /** The queue as a whole, for lists. */
    public static BrokerView.QueueInfo info(Queue q, Function<ConnectionId, ConnectionInfo> infoOf) {
        long unackedBytes = q.holdings().unackedBytes();
        return new BrokerView.QueueInfo(
                q.vhost(),
                q.name(),
                q.spec(),
                q.owner(),
                q.owner() == null ? null : infoOf.apply(q.owner()),
                q.ready(),
                q.holdings().unacked(),
                q.lanes().bytes()
                        - unackedBytes
                        - q.dying().bytes()
                        - q.lanes().partings().bytes()
                        - q.resting().asideBytes()
                        - q.holdings().departed().vanishingBytes(),
                unackedBytes,
                q.consumerCount(),
                q.dying().view(),
                q.resting().count(),
                q.resting().aside(),
                q.counters.view(0),
                QueueArguments.policyThatActs(q),
                q.assignment().isPaused());
    }

    /** One of its consumers, for lists. */
    public static BrokerView.ConsumerView consumer(Holder h, Function<ConnectionId, ConnectionInfo> infoOf) {
        Queue q = h.queue();
        ConnectionInfo info = infoOf.apply(h.connection());
        return new BrokerView.ConsumerView(
                h.connection(),
                info,
                h.channel(),
                q.vhost(),
                q.name(),
                h.spec(),
                h.held.count(),
                q.isStream() || h.held.isEmpty() ? -1 : h.held.lowest(),
                q.turns().isActive(h),
                q.settings().singleActiveConsumer(),
                q.isStream() ? 0 : q.ackTimeouts().of(h));
    }

    private static QueueHead head(QueueLog lane, Chunk chunk, long oldest) {
        ChunkBody body = chunk.body();
        if (body == null) {
            return new QueueHead(oldest, false, -1);
        }
        byte[] b = body.bytes();
        int at = body.at(lane.headIn(chunk));
        String timestamp = MessageProperties.text(
                b, MessageRecord.propertiesOffset(b, at), MessageRecord.propertiesLength(b, at), Property.TIMESTAMP);
        return new QueueHead(oldest, true, timestamp == null ? -1 : Long.parseLong(timestamp));
    }

    private Standing look(long at, boolean back, long index) {
        long[] span = back ? spanBefore(at) : spanFrom(at);
        if (span == null) {
            return null;
        }
        if (lane.isFresh(span[0])) {
            parts.add(new Part(span[0], span[1], State.READY, false, 0, 0, null, null, 0));
        } else {
            findHeld(span[0], span[1]);
            purged = queue.resting().gone(span[0], span[1]);
            lane.chunks().forEachLive(span[0], span[1], this::split);
        }
        boolean overlaid = queue.aside() != null && queue.aside().overlays().count() > 0;
        return new Standing(index, span[0], span[1], parts, lane.chunkNear(back ? span[1] : span[0]), overlaid);
    }

    private long[] spanFrom(long at) {
        Lanes lanes = queue.lanes();
        long[] span = null;
        for (QueueLog l = lanes.chain().first();
                l != null && span == null;
                l = lanes.chain().after(l)) {
            span = l.last() < at ? null : new LaneSpans(l).from(at);
            lane = l;
        }
        return span;
    }

    private long[] spanBefore(long at) {
        Lanes lanes = queue.lanes();
        long[] highest = null;
        for (QueueLog l = lanes.chain().first(); l != null; l = lanes.chain().after(l)) {
            long[] span = new LaneSpans(l).before(at);
            if (span != null) {
                highest = span;
                lane = l;
            }
        }
        return highest;
    }

    private void findHeld(long first, long last) {
        if (queue.holdings().holderCount() > MOST_HOLDERS) {
            return;
        }
        for (Holder h : queue.holdings().holders()) {
            for (long at = h.held.ceiling(first); at <= last; ) {
                long end = Math.min(last, h.held.endOfSame(at));
                held.put(at, new Held(end, h));
                at = end == last ? Long.MAX_VALUE : h.held.ceiling(end + 1);
            }
        }
    }

    /** Live messages of a chunk that was begun. */
    private void split(long first, long last) {
        for (long at = first; at <= last; ) {
            long end = Math.min(last, queue.lanes().endOfSameAttempts(at));
            int record = queue.lanes().attempts(at);
            Map.Entry<Long, Held> had = held.floorEntry(at);
            if (lane.returned().has(at)) {
                end = Math.min(end, lane.returned().endOfSame(at));
                add(at, end, State.READY, record, null, null, 0);
            } else if (had != null && had.getValue().last >= at) {
                end = Math.min(end, had.getValue().last);
                Holder h = had.getValue().holder;
                boolean left = h.departure() != null; // then it is to be had again in a moment
                if (!queue.holdings().departed().isPurged(h)) {
                    add(at, end, left ? State.READY : State.UNACKED, record, left ? null : keeper(h), null, 0);
                }
            } else {
                end = Math.min(end, Math.min(lane.returned().endOfSame(at), beforeHeld(at)));
                end = rest(at, end, record);
            }
            at = end + 1;
        }
    }

    private long beforeHeld(long at) {
        Long next = held.higherKey(at);
        return next == null ? Long.MAX_VALUE : next - 1;
    }

    /** Nobody has them, and nobody can have them. Returns the last that stands like the first. */
    private long rest(long at, long last, int record) {
        if (queue.lanes().partings().has(at) || queue.resting().isPurged(at)) {
            return at; // it is gone
        }
        if (purged.contains(at)) {
            return Math.min(last, purged.endOfSame(at)); // so is this
        }
        int death = queue.lanes().dead().of(at);
        if (death != SeqRuns.NONE) {
            long end = Math.min(last, queue.lanes().dead().endOfSame(at));
            add(at, end, State.DEAD, record, null, Death.of(death).reason(), 0);
            return end;
        }
        String token = queue.aside() == null ? null : queue.aside().deferred().token(at);
        if (token != null) {
            long due = queue.aside().deferred().due(at);
            add(at, at, State.DEFERRED, record, null, token, due == Deferred.NEVER ? 0 : due);
            return at;
        }
        if (queue.holdings().holderCount() > MOST_HOLDERS) {
            add(at, at, State.UNACKED, record, null, null, 0);
            return at;
        }
        add(at, at, State.DELAYED, record, null, null, queue.resting().dueOf(at));
        return at;
    }

    private void add(long first, long last, State state, int record, Keeper keeper, String text, long until) {
        parts.add(new Part(
                first,
                last,
                state,
                Attempts.wasSent(record) || state == State.UNACKED,
                Attempts.failures(record),
                queue.holdings().countsReturns() ? Attempts.returns(record) : 0,
                keeper,
                text,
                until));
    }

    private Keeper keeper(Holder h) {
        return new Keeper(
                h.connection(),
                infoOf.apply(h.connection()),
                h.channel(),
                h.isGetter() ? "" : h.spec().tag());
    }
}
