package io.tallymq.broker.queue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who of a queue's consumers is next. Those of the highest priority that may have something take turns; the others wait until none of
 * them may. A queue with a single active consumer gives to one alone, and to the next only when that one has gone, or yields to one of
 * a higher priority, and has let go of all it held: so no two hold its messages at a time.
 */
public final class Turns {
    private static final Comparator<Holder> HIGHEST_FIRST =
            Comparator.comparingLong(Holder::priority).reversed().thenComparingLong(Holder::number);

    /** Consumers of one priority that may be given something; some may have to be parked yet, as their channel has no room. */
    private static final class Level {
        final TreeMap<Long, Holder> eligible = new TreeMap<>();
        /** How many more there are whose channel has no room, see {@link ChannelState}. */
        int parked;
    }

    private boolean single;
    private final TreeMap<Long, Holder> consumers = new TreeMap<>();
    /** The same, those of the highest priority that wait longest first. */
    private final TreeSet<Holder> ranks = new TreeSet<>(HIGHEST_FIRST);

    private final TreeMap<Long, Level> levels = new TreeMap<>(Comparator.reverseOrder());
    /** Those of them that have somebody who is not parked. */
    private final TreeMap<Long, Level> open = new TreeMap<>(Comparator.reverseOrder());

    private long lastServed;
    /** Of a queue with a single active consumer: who may be given something, or the last one that could and still holds something. */
    private Holder active;

    /** @param single whether one consumer alone is given something */
    Turns(boolean single) {
        this.single = single;
    }

    int consumers() {
        return consumers.size();
    }

    /** The consumers behind a number, ascending. */
    public Iterable<Holder> consumersAfter(long holder) {
        return consumers.tailMap(holder, false).values();
    }

    List<Holder> all() {
        return new ArrayList<>(consumers.values());
    }

    /** From now on one consumer alone is given something, or all are. Only as long as there is none, and nobody holds anything. */
    void single(boolean one) {
        single = one;
        active = null;
    }

    boolean isSingle() {
        return single;
    }

    /** Several are given messages. */
    boolean areShared() {
        return !single && consumers.size() > 1;
    }

    public boolean hasExclusive() {
        // Who is exclusive is alone.
        return consumers.size() == 1 && consumers.firstEntry().getValue().spec().exclusive();
    }

    /** Whether the consumer is the one that is given messages, or one of several that all are. */
    boolean isActive(Holder h) {
        return !single || h == active && !yields();
    }

    void add(Holder h) {
        consumers.put(h.number(), h);
        ranks.add(h);
        appoint();
    }

    /** It is cancelled. Returns whether it was one of these. */
    boolean remove(Holder h) {
        boolean was = consumers.remove(h.number()) != null;
        ranks.remove(h);
        if (was) {
            appoint();
        }
        return was;
    }

    /** What somebody may have, or holds, has changed. */
    void changed(Holder h) {
        if (single && h == active) {
            appoint();
        }
        place(h);
    }

    /** It has gone: what it holds is given back before anybody else is given something. */
    void gone(Holder h) {
        if (single && h == active) {
            active = null;
            appoint();
        }
    }

    /** Whether the active one waits until it holds nothing, as one of a higher priority has come. */
    private boolean yields() {
        Holder first = first();
        return active != null && first != null && first.priority() > active.priority();
    }

    /** Of the highest priority the one that waits longest; null for none. */
    private Holder first() {
        return ranks.isEmpty() ? null : ranks.first();
    }

    private void appoint() {
        if (!single) {
            return;
        }
        Holder before = active;
        boolean stays = active != null && !active.isCancelled() && !yields();
        if (!stays && (active == null || active.held.isEmpty())) {
            active = first();
        }
        if (before != null) {
            place(before);
        }
        if (active != null && active != before) {
            place(active);
        }
    }

    private void place(Holder h) {
        boolean may = h.isEligible() && isActive(h);
        Level level = may ? levels.computeIfAbsent(h.priority(), p -> new Level()) : levels.get(h.priority());
        if (!may && h.parked) {
            h.channelState().unpark(h);
            level.parked--;
        }
        if (may && !h.parked) {
            if (level.eligible.isEmpty()) {
                open.put(h.priority(), level);
            }
            level.eligible.put(h.number(), h);
        } else if (!may && level != null) {
            withdraw(h, level);
            if (level.eligible.isEmpty() && level.parked == 0) {
                levels.remove(h.priority());
            }
        }
    }

    /** Returns whether it was one of them. */
    private boolean withdraw(Holder h, Level from) {
        boolean was = from.eligible.remove(h.number()) != null;
        if (was && from.eligible.isEmpty()) {
            open.remove(h.priority());
        }
        return was;
    }

    /** Whose turn it is, whatever its channel has room for; null when nobody may have anything. Those are parked who are in the way. */
    Holder next() {
        while (!open.isEmpty()) {
            TreeMap<Long, Holder> eligible = open.firstEntry().getValue().eligible;
            Map.Entry<Long, Holder> next = eligible.higherEntry(lastServed);
            Holder h = (next != null ? next : eligible.firstEntry()).getValue();
            if (h.hasRoom()) {
                return h;
            }
            park(h);
        }
        return null;
    }

    /** Whether it may be given something now, whoever's turn it is. It is parked if its channel has no room. */
    boolean mayTake(Holder h) {
        Level level = levels.get(h.priority());
        if (level == null || !level.eligible.containsKey(h.number())) {
            return false;
        }
        if (!h.hasRoom()) {
            park(h);
            return false;
        }
        return true;
    }

    /** It had its turn. */
    void served(Holder h) {
        lastServed = h.number();
    }

    /** How many take turns with it, itself included. */
    int taking(Holder h) {
        Level level = levels.get(h.priority());
        return level.eligible.size() + level.parked; // which of them are parked is not the same on every replica
    }

    /** The consumer's channel has no room: it is not looked at before there is. */
    public void park(Holder h) {
        Level level = levels.get(h.priority());
        if (level != null && withdraw(h, level)) {
            level.parked++;
            h.channelState().park(h);
        }
    }

    /** The consumer's channel has room again. */
    public void unpark(Holder h) {
        levels.get(h.priority()).parked--;
        h.channelState().unpark(h);
        place(h);
    }

    long lastServed() {
        return lastServed;
    }

    /** 0 for none. */
    long active() {
        return active == null ? 0 : active.number();
    }

    /**
     * Takes up what was, without looking who may have something: {@link #changed} follows for each.
     *
     * @param holder who was active, null for nobody
     */
    void restore(long last, List<Holder> all, Holder holder) {
        lastServed = last;
        all.forEach(h -> consumers.put(h.number(), h));
        ranks.addAll(all);
        active = holder;
    }
}
