package io.tallymq.raft.pace;

import java.time.Duration;

/**
 * When confirms wait for consumers, and how long.
 *
 * @param most a confirm waits no longer than this; zero: no confirm ever waits
 * @param busyFrom share of the machine's processors in use from which on it counts as full
 * @param fastFrom messages per second that the consumers of a queue settle to be worth waiting for: slower ones are limited by
 *     their own work, and a queue is there to hold what they have not done yet
 * @param behind a queue is behind when more is ready than its consumers settle in this time
 * @param share publishers get on at this share of the rate at which the consumers settle, so that these catch up
 */
public record PaceTuning(Duration most, double busyFrom, double fastFrom, Duration behind, double share) {
    /** No confirm waits. */
    public static final PaceTuning NEVER = new PaceTuning(Duration.ZERO, 1, 0, Duration.ZERO, 1);

    public static final PaceTuning DEFAULTS =
            new PaceTuning(Duration.ofMillis(100), 0.85, 2_000, Duration.ofMillis(8), 0.8);
}
