package io.tallymq.broker.queues;

import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.lane.QueueLog;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.queue.Departure;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.queue.HolderRecord;
import io.tallymq.broker.queue.Holdings;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What went with channels, connections and nodes and is too much for one entry of the log: for everybody its consumers and queues are
 * gone at once and its messages are ready, but later entries give these back, some each, in the queue's order. Until a queue has them
 * all it hands out nothing, so that nobody gets later messages before them; who fetches one gets the next in order.
 * How far this is, is part of the state, and comes back from the store.
 */
public final class Leaving {
    /** What taking out a queue costs, in units of giving back neighbouring messages. */
    public static final int QUEUE_COST = 8;
    /** Of what a queue knows of some of its messages beside, so much costs a unit more. */
    private static final int ASIDE_PER_UNIT = 4;
    /** Of what a holder had, a unit is so many ranges: they are stored in blocks of a few hundred. */
    private static final int RANGES_PER_UNIT = 256;
    /** A queue whose turn it is gives back so much at least: what is written for a queue costs as much as a few units. */
    private static final int TURN = 16;

    private final MessageStore store;
    private final Dirty dirty;
    private final Handouts handouts;
    private final int perEntry;

    private final TreeMap<Long, Departure> departures = new TreeMap<>();
    /** With messages that holders still have who left. */
    private final TreeMap<Long, Queue> holding = new TreeMap<>();
    /** Holders who left and have nothing any more. */
    private final TreeMap<Long, Holder> spent = new TreeMap<>();
    /** Holders of deleted queues whose records are left, with the number of the queue. */
    private final TreeMap<Long, Long> orphans = new TreeMap<>();
    /** How many ranges those of them had that had many. */
    private final TreeMap<Long, Integer> rangesOf = new TreeMap<>();
    /** Those of them of which blocks are stored. */
    private final TreeMap<Long, List<Long>> inBlocks = new TreeMap<>();
    /** Queues that went. */
    private final TreeMap<Long, Gone> queues = new TreeMap<>();
    /** How many of each virtual host. */
    private final TreeMap<String, Integer> byVhost = new TreeMap<>();

    /** That were purged while messages rested or were aside, and still have some of these. */
    private final TreeMap<Long, Queue> purged = new TreeMap<>();

    private record Gone(Queue queue, Departure with) {}

    /** @param perEntry units of work of one entry */
    public Leaving(MessageStore store, Dirty dirty, Handouts handouts, int perEntry) {
        this.store = store;
        this.dirty = dirty;
        this.handouts = handouts;
        this.perEntry = perEntry;
    }

    /** The first thing that is restored of all that it is about. */
    public void restore() {
        store.scan(Keys.of(Keys.LEAVING), (k, v) -> {
            long number = ByteReader.int64(k, 1);
            departures.put(number, Departure.decode(number, v));
        });
    }

    /** With what the holder went, null if it is there. For the start. */
    Departure departureOf(Holder h) {
        for (Departure d : departures.values()) {
            if (d.covers(h)) {
                return d;
            }
        }
        return null;
    }

    /** With what each queue went. For the start. */
    Map<Long, Departure> queuesThatWent() {
        Map<Long, Departure> all = new TreeMap<>();
        departures.values().forEach(d -> d.queues().forEach(q -> all.put(q, d)));
        return all;
    }

    /** A holder is found whose queue is deleted. For the start. */
    void restoreOrphan(long holder, long queue) {
        orphans.put(holder, queue);
    }

    /** The same, of how many ranges it had. */
    void restoreOrphanRanges(long holder, int ranges) {
        if (ranges > 0) {
            rangesOf.put(holder, ranges);
        }
    }

    /** The same, of a block of what it held. */
    void restoreOrphanBlock(long holder, long name) {
        inBlocks.computeIfAbsent(holder, h -> new ArrayList<>()).add(name);
    }

    /** Begins one; its holders and queues follow, and {@link #added}. */
    public void begin(Departure d) {
        d.oneMore();
        departures.put(d.number(), d);
        store.put(key(d), d.encode());
    }

    /** The holder went, and is gone for everybody; what it holds its queue counts as ready, see {@link Holdings#leave}. */
    public void add(Holder h, Departure d) {
        d.oneMore();
        if (h.held.isEmpty()) {
            spent.put(h.number(), h);
        } else {
            holding.put(h.queue().number(), h.queue());
        }
    }

    /** The queue went, and is gone for everybody; it is taken out when its dead letters are on their way no more. */
    public void add(Queue q, Departure d) {
        d.oneMore();
        queues.put(q.number(), new Gone(q, d));
        byVhost.merge(q.vhost(), 1, Integer::sum);
    }

    /** The level has risen: queues that went count no last values from level 5 on, whenever they went. */
    public void raised() {
        queues.values().forEach(gone -> gone.queue.valuesDeleted());
    }

    /** Whether queues of a virtual host went and are not taken out yet. */
    public boolean hasQueueOf(String vhost) {
        return byVhost.containsKey(vhost);
    }

    /** All that went is known. */
    public void added(Departure d) {
        done(d);
    }

    /** The holder's queue is deleted: its record is to be taken out, nothing else. */
    void orphan(Holder h) {
        forget(h);
        orphans.put(h.number(), h.queue().number());
        if (h.queue().holdings().hasMany(h)) {
            rangesOf.put(h.number(), h.held.ranges());
            HolderRecord.writeOrphan(h, store);
        }
        if (h.held.haveBlocks()) {
            inBlocks.put(h.number(), h.held.blockNames());
        }
    }

    /** The holder's queue is deleted, and nothing is left of it. */
    public void forget(Holder h) {
        spent.remove(h.number());
        holding.remove(h.queue().number());
        if (h.departure() != null) {
            done(h.departure());
        }
    }

    /** How many holders have nothing but a record. */
    int orphans() {
        return orphans.size();
    }

    public boolean isEmpty() {
        return departures.isEmpty() && orphans.isEmpty() && purged.isEmpty();
    }

    /** Queues that wait for messages, and holders and queues whose records are to be taken out. */
    public int owed() {
        return holding.size() + spent.size() + orphans.size() + queues.size() + purged.size();
    }

    /** The queue was purged: what rested in it, was aside or was still to come back goes by and by. */
    public void purged(Queue q) {
        settled(q);
        if (q.lanes().partings().areTakingOut()) {
            purged.put(q.number(), q);
        }
    }

    /** As {@link #fetching(Queue, Holder)} below level 5: some come back, and whether they are to be had then is not asked. */
    public void fetching(Queue q) {
        if (q.holdings().waitsForLeaving()) {
            next(q);
        }
    }

    /**
     * Somebody fetches from the queue: what is next in order comes back. Some of it may die or rest, or is nothing for him: then it is the one
     * behind that, as far as the entry may go.
     *
     * @return whether what is next for him is next in order
     */
    public boolean fetching(Queue q, Holder h) {
        for (boolean first = true; q.holdings().departed().lowest() < nextFor(h); first = false) {
            if (!first && !handouts.spend()) {
                return false;
            }
            next(q);
            if (!handouts.fetching(q)) {
                return false;
            }
        }
        return true;
    }

    private static long nextFor(Holder h) {
        QueueLog lane = h.queue().lanes().next(h);
        return lane == null ? Long.MAX_VALUE : lane.nextReady(lane.base());
    }

    /** All that is still to come back to a queue comes back. It is purged: below level 5 this is done at once. */
    public void finish(Queue q) {
        while (q.holdings().waitsForLeaving()) {
            next(q);
        }
        settled(q);
    }

    /** Whether all have come back by now, and the queue may hand out again. */
    public boolean settled(Queue q) {
        return !q.holdings().waitsForLeaving() && holding.remove(q.number()) != null;
    }

    private void next(Queue q) {
        spentIfEmpty(q.holdings().departed().giveBackNext(dirty));
    }

    private void spentIfEmpty(Holder h) {
        if (h.held.isEmpty()) {
            spent.put(h.number(), h);
        }
    }

    /** The entry's commands are done: some of it goes on, several queues in turn. */
    public void step(Queues all, Effects effects) {
        int left = perEntry;
        while (left > 0 && !holding.isEmpty()) {
            List<Queue> some = some(Math.max(1, left / TURN));
            int share = Math.max(1, left / some.size());
            for (Queue q : some) {
                left -= giveBack(q, share, effects);
            }
        }
        for (; left > 0 && !spent.isEmpty(); left--) {
            Holder h = spent.pollFirstEntry().getValue();
            all.forget(h);
            done(h.departure());
        }
        while (left > 0 && !orphans.isEmpty()) {
            left -= takeOutOrphan();
        }
        left -= takeOutPurged(left, effects);
        left -= left > 0 ? all.aside().left().step(left, store) : 0;
        left -= left > 0 ? all.aside().asideLeft().step(left) : 0;
        left -= left > 0 ? all.aside().pickedLeft().step(left, store) : 0;
        left -= left > 0 ? all.aside().valuesLeft().step(left, store) : 0;
        for (Iterator<Gone> i = queues.values().iterator(); left > 0 && i.hasNext(); ) {
            Gone gone = i.next();
            if (gone.queue.dying().isOnItsWay()) {
                left--;
                continue;
            }
            left -= takeOutRemains(gone.queue, left);
            if (left > 0) {
                i.remove();
                byVhost.computeIfPresent(gone.queue.vhost(), (vhost, n) -> n == 1 ? null : n - 1);
                left -= cost(gone.queue);
                all.takeOut(gone.queue);
                done(gone.with);
            }
        }
    }

    /** Its ranges count in place of its blocks: how these are cut may be a replica's own. Returns the units. */
    private int takeOutOrphan() {
        Map.Entry<Long, Long> next = orphans.pollFirstEntry();
        long holder = next.getKey();
        long queue = next.getValue();
        store.delete(Keys.of(Keys.HOLDER, queue, holder));
        store.delete(Keys.of(Keys.HELD, queue, holder));
        store.delete(Keys.of(Keys.ACK_DEADLINE, queue, holder));
        List<Long> names = inBlocks.remove(holder);
        if (names != null) {
            names.forEach(name -> store.delete(Keys.of(Keys.HELD_BLOCK, queue, holder, name)));
        }
        Integer ranges = rangesOf.remove(holder);
        return 1 + (ranges == null ? 0 : ranges / RANGES_PER_UNIT);
    }

    /** Returns the units that this took, as many as there were or less. */
    private static int takeOutRemains(Queue q, int most) {
        int there = q.lanes().remains().count();
        if (there == 0) {
            return 0;
        }
        int n = q.lanes().remains().takeOut(Math.min(there, most * ASIDE_PER_UNIT));
        return (n + ASIDE_PER_UNIT - 1) / ASIDE_PER_UNIT;
    }

    private int takeOutPurged(int most, Effects effects) {
        int cost = 0;
        while (cost < most && !purged.isEmpty()) {
            Queue q = purged.firstEntry().getValue();
            if (q.isDeleted()) {
                purged.pollFirstEntry(); // all of it goes when the queue is taken out
                continue;
            }
            if (q.resting().isTakingOut()) {
                dirty.touched(q);
                cost += q.resting().takeOut(most - cost);
            }
            cost += takeOutHeld(q, most - cost);
            boolean all = !q.lanes().partings().areTakingOut();
            if (all) {
                purged.pollFirstEntry();
            }
            if (all || q.lanes().haveKeys()) {
                handouts.dispatch(q, effects); // of a group all may have been theirs who left
            }
        }
        return cost;
    }

    private int takeOutHeld(Queue q, int most) {
        int n = 0;
        long[] looked = {-1}; // none
        while (n < most && q.holdings().departed().areTakingOut()) {
            n += 1 + q.holdings().departed().looksOfVanishing(looked);
            spentIfEmpty(q.holdings().departed().takeOut(dirty));
        }
        return n;
    }

    /** Units of work that what is noted of a queue's messages is, from the level on where later entries may take it out. */
    public static int remains(Queue q) {
        return q.lanes().remains().count() / ASIDE_PER_UNIT;
    }

    /** Units of work that a queue's end is. */
    public static int cost(Queue q) {
        return QUEUE_COST + q.resting().leftWithQueue() / ASIDE_PER_UNIT + remains(q);
    }

    private List<Queue> some(int most) {
        List<Queue> some = new ArrayList<>();
        for (Iterator<Queue> i = holding.values().iterator(); i.hasNext() && some.size() < most; ) {
            some.add(i.next());
        }
        return some;
    }

    private int giveBack(Queue q, int most, Effects effects) {
        int n = 0;
        long[] looked = {-1}; // none
        while (n < most && q.holdings().waitsForLeaving()) {
            n += 1 + q.holdings().departed().looksOfNext(looked);
            next(q);
        }
        if (mayHandOut(q)) {
            handouts.dispatch(q, effects);
        }
        return n;
    }

    /** Whether it is to be looked at behind what came back: it has all, or some of it may be of a group that is anybody's now. */
    public boolean mayHandOut(Queue q) {
        return settled(q) || q.lanes().haveKeys();
    }

    private void done(Departure d) {
        if (d.oneDone()) {
            departures.remove(d.number());
            store.delete(key(d));
        }
    }

    private static byte[] key(Departure d) {
        return Keys.of(Keys.LEAVING, d.number());
    }

    public void digest(StateDigest d) {
        departures.values().forEach(departure -> departure.digest(d));
        orphans.forEach((holder, queue) -> d.add(holder).add(queue));
        rangesOf.forEach((holder, ranges) -> d.add((long) ranges));
    }
}
