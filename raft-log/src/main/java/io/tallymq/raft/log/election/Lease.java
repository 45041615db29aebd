package io.tallymq.raft.log.election;

import io.tallymq.raft.log.config.LinkTuning;
import io.tallymq.raft.log.link.LinkPong;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * For how long this node may act on what it was assigned without asking: a leader for {@link LinkTuning#lease} after a majority
 * last answered it, a follower for as long as the leader had left when it last answered. What counts is when the question was
 * asked, not when the answer came: an answer that waited in a buffer while the process stood still proves nothing about now.
 *
 * <p>A cluster that goes on without this node gives its messages to others only after a longer time, see {@code LostNodes}; so
 * a node whose lease has run out, and which hands out nothing, can't hand out what another node does. A lease that had run out
 * holds again once this node has applied what the leader's log contained at that time, and told its sessions: whether it was given up is in there.
 * A leader's own holds from the first entry of its term on, and its first is a gap where it had none as a follower. And a node that applies what
 * its leader had, or itself as the leader, only after longer than a lease, has none: what it is about to hand out may be somebody else's by then.
 *
 * <p>{@link #answered} on the link's outbound thread; the rest any thread, cheap.
 */
public final class Lease {
    /** This node's own part. Any thread, cheap. */
    public interface Self {
        /** Whether it leads, as far as it knows. */
        boolean leads();

        /** The term it is in. */
        long term();

        /** The last entry applied of which sessions were told. */
        Position told();

        /** The last entry that it knows to be committed, as one of the term it is in. */
        Position committed();
    }

    private final long lengthNanos;
    private final int othersForMajority;
    private final Self self;
    private final LongSupplier nanoTime;
    /** When each peer was asked what it answered last. The outbound thread's. */
    private final Map<String, Long> asked = new HashMap<>();
    /** A majority of the nodes lived and knew no newer leader at this time; this node alone is one of one. */
    private volatile long majorityAt;
    /** What leaders granted lasts until then. */
    private volatile long grantedUntil;
    /** Nothing is granted before this is applied, which the leader had when it was asked at that time. */
    private volatile Position upTo = Position.NONE;

    private volatile long upToAsked;
    /** When a leader was asked that had no more than this node has applied; or as the leader, when that was all that it knew to be committed. */
    private volatile long appliedAt;
    /** The last term that this node is known here to have led in: before, what was counted of a leader is another one's. */
    private volatile long led = -1;
    /** What a leader had when it was asked later: the next one that is waited for. The outbound thread's; null for none. */
    private Position watched;

    private long watchedAsked;
    /** How often it had run out when it was renewed. The outbound thread's to change, before what is renewed. */
    private volatile long gaps;

    /**
     * None yet.
     *
     * @param length of what a majority grants
     * @param nodes of the cluster, this one included
     * @param nanoTime as {@link System#nanoTime}
     */
    public Lease(Duration length, int nodes, Self self, LongSupplier nanoTime) {
        this.lengthNanos = length.toNanos();
        this.othersForMajority = nodes / 2;
        this.self = self;
        this.nanoTime = nanoTime;
        this.grantedUntil = nanoTime.getAsLong();
        this.majorityAt = grantedUntil - lengthNanos;
        this.appliedAt = majorityAt;
        this.upToAsked = majorityAt;
    }

    /** A peer, by its id, has answered a ping. */
    public void answered(String peer, LinkPong pong) {
        long now = nanoTime.getAsLong();
        long until = pong.asked() + TimeUnit.MILLISECONDS.toNanos(pong.leaseMillis());
        if (pong.leaseMillis() > 0 && until - grantedUntil > 0) {
            if (now - grantedUntil >= 0 || isBehind(now)) {
                if (hasApplied(upTo)) { // else that is waited for still
                    upTo = pong.lastEntry();
                    upToAsked = pong.asked();
                }
                gaps = gaps + 1;
            }
            watch(pong.lastEntry(), pong.asked());
            grantedUntil = until;
        }
        if (pong.lastEntry().term() <= self.term()) {
            asked.merge(peer, pong.asked(), (a, b) -> b - a > 0 ? b : a);
        }
        boolean leads = self.leads();
        long term = self.term();
        if (leads && !isOwn(now) && (led == term || !isGranted(now))) {
            gaps = gaps + 1;
        }
        if (othersForMajority > 0 && asked.size() >= othersForMajority) {
            long[] ages =
                    asked.values().stream().mapToLong(at -> now - at).sorted().toArray();
            majorityAt = now - ages[othersForMajority - 1];
        }
        if (leads) {
            watch(self.committed(), now);
            led = term;
        }
    }

    /**
     * How often it had run out, of a leader or of a majority, when it was renewed: what waits to be handed out since before that may be others'. Asked behind
     * {@link #holds}. Any thread, cheap.
     */
    public long gaps() {
        return gaps;
    }

    /** Whether this node may act at this moment. */
    public boolean holds() {
        long now = nanoTime.getAsLong();
        return isGranted(now) || self.leads() && hasAppliedItsTerm() && (othersForMajority == 0 || isOwn(now));
    }

    private boolean isGranted(long now) {
        return grantedUntil - now > 0 && hasApplied(upTo) && !isBehind(now);
    }

    private boolean isOwn(long now) {
        return led == self.term() && ownLeft(now) > 0 && !isBehind(now);
    }

    /** Elected behind a stand-still it may have been given up by the leader before it: that is told when an entry of its own term is. */
    private boolean hasAppliedItsTerm() {
        return self.told().term() >= self.term();
    }

    private void watch(Position last, long at) {
        if (watched != null && hasApplied(watched)) {
            appliedAt = watchedAsked;
            watched = null;
        }
        if (hasApplied(last)) {
            appliedAt = at;
            watched = null;
        } else if (watched == null) {
            watched = last;
            watchedAsked = at;
        }
    }

    /** Whether it is longer ago than a lease that there was no more than this node has applied: what it has may have been given to others since. */
    private boolean isBehind(long now) {
        long at = hasApplied(upTo) && upToAsked - appliedAt > 0 ? upToAsked : appliedAt;
        return now - at >= lengthNanos;
    }

    /** Or an entry of a later term: what the log of {@code entry}'s leader had and this node will never see was not committed. */
    private boolean hasApplied(Position entry) {
        Position told = self.told();
        return told.index() >= entry.index() || told.term() > entry.term();
    }

    /** What a follower that asks now may rely on, in milliseconds: 0 unless this node leads. */
    public int leftMillis() {
        long left = self.leads() ? ownLeft(nanoTime.getAsLong()) : 0;
        return (int) TimeUnit.NANOSECONDS.toMillis(Math.max(0, left));
    }

    private long ownLeft(long now) {
        return othersForMajority == 0 ? lengthNanos : majorityAt + lengthNanos - now;
    }
}
