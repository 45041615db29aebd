package io.tallymq.raft.session;

import io.tallymq.raft.pace.PaceTuning;
import java.time.Duration;

/**
 * All numbers of a node's broker; each record documents its own and has {@code DEFAULTS}.
 *
 * @param traces traced messages that are kept, 0: none is traced
 * @param skipEntry index of an entry that is passed over if no version can read it, see decision 016; {@link #NO_ENTRY} for none
 */
public record RuntimeTuning(
        Batches batches, Timing timing, Reading reading, PaceTuning pace, int traces, long skipEntry) {
    public static final long NO_ENTRY = -1;
    public static final int TRACES = 256;

    public static final RuntimeTuning DEFAULTS = new RuntimeTuning(
            Batches.DEFAULTS, Timing.DEFAULTS, Reading.DEFAULTS, PaceTuning.DEFAULTS, TRACES, NO_ENTRY);

    /**
     * How commands are gathered into entries of the log. Sizes in bytes.
     *
     * @param soft a batch of this size is sent although {@code inFlight} batches are unanswered
     * @param hard a batch takes nothing more that would make it larger; a single message that is larger travels alone
     * @param inFlight batches sent and not applied here, from which on the next one waits for {@code soft}
     * @param inFlightBytes sent and not applied here, from which on nothing is sent
     * @param pendingBytes gathered or sent and not applied here, from which on sessions are not writable, at most: see
     *     {@link PendingLimit} for how much less it is when the log is slow
     * @param linger under load a batch waits for more after the last one came back, so long at most; 0 for never
     * @param packing batches are packed with LZ4 when that makes them smaller
     */
    public record Batches(
            int soft, int hard, int inFlight, int inFlightBytes, int pendingBytes, Duration linger, boolean packing) {
        public static final Batches DEFAULTS =
                new Batches(256 << 10, 1 << 20, 1, 8 << 20, 64 << 20, Duration.ofMillis(8), true);

        public Batches {
            if (soft > hard || hard > 1 << 20) {
                throw new IllegalArgumentException("Batches of " + soft + " to " + hard
                        + " bytes: the soft limit is at most the hard one, and that is at most 1 MiB.");
            }
            if (inFlight < 1 || inFlightBytes < 1 || pendingBytes < 1) {
                throw new IllegalArgumentException("inFlight, inFlightBytes and pendingBytes are at least 1.");
            }
        }

        public Batches withInFlight(int batches) {
            return new Batches(soft, hard, batches, inFlightBytes, pendingBytes, linger, packing);
        }

        public Batches withLinger(Duration most) {
            return new Batches(soft, hard, inFlight, inFlightBytes, pendingBytes, most, packing);
        }

        public Batches withPendingBytes(int bytes) {
            return new Batches(soft, hard, inFlight, inFlightBytes, bytes, linger, packing);
        }
    }

    /**
     * What happens after how long.
     *
     * @param tick how often the others are looked at while something is going on; ten times as long while nothing is
     * @param blockedAfter something is pending and nothing was applied: publishers are told with connection.blocked
     * @param nodeLostAfter a node that is silent for so long loses its connections
     * @param resendAfter something was sent and nothing was applied: all of it is sent again; doubled each time up to 32
     *     times as long
     * @param retryAfter a batch was refused for a passing reason: all are sent again; doubled as well
     */
    public record Timing(
            Duration tick, Duration blockedAfter, Duration nodeLostAfter, Duration resendAfter, Duration retryAfter) {
        public static final Timing DEFAULTS = new Timing(
                Duration.ofMillis(50),
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                Duration.ofSeconds(2),
                Duration.ofMillis(20));
    }

    /**
     * Threads that read message bodies from the store.
     *
     * @param threads how many
     * @param queue reads that wait for one; one more fails
     */
    public record Reading(int threads, int queue) {
        public static final Reading DEFAULTS = new Reading(2, 65_536);
    }

    public RuntimeTuning withBatches(Batches value) {
        return new RuntimeTuning(value, timing, reading, pace, traces, skipEntry);
    }

    public RuntimeTuning withTiming(Timing value) {
        return new RuntimeTuning(batches, value, reading, pace, traces, skipEntry);
    }

    public RuntimeTuning withReading(Reading value) {
        return new RuntimeTuning(batches, timing, value, pace, traces, skipEntry);
    }

    public RuntimeTuning withPace(PaceTuning value) {
        return new RuntimeTuning(batches, timing, reading, value, traces, skipEntry);
    }

    public RuntimeTuning withTraces(int most) {
        return new RuntimeTuning(batches, timing, reading, pace, most, skipEntry);
    }

    public RuntimeTuning withSkipEntry(long index) {
        return new RuntimeTuning(batches, timing, reading, pace, traces, index);
    }
}
