package io.tallymq.store;

/**
 * Sizes of a store, in bytes, at about the same moment.
 *
 * @param memtables native memory of messages and records not yet on the disk
 * @param bodyCache heap of messages kept for delivery
 * @param blockCache native memory of what was read from the disk
 * @param tables files of the current state
 * @param pendingCompaction what compaction still has to rewrite; commits are slowed down from 64 GiB
 * @param liveData estimate of what the files hold without what was removed since
 * @param backgroundErrors a count: flushes and compactions since the start that failed or had to wait for room, and were tried again
 */
public record StoreMetrics(
        long memtables,
        long bodyCache,
        long blockCache,
        long tables,
        long pendingCompaction,
        long liveData,
        long backgroundErrors) {}
