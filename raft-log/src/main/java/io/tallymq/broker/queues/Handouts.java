package io.tallymq.broker.queues;

import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.queue.Agenda;
import io.tallymq.broker.queue.Assignment.Barrier;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Filtering;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.queue.Queue;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Hands ready messages to consumers, a bounded number of assignments per entry of the log: queues that are not done wait for
 * the following entries, which serve them in turn. Which these are is part of the state. What a limit leaves no room for goes in the same way.
 */
public final class Handouts {
    /** What dropping messages of one chunk costs, in assignments: the next chunk has to be found in the store. */
    private static final int PIECE_COST = 4;
    /** So many pieces go for each command: more than a publish brings, so that no queue grows for ever. */
    private static final int PIECES = 2;

    /** Queues that were stopped go on by so many that wait. */
    private static final int MOST_OPENED = 64;

    private final Dirty dirty;
    private final int most;
    /** Assignments that the commands of the entry in hand may still make. */
    private int left;
    /** By number. */
    private final TreeMap<Long, Queue> waiting = new TreeMap<>();
    /** Those that do not hand out what is ready because of what others have, by number. */
    private final Map<Barrier, TreeMap<Long, Queue>> stopped = new EnumMap<>(Barrier.class);
    /** How often a queue was looked at for something to hand out. */
    private long looks;

    /** @param most assignments that the commands of one entry make; half as many are made for those that wait */
    public Handouts(Dirty dirty, int most) {
        this.dirty = dirty;
        this.most = most;
        this.left = most;
    }

    /** Hands out what the queue's consumers may have, or as much of it as this entry may. */
    public void dispatch(Queue q, Effects effects) {
        left -= handOut(q, left, PIECES, effects);
    }

    /**
     * There is room for one of its consumers who may have waited for it. If he gets nothing all the same, nothing else happens: on another replica he
     * need not be known to wait. What is next and has expired goes by and by, see {@link Agenda}, and then it is handed out.
     */
    public void roomCame(Queue q, Effects effects) {
        if (q.expiry().isStale()) {
            return;
        }
        if (q.assignment().canHandOut()) {
            dispatch(q, effects);
        } else {
            looks++;
            stops(q, q.assignment().barrier());
        }
    }

    /** @param pieces so many of what a limit leaves no room for go in any case */
    private int handOut(Queue q, int share, int pieces, Effects effects) {
        looks++;
        int made = expire(q, false, share);
        made += q.assignment().dispatch(dirty, effects, share - made);
        for (int n = 1; n > 0 && made < share && q.expiry().isStale(); made += n) {
            n = expire(q, false, share - made);
            n += q.assignment().dispatch(dirty, effects, share - made - n);
        }
        boolean waits = !q.expiry().isStale() && q.assignment().canHandOut();
        if (!waits) {
            final int before = made;
            made += PIECE_COST * trim(q, Math.max(pieces, (share - made) / PIECE_COST));
            made += expire(q, true, share - made);
            // What stands next now may be somebody's who could not have what went.
            waits = q.limit().isOver() || made > before && mayBeOthers(q);
            if (!waits && q.lastValues() != null && q.lastValues().settle()) {
                dirty.touched(q);
            }
        }
        if (waits != q.assignment().waits()) {
            q.assignment().waits(waits);
            dirty.touched(q);
            if (waits) {
                waiting.put(q.number(), q);
            } else {
                waiting.remove(q.number());
            }
        }
        stops(q, waits ? Barrier.NONE : q.assignment().barrier());
        q.filters().tell(effects);
        return made;
    }

    private static boolean mayBeOthers(Queue q) {
        return q.holdings().noteReasons()
                && !q.expiry().isStale()
                && q.assignment().canHandOut();
    }

    private void stops(Queue q, Barrier at) {
        if (at != q.assignment().stoppedBy()) {
            stopped(q.assignment().stoppedBy()).remove(q.number());
            q.assignment().stops(at);
            if (at != Barrier.NONE) {
                stopped(at).put(q.number(), q);
            }
            dirty.touched(q);
        }
    }

    private TreeMap<Long, Queue> stopped(Barrier at) {
        return stopped.computeIfAbsent(at, b -> new TreeMap<>());
    }

    /**
     * What has outlived its time goes: before it could be handed out what was to go before this moment, and behind that what goes now. So
     * a message with no time at all is handed out or gone.
     *
     * @return how much work that was
     */
    private int expire(Queue q, boolean now, int most) {
        int done = now ? q.expiry().expireNow(most) : q.expiry().expireBefore(most);
        if (done > 0) {
            dirty.touched(q);
        }
        return done;
    }

    /** The queue is to go: what expired before does first. Returns how much work that was. */
    public int last(Queue q, int most) {
        return expire(q, true, most);
    }

    /**
     * Somebody fetches from the queue: what is next has not expired. Returns false when there is too much to be cleared away for now. Of
     * letters that are too many by then the oldest go behind the entry's commands, and consumers get what stands behind what went.
     */
    public boolean fetching(Queue q) {
        int expired = expire(q, false, left);
        left -= expired;
        if (expired > 0 && !q.assignment().waits()) {
            waits(q);
        }
        return !q.expiry().isStale();
    }

    /** Somebody does a bit of other work for those who fetch. Returns false when the entry's commands have done enough. */
    boolean spend() {
        return left-- > 0;
    }

    /** Something is due in the queue, beside what the commands of the entry did. Returns how much work it was. */
    public int due(Queue q, int share, Effects effects) {
        return handOut(q, share, 1, effects);
    }

    /** A consumer with a filter takes what it can of these messages. */
    public Reply.Taken take(Holder h, long[] ranges, Effects effects) {
        Filtering.Took took = h.queue().filters().all().take(h, ranges, left, dirty, effects);
        left -= took.cost();
        return took.reply();
    }

    private int trim(Queue q, int most) {
        int pieces = q.limit().trim(most);
        if (pieces > 0) {
            dirty.touched(q);
        }
        return pieces;
    }

    /** The entry's commands are done: those that wait go on. */
    public void step(Effects effects) {
        left = most;
        Barrier.SHARED.forEach(this::open);
        if (waiting.isEmpty()) {
            return;
        }
        int rest = Math.max(1, most / 2);
        int share = Math.max(1, rest / waiting.size());
        for (Queue q : new ArrayList<>(waiting.headMap(nth(rest), true).values())) {
            rest -= handOut(q, share, 1, effects);
            if (rest <= 0) {
                return;
            }
        }
    }

    /** Others have less of what stopped queues: some of these go on. */
    private void open(Barrier b) {
        for (int n = opened(b); n > 0 && waiting.size() < MOST_OPENED; n--) {
            Queue q = stopped(b).pollFirstEntry().getValue();
            q.assignment().stops(Barrier.NONE);
            waits(q);
        }
    }

    private void waits(Queue q) {
        q.assignment().waits(true);
        waiting.put(q.number(), q);
        dirty.touched(q);
    }

    /** How many queues are stopped by what is no more. */
    private int opened(Barrier b) {
        TreeMap<Long, Queue> all = stopped(b);
        return !all.isEmpty() && all.firstEntry().getValue().assignment().isOpen(b) ? all.size() : 0;
    }

    /** The number of the n-th queue that waits, or of the last one. */
    private long nth(int n) {
        long number = 0;
        int seen = 0;
        for (long candidate : waiting.keySet()) {
            number = candidate;
            if (++seen == n) {
                break;
            }
        }
        return number;
    }

    /** The queue is deleted. */
    void forget(Queue q) {
        waiting.remove(q.number());
        stopped(q.assignment().stoppedBy()).remove(q.number());
    }

    /** Takes up a queue that was waiting, or stopped. */
    void restore(Queue q) {
        if (q.assignment().waits()) {
            waiting.put(q.number(), q);
        }
        if (q.assignment().stoppedBy() != Barrier.NONE) {
            stopped(q.assignment().stoppedBy()).put(q.number(), q);
        }
    }

    /** How many queues wait, and are not stopped. */
    public int waiting() {
        return waiting.size() + Barrier.SHARED.stream().mapToInt(this::opened).sum();
    }

    /** How often queues were looked at since the start: what commands cost where many consumers wait. */
    public long looks() {
        return looks;
    }

    /** The next entry may do what each may: what was handed out behind the {@link #step} of this one does not count. */
    public void refill() {
        left = most;
    }

    /** What is {@link #resume}d after a crash within an entry. */
    public int left() {
        return left;
    }

    public void resume(int assignments) {
        left = assignments;
    }
}
