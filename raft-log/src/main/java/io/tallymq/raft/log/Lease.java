package io.tallymq.raft.log;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * For how long this node may act on what it was assigned without asking: a leader for {@link LinkTuning#lease} after a majority
 * last answered it, a follower for as long as the leader had left when it last answered. What counts is when the question was
 * asked, not when the answer came: an answer that waited in a buffer while the process stood still proves nothing about now.
 *
 * <p>A cluster that goes on without this node gives its messages to others only after a longer time, see {@code LostNodes}; so
 * a node whose lease has run out, and which hands out nothing, can't hand out what another node does.
 *
 * <p>{@link #answered} on the link's outbound thread; the rest any thread, cheap.
 */
final class Lease {
    private final long lengthNanos;
    private final int othersForMajority;
    private final BooleanSupplier leads;
    private final LongSupplier nanoTime;
    /** When each peer was asked what it answered last. The outbound thread's. */
    private final Map<String, Long> asked = new HashMap<>();
    /** A majority of the nodes lived and answered at this time or later; this node alone is one of one. */
    private volatile long majorityAt;

    /** What leaders granted lasts until then. */
    private volatile long grantedUntil;

    Lease(Duration length, int nodes, BooleanSupplier leads, LongSupplier nanoTime) {
        this.lengthNanos = length.toNanos();
        this.othersForMajority = nodes / 2;
        this.leads = leads;
        this.nanoTime = nanoTime;
        this.grantedUntil = nanoTime.getAsLong();
        this.majorityAt = grantedUntil - lengthNanos;
    }

    /**
     * A peer has answered.
     *
     * @param askedAt when this node asked, by its own clock
     * @param leftMillis what the peer, as the leader, had left of its own lease; 0 if it does not lead
     */
    void answered(String peer, long askedAt, int leftMillis) {
        long until = askedAt + TimeUnit.MILLISECONDS.toNanos(leftMillis);
        if (until - grantedUntil > 0) {
            grantedUntil = until;
        }
        asked.merge(peer, askedAt, (a, b) -> b - a > 0 ? b : a);
        if (asked.size() >= othersForMajority) {
            long now = nanoTime.getAsLong();
            long[] ages =
                    asked.values().stream().mapToLong(at -> now - at).sorted().toArray();
            majorityAt = now - ages[othersForMajority - 1];
        }
    }

    /** This node may act at this moment. */
    boolean holds() {
        long now = nanoTime.getAsLong();
        return grantedUntil - now > 0 || leads.getAsBoolean() && ownLeft(now) > 0;
    }

    /** What a follower that asks now may rely on, in milliseconds: 0 unless this node leads. */
    int leftMillis() {
        return leads.getAsBoolean()
                ? (int) TimeUnit.NANOSECONDS.toMillis(Math.max(0, ownLeft(nanoTime.getAsLong())))
                : 0;
    }

    private long ownLeft(long now) {
        return othersForMajority == 0 ? lengthNanos : majorityAt + lengthNanos - now;
    }
}
