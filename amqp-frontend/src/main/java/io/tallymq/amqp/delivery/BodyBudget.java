package io.tallymq.amqp.delivery;

import io.tallymq.broker.Broker;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * How many parts of large bodies a node has in memory on their way to clients, over all connections. Who wants one more takes
 * it from the stream that has stood still the longest, else waits until one is given back. Thread-safe.
 */
public final class BodyBudget {
    private final int most;
    private final ArrayDeque<CompletableFuture<Void>> waiting = new ArrayDeque<>();
    private final Set<BodyStream> idle = new LinkedHashSet<>();
    private int taken;
    /** Bytes of {@link #keep}. */
    private long kept;

    /** @param bytes of all parts together; room for one is always there */
    public BodyBudget(long bytes) {
        this.most = (int) Math.max(1, bytes / Broker.PART_SIZE);
    }

    /** Completes once a part may be read; to be given back. */
    CompletableFuture<Void> take() {
        BodyStream revoked;
        synchronized (this) {
            if (taken < most) {
                taken++;
                return CompletableFuture.completedFuture(null);
            }
            Iterator<BodyStream> oldest = idle.iterator();
            if (!oldest.hasNext()) {
                CompletableFuture<Void> turn = new CompletableFuture<>();
                waiting.add(turn);
                return turn;
            }
            revoked = oldest.next();
            oldest.remove();
        }
        revoked.revoked();
        return CompletableFuture.completedFuture(null);
    }

    /** A part that was taken is no longer in memory. */
    void giveBack() {
        CompletableFuture<Void> next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                taken--;
                return;
            }
        }
        next.complete(null);
    }

    /** The stream has a part and its socket takes nothing now. Returns false when the part is wanted elsewhere at once. */
    synchronized boolean idle(BodyStream stream) {
        if (!waiting.isEmpty()) {
            return false;
        }
        idle.add(stream);
        return true;
    }

    synchronized boolean isIdle(BodyStream stream) {
        return idle.contains(stream);
    }

    /** The stream goes on. Returns whether it still has its part. */
    synchronized boolean resume(BodyStream stream) {
        return idle.remove(stream);
    }

    /**
     * Messages that were read from the store wait for a socket that takes nothing: as many bytes of them are kept as of parts. Returns false if
     * these are too many; else they are to be given up with {@link #giveUp}.
     */
    synchronized boolean keep(int bytes) {
        boolean fits = kept + bytes <= (long) most * Broker.PART_SIZE;
        kept += fits ? bytes : 0;
        return fits;
    }

    /** They are not kept any more. */
    synchronized void giveUp(int bytes) {
        kept -= bytes;
    }

    /** Bytes of messages that are kept for sockets that take nothing. */
    public synchronized long kept() {
        return kept;
    }

    /** Bytes of parts that are in memory or being read, at most. */
    public synchronized long bytes() {
        return (long) taken * Broker.PART_SIZE;
    }

    /** Messages whose next part waits for room. */
    public synchronized int waiting() {
        return waiting.size();
    }
}
