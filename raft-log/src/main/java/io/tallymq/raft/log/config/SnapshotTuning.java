package io.tallymq.raft.log.config;

import java.time.Duration;

/**
 * When the log is cut at what the store holds durably, and what of it stays. Ratis keeps an object in memory for each entry that
 * stays, so all of it is bounded by entries as well as by bytes.
 *
 * @param trigger after so much was applied
 * @param triggerEvery after this time, if anything was applied; the store is made durable first, so that a start
 *     replays no more than this
 * @param force so much applied beyond the durable position: the store is made durable first, so that an idle store,
 *     or one that few bytes go into, does not keep the log for ever
 * @param replay how much a start has to apply again at most, as far as that is cheap
 * @param keep what stays however far the store is, so that a node that was away briefly needs no checkpoint
 * @param hold what stays for a node that is being sent a checkpoint
 */
public record SnapshotTuning(
        LogAmount trigger, Duration triggerEvery, LogAmount force, Replay replay, LogAmount keep, CheckpointHold hold) {

    /**
     * While a node copies a checkpoint and until it has caught up, the log is not cut behind the checkpoint: otherwise a copy
     * that takes longer than what is kept lasts would be followed by the next one, for ever. Given up at the first of these.
     *
     * @param most the log held back for it
     * @param longest since the copy began
     * @param freeBytes less is free on the log's disk
     */
    public record CheckpointHold(LogAmount most, Duration longest, long freeBytes) {
        public static final CheckpointHold DEFAULTS =
                new CheckpointHold(new LogAmount(2L << 30, 300_000), Duration.ofMinutes(10), 512L << 20);
    }

    /**
     * More than this many entries beyond the durable position, and the store is made durable, but not more often than this. What is applied right
     * after a start costs a node a millisecond per entry and more, in code that is not compiled yet, while all nodes of a machine start at once.
     */
    public record Replay(long entries, Duration every) {
        public static final Replay DEFAULTS = new Replay(1_000, Duration.ofSeconds(10));
    }

    public static final SnapshotTuning DEFAULTS = new SnapshotTuning(
            new LogAmount(128L << 20, 8_000),
            Duration.ofMinutes(5),
            new LogAmount(1L << 30, 100_000),
            Replay.DEFAULTS,
            new LogAmount(64L << 20, 20_000),
            CheckpointHold.DEFAULTS);

    public SnapshotTuning withTrigger(LogAmount value) {
        return new SnapshotTuning(value, triggerEvery, force, replay, keep, hold);
    }

    public SnapshotTuning withTriggerEvery(Duration value) {
        return new SnapshotTuning(trigger, value, force, replay, keep, hold);
    }

    public SnapshotTuning withForce(LogAmount value) {
        return new SnapshotTuning(trigger, triggerEvery, value, replay, keep, hold);
    }

    public SnapshotTuning withReplay(Replay value) {
        return new SnapshotTuning(trigger, triggerEvery, force, value, keep, hold);
    }

    public SnapshotTuning withKeep(LogAmount value) {
        return new SnapshotTuning(trigger, triggerEvery, force, replay, value, hold);
    }

    public SnapshotTuning withHold(CheckpointHold value) {
        return new SnapshotTuning(trigger, triggerEvery, force, replay, keep, value);
    }
}
