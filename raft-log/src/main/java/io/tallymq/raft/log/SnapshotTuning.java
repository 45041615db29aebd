package io.tallymq.raft.log;

import java.time.Duration;

/**
 * When the log is cut at what the store holds durably.
 *
 * @param triggerBytes after so many bytes of entries
 * @param triggerEvery after this time, if anything was applied
 * @param forceBytes applied beyond the durable position by more than this: {@link ReplicatedState#forceDurable} first,
 *     so that an idle store does not keep the log for ever
 * @param keepEntries entries kept below the durable position, so that a node that was away briefly needs no checkpoint
 */
public record SnapshotTuning(long triggerBytes, Duration triggerEvery, long forceBytes, int keepEntries) {
    public static final SnapshotTuning DEFAULTS =
            new SnapshotTuning(256L << 20, Duration.ofMinutes(5), 1L << 30, 1_024);
}
