package io.tallymq.amqp.publish;

import io.tallymq.amqp.config.PublishLimits;
import io.tallymq.broker.Broker;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Memory for bodies that clients have sent in part, over all connections of a node. A connection reserves room for a body, or for a part of a
 * large one, when its first piece has come, and has it until the body is complete; so who has room can always go on. Who has none and
 * finds none is not read until it is its turn. A connection that has some gets more for its other channels, up to twice the bound in
 * all: if it waited, what it has begun would wait with it, and everybody could wait for everybody. While others wait it has a quarter of
 * the bound at most, and who is too slow for what he has goes, the largest first. Thread-safe.
 */
public final class PublishBudget {
    /** What is so small gets room beyond the bound, too: it is a message that came in two reads, not one that is waited for. */
    static final int SMALL = 64 << 10;

    /** So much has to come in a time of patience of who has more than that, and a part of what he has of who has much. */
    private static final int LEAST_GAIN = 64 << 10;

    private static final int GAINED_PART = 16;
    /** A connection may have such a part of the bound while others wait. */
    private static final int SHARE = 4;
    /** And room for a message and what is large of it beside. */
    private static final int LEAST_SHARE = 2 * Broker.PART_SIZE;

    /** A connection. Its methods are called on any thread. */
    interface Holding {
        /** It has the room that it waited for. */
        void granted();

        /** Octets that came of what it has room for, and room that it gave back, since it began. */
        long gained();

        /**
         * Others have waited for long.
         *
         * @param slow whether too little came since it was asked last
         */
        void asked(boolean slow);

        /** It has the most of all, and others that have little need room beyond all there is. */
        void hasTooMuch();
    }

    /** What became of a wish for room. */
    enum Answer {
        GRANTED,
        /** {@link Holding#granted} follows. */
        WAIT,
        /** Never: the connection has too much already. */
        TOO_MUCH
    }

    /** What a connection has. */
    private static final class Room {
        private long bytes;
        /** As of when it was asked last; -1: it was not. */
        private long gainedThen = -1;
        /** What has to come until it is asked again. */
        private long due;

        boolean isSlow(Holding holder) {
            return gainedThen >= 0 && holder.gained() - gainedThen < due;
        }

        void asked(Holding holder) {
            gainedThen = holder.gained();
            due = Math.max(bytes / GAINED_PART, Math.min(bytes, LEAST_GAIN));
        }
    }

    private final long most;
    private final long share;
    private final long patienceNanos;
    private final Map<Holding, Room> held = new LinkedHashMap<>();
    private final Map<Holding, Long> waiting = new LinkedHashMap<>();
    private long total;
    private long lastAsked;
    private boolean everAsked;
    private long evicted;

    public PublishBudget(PublishLimits limits) {
        this.most = limits.memory();
        this.share = Math.max(most / SHARE, LEAST_SHARE);
        this.patienceNanos = limits.patience() * 1_000_000L;
    }

    Answer take(Holding holder, int bytes) {
        Holding largest = null;
        Answer answer;
        synchronized (this) {
            answer = takeWithin(holder, bytes);
            if (answer == Answer.TOO_MUCH) {
                largest = whoGoesFor(holder, bytes);
            }
            if (largest != null) {
                grant(holder, bytes);
                answer = Answer.GRANTED;
            }
        }
        if (largest != null) {
            largest.hasTooMuch();
        }
        return answer;
    }

    private Answer takeWithin(Holding holder, int bytes) {
        Long wanted = waiting.get(holder);
        if (wanted != null) {
            if (wanted + bytes > 2 * most) {
                return Answer.TOO_MUCH;
            }
            waiting.put(holder, wanted + bytes);
            return Answer.WAIT;
        }
        Room has = held.get(holder);
        boolean holds = has != null;
        if (holds && !waiting.isEmpty() && has.bytes + bytes > share) {
            return Answer.TOO_MUCH;
        }
        long bound = holds || bytes <= SMALL ? 2 * most : waiting.isEmpty() ? most : 0;
        if (total + bytes <= bound) {
            grant(holder, bytes);
            return Answer.GRANTED;
        }
        if (holds) {
            return Answer.TOO_MUCH;
        }
        waiting.put(holder, (long) bytes);
        return Answer.WAIT;
    }

    /** Who has little and can't wait is granted what there is not, if another one who has more goes for it; null if not. */
    private Holding whoGoesFor(Holding holder, int bytes) {
        Room has = held.get(holder);
        if (has == null || has.bytes + bytes > share || total + bytes > 3 * most) {
            return null;
        }
        Map.Entry<Holding, Room> largest =
                Collections.max(held.entrySet(), Comparator.comparingLong(e -> e.getValue().bytes));
        return largest.getValue().bytes > has.bytes + bytes ? largest.getKey() : null;
    }

    private void grant(Holding holder, long bytes) {
        held.computeIfAbsent(holder, h -> new Room()).bytes += bytes;
        total += bytes;
    }

    /** What was granted, or is waited for, is not needed any more. Returns false if the holder waited and still does. */
    boolean give(Holding holder, int bytes) {
        boolean waits;
        synchronized (this) {
            Long wanted = waiting.get(holder);
            if (wanted != null) {
                waiting.compute(holder, (h, w) -> wanted > bytes ? wanted - bytes : null);
            } else if (held.containsKey(holder)) {
                held.computeIfPresent(holder, (h, has) -> without(has, bytes));
                total -= bytes;
            }
            waits = waiting.containsKey(holder);
        }
        grantNext();
        return !waits;
    }

    private static Room without(Room has, int bytes) {
        has.bytes -= bytes;
        return has.bytes > 0 ? has : null;
    }

    /** Whether the holder waits for room. */
    synchronized boolean isWaiting(Holding holder) {
        return waiting.containsKey(holder);
    }

    /** The connection has ended. */
    void end(Holding holder) {
        synchronized (this) {
            waiting.remove(holder);
            Room has = held.remove(holder);
            total -= has == null ? 0 : has.bytes;
        }
        grantNext();
    }

    private void grantNext() {
        next().forEach(Holding::granted);
    }

    /** Whose turn it is, with the room they waited for. Nobody waits as a rule. */
    private synchronized List<Holding> next() {
        if (waiting.isEmpty()) {
            return List.of();
        }
        List<Holding> next = new ArrayList<>();
        Iterator<Map.Entry<Holding, Long>> i = waiting.entrySet().iterator();
        while (i.hasNext()) {
            Map.Entry<Holding, Long> first = i.next();
            if (total > 0 && total + first.getValue() > most) {
                break;
            }
            grant(first.getKey(), first.getValue());
            next.add(first.getKey());
            i.remove();
        }
        return next;
    }

    /** The holder has waited for the time of patience, if it still does. At most once in that time all who have room are asked. */
    void waitedLong(Holding holder, long nanoTime) {
        List<Holding> ask;
        Set<Holding> slow;
        synchronized (this) {
            if (!waiting.containsKey(holder) || everAsked && nanoTime - lastAsked < patienceNanos) {
                return;
            }
            everAsked = true;
            lastAsked = nanoTime;
            ask = List.copyOf(held.keySet());
            slow = slow();
            held.forEach((h, has) -> has.asked(h));
        }
        ask.forEach(h -> h.asked(slow.contains(h)));
    }

    /** Those of whom too little came, the largest first, as many as have what is waited for; and all of whom nothing came. */
    private Set<Holding> slow() {
        List<Map.Entry<Holding, Room>> all = new ArrayList<>(held.entrySet());
        all.removeIf(e -> !e.getValue().isSlow(e.getKey()));
        all.sort(Comparator.comparingLong(e -> -e.getValue().bytes));
        long missing = total - most;
        for (long wanted : waiting.values()) {
            missing += wanted;
        }
        Set<Holding> slow = new HashSet<>();
        for (Map.Entry<Holding, Room> e : all) {
            if (missing > 0 || e.getKey().gained() == e.getValue().gainedThen) {
                slow.add(e.getKey());
                missing -= e.getValue().bytes;
            }
        }
        return slow;
    }

    synchronized void noteEvicted() {
        evicted++;
    }

    long most() {
        return most;
    }

    /** Bytes that are reserved. */
    public synchronized long bytes() {
        return total;
    }

    /** Connections that are not read until there is room. */
    public synchronized int waiting() {
        return waiting.size();
    }

    /** Connections that were closed because others waited and nothing, or too little, came of what they had begun. */
    public synchronized long evicted() {
        return evicted;
    }
}
