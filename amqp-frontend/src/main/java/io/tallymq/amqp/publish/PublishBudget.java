package io.tallymq.amqp.publish;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Memory for bodies that clients have sent in part, over all connections of a node. A connection reserves room for a body, or for a part of a
 * large one, when its first piece has come, and has it until the body is complete; so who has room can always go on. Who has none and
 * finds none is not read until it is its turn. A connection that has some gets more for its other channels, up to twice the bound in
 * all: if it waited, what it has begun would wait with it, and everybody could wait for everybody. Thread-safe.
 */
public final class PublishBudget {
    /** What is so small gets room beyond the bound, too: it is a message that came in two reads, not one that is waited for. */
    static final int SMALL = 64 << 10;

    /** A connection. Its methods are called on any thread. */
    interface Holding {
        /** It has the room that it waited for. */
        void granted();

        /** Others have waited for long: what came since it was asked last? */
        void asked();
    }

    /** What became of a wish for room. */
    enum Answer {
        GRANTED,
        /** {@link Holding#granted} follows. */
        WAIT,
        /** Never: the connection has too much already. */
        TOO_MUCH
    }

    private final long most;
    private final long patienceNanos;
    private final Map<Holding, Long> held = new LinkedHashMap<>();
    private final Map<Holding, Long> waiting = new LinkedHashMap<>();
    private long total;
    private long lastAsked;
    private boolean everAsked;
    private long evicted;

    /**
     * @param most bytes
     * @param patienceMillis so long somebody waits before the others are asked whether anything still comes
     */
    public PublishBudget(long most, int patienceMillis) {
        this.most = most;
        this.patienceNanos = patienceMillis * 1_000_000L;
    }

    synchronized Answer take(Holding holder, int bytes) {
        Long wanted = waiting.get(holder);
        if (wanted != null) {
            if (wanted + bytes > 2 * most) {
                return Answer.TOO_MUCH;
            }
            waiting.put(holder, wanted + bytes);
            return Answer.WAIT;
        }
        boolean holds = held.containsKey(holder);
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

    private void grant(Holding holder, long bytes) {
        held.merge(holder, bytes, Long::sum);
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
                held.computeIfPresent(holder, (h, has) -> has > bytes ? has - bytes : null);
                total -= bytes;
            }
            waits = waiting.containsKey(holder);
        }
        grantNext();
        return !waits;
    }

    /** Whether the holder waits for room. */
    synchronized boolean isWaiting(Holding holder) {
        return waiting.containsKey(holder);
    }

    /** The connection has ended. */
    void end(Holding holder) {
        synchronized (this) {
            waiting.remove(holder);
            Long has = held.remove(holder);
            total -= has == null ? 0 : has;
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
        synchronized (this) {
            if (!waiting.containsKey(holder) || everAsked && nanoTime - lastAsked < patienceNanos) {
                return;
            }
            everAsked = true;
            lastAsked = nanoTime;
            ask = List.copyOf(held.keySet());
        }
        ask.forEach(Holding::asked);
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

    /** Connections that were closed because others waited and nothing came of what they had begun. */
    public synchronized long evicted() {
        return evicted;
    }
}
