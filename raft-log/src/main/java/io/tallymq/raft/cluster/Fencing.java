package io.tallymq.raft.cluster;

import io.tallymq.raft.log.config.LinkTuning;
import java.time.Duration;

/**
 * How long a node that the others do not hear may go on with what it was assigned, so that the cluster gives it to others only after
 * that. All three count from the last moment at which the node could hear the leader: then its lease begins for the last time, and
 * the leader can't have missed it before.
 *
 * @param lease for so long the node still hands out
 * @param reset so long after the end of its lease it resets sockets with octets on their way: they could arrive after others' copies
 * @param giveAway the leader declares the node lost
 */
public record Fencing(Duration lease, Duration reset, Duration giveAway) {
    /** What a reset may be late: a tick of the node's clock, a busy event loop, two machines' seconds. */
    public static final Duration MARGIN = Duration.ofSeconds(1);

    /** Of the grace, at most: two fifths are handed out in, a quarter is the reset's. */
    private static final int LEASE_PERCENT = 40;

    private static final int RESET_PERCENT = 25;

    /** The shortest grace that leaves {@link #MARGIN}. */
    public static final Duration SHORTEST_GRACE =
            MARGIN.multipliedBy(100).dividedBy(100 - LEASE_PERCENT - RESET_PERCENT);

    /** @param grace a node that is silent for so long is lost */
    public static Fencing of(Duration grace) {
        Duration lease = percent(grace, LEASE_PERCENT);
        Duration usual = LinkTuning.DEFAULTS.lease();
        return new Fencing(lease.compareTo(usual) < 0 ? lease : usual, percent(grace, RESET_PERCENT), grace);
    }

    private static Duration percent(Duration of, int percent) {
        return of.multipliedBy(percent).dividedBy(100);
    }
}
