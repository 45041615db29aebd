package io.tallymq.raft.log;

import java.time.Duration;

/**
 * When the log is cut at what the store holds durably.
 *
 * @param triggerBytes after so many bytes of entries
 * @param triggerEvery after this time, if anything was applied; the store is made durable first, so that a start
 *     replays no more than this
 * @param forceBytes so many bytes of entries applied beyond the durable position: {@link ReplicatedState#forceDurable}
 *     first, so that an idle store does not keep the log for ever
 * @param keepBytes entries kept below the durable position, so that a node that was away briefly needs no checkpoint
 */
public record SnapshotTuning(long triggerBytes, Duration triggerEvery, long forceBytes, long keepBytes) {
    public static final SnapshotTuning DEFAULTS =
            new SnapshotTuning(128L << 20, Duration.ofMinutes(5), 1L << 30, 256L << 20);
}
