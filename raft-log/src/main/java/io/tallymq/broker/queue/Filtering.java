package io.tallymq.broker.queue;

import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.effect.Reply.Stop;
import io.tallymq.broker.filter.MessageFilter;
import io.tallymq.broker.lane.QueueLog;
import io.tallymq.broker.message.CoveringRanges;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.store.Chunk;
import java.util.TreeMap;
import java.util.function.IntSupplier;

/**
 * The consumers of a queue that have a filter. They have no turns: each one's node looks what matches, and what it found the consumer takes by
 * itself, as far as it is still to be had. So others come first, and what nobody wants is left where it is. They are told of what may be had
 * that could not be had before.
 */
public final class Filtering {
    /** What beginning a chunk, or a look at its messages, costs beside an assignment: it has to be found in the store, and maybe be measured. */
    private static final int BEGIN_COST = 31;
    /** Ranges of numbers in one piece of news. */
    private static final int MOST_NEWS = 32;

    /** The level of the state from which on what a settle added since the look counts. */
    private static final int ADDED = 5;

    private final Queue queue;
    private final IntSupplier level;
    private final TreeMap<Long, Holder> consumers = new TreeMap<>();
    /** What may be had since they were told last. */
    private final CoveringRanges news = new CoveringRanges(MOST_NEWS);

    /** @param level of the state */
    Filtering(Queue queue, IntSupplier level) {
        this.queue = queue;
        this.level = level;
    }

    void add(Holder h) {
        consumers.put(h.number(), h);
    }

    void remove(Holder h) {
        consumers.remove(h.number());
    }

    boolean isEmpty() {
        return consumers.isEmpty();
    }

    /** Messages may be had. */
    void became(long first, long last) {
        news.add(first, last);
    }

    /** They hear of it. */
    void tell(Effects effects) {
        if (!news.isEmpty()) {
            long[] ranges = news.take();
            if (!queue.deleted && !queue.hasNothingReady()) {
                consumers.values().forEach(h -> effects.ready(h, ranges));
            }
        }
    }

    /** What came of it, and what it cost, in assignments. */
    public record Took(Reply.Taken reply, int cost) {}

    /**
     * A consumer takes what it can of these.
     *
     * @param ranges pairs of first and last number, ascending
     * @param most assignments that may be made
     */
    public Took take(Holder h, long[] ranges, int most, Dirty work, Effects effects) {
        Taking taking = new Taking(h, most, work, effects);
        long undecided = -1;
        for (int i = 0; i < ranges.length && undecided < 0; i += 2) {
            undecided = taking.take(ranges[i], ranges[i + 1]);
        }
        return new Took(new Reply.Taken(taking.messages, undecided, taking.why), most - taking.left);
    }

    /** One consumer takes. */
    private final class Taking {
        private final Holder h;
        private final Dirty work;
        private final Effects effects;
        private final Lanes lanes = queue.lanes();
        private int left;
        /** Whose messages tell their time themselves, and were looked at last. */
        private Chunk measured;

        private int messages;
        private Stop why = Stop.NONE;
        /** Of the consumer; null before it was needed. */
        private MessageFilter filter;

        Taking(Holder h, int most, Dirty work, Effects effects) {
            this.h = h;
            this.left = most;
            this.work = work;
            this.effects = effects;
        }

        /** Returns where it had to stop; -1 if it had not. */
        long take(long first, long last) {
            for (long at = first; at >= 0 && at <= last; ) {
                QueueLog lane = lanes.chain().find(at);
                long next = lane == null || lanes.isKeyed(lane) ? Long.MAX_VALUE : lane.nextReady(at);
                long end = lane == null ? last : Math.min(last, lane.last());
                if (next > end || next == Long.MAX_VALUE) { // which the last lane ends with
                    at = end + 1;
                    continue;
                }
                why = stop(lane, next);
                if (why != Stop.NONE) {
                    return next;
                }
                if (lane.isFresh(next)) {
                    lanes.picking().begin(lane, next);
                    work.touched(queue);
                    left -= BEGIN_COST;
                }
                Chunk chunk = lane.chunks().of(next);
                boolean partly = queue.expiry().isPartlyOver(chunk);
                long most =
                        partly ? 1 : together(next, Math.min(queue.assignment().room(h), end - next + 1));
                left -= partly && chunk != measured ? BEGIN_COST : 1;
                measured = partly ? chunk : measured;
                if (queue.expiry().isOver(chunk, (int) (next - chunk.firstSeq()))) {
                    at = next + 1; // it goes when it is next in its lane
                } else if (isUnwanted(next)) {
                    at = next + 1;
                } else if (lane.returned()
                        .isTooTorn(next, next + most - 1, queue.limits().mostHeld())) {
                    why = Stop.FULL;
                    return next;
                } else {
                    at = deliver(lane, next, most);
                }
            }
            return -1;
        }

        /** Messages with headers that settles added go alone. */
        private long together(long seq, long most) {
            return queue.aside() == null ? most : queue.aside().overlays().together(seq, most);
        }

        /**
         * Who had it since it was found gave it back with headers by which it is not what this one wants. What a message has of them only grows, and
         * all else of it stays, so these alone are to be looked at. It was told of as ready again.
         */
        private boolean isUnwanted(long seq) {
            if (queue.aside() == null || !queue.aside().overlays().has(seq) || level.getAsInt() < ADDED) {
                return false;
            }
            if (filter == null) {
                filter = MessageFilter.of(h.spec().arguments().get(ArgumentTable.FILTER));
            }
            return filter.excludes(queue.aside().overlays().of(seq));
        }

        private Stop stop(QueueLog lane, long seq) {
            if (h.credit() <= 0) {
                return Stop.CREDIT;
            }
            // What comes back to others would come behind what this one takes now.
            if (queue.assignment().isPaused()) {
                return Stop.FULL; // for long, so it tries again now and then
            }
            if (left <= 0
                    || queue.dying().held().holdBack() && !h.spec().noAck()
                    || queue.holdings().othersHaveReserved(h)
                    || !h.spec().noAck() && !queue.holdings().bounds().mayHold()
                    || queue.assignment().room(h) <= 0
                    || lane.isFresh(seq) && !queue.holdings().bounds().mayBegin()) {
                return Stop.BUSY;
            }
            return lane.isFresh(seq) && lanes.picking().areBegunTooOften(lane) ? Stop.FULL : Stop.NONE;
        }

        /** Returns the number behind what was delivered. */
        private long deliver(QueueLog lane, long seq, long most) {
            long at = h.at(lane);
            Delivery d = queue.assignment().again(h, lane.returned().takeAt(seq, most, at), at);
            if (d.redelivered()) {
                queue.counters.redelivered(d.count());
            }
            queue.holdings().assigned(h, d, work);
            effects.deliver(h, d);
            messages += d.count();
            return d.firstSeq() + d.count();
        }
    }
}
