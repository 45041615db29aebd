package io.tallymq.raft.log.config;

import java.time.Duration;

/**
 * When a node stops waiting for its leader.
 *
 * @param timeoutMin a follower that heard nothing for a random time between min and max asks for votes; the leader's
 *     heartbeat is half of the minimum
 * @param timeoutMax see {@code timeoutMin}
 * @param stepDown a leader that reaches no majority for so long stops being one
 * @param stagger when the leader's process dies, the n-th other node waits n times this before it stands for
 *     election, so that votes are not split: longer than the call for a vote takes on a machine that is full
 * @param closeThreshold a pause of the whole process longer than this ends it
 */
public record ElectionTuning(
        Duration timeoutMin, Duration timeoutMax, Duration stepDown, Duration stagger, Duration closeThreshold) {
    public static final ElectionTuning DEFAULTS = new ElectionTuning(
            Duration.ofMillis(2_500),
            Duration.ofMillis(4_000),
            Duration.ofMillis(8_000),
            Duration.ofMillis(250),
            Duration.ofSeconds(60));

    public ElectionTuning {
        if (timeoutMin.toMillis() < 50 || timeoutMax.compareTo(timeoutMin) <= 0) {
            throw new IllegalArgumentException("Election timeouts " + timeoutMin + " to " + timeoutMax
                    + ": the minimum is at least 50 ms and the maximum is larger.");
        }
    }
}
