package io.tallymq.raft.log.config;

/**
 * Sizes of the log, in bytes unless named otherwise. They bound memory: a node runs in a heap of 512 MB.
 *
 * @param segmentBytes a log file is closed at this size; whole files are deleted when they are no longer needed
 * @param segmentEntries and at so many entries, about: while a file is open, all its entries are in memory
 * @param maxEntryBytes a larger entry is refused before it reaches the log
 * @param appendBytes how much one append request to a follower carries; more than {@code maxEntryBytes}
 * @param pendingBytes submitted and not yet applied, more is refused
 * @param pendingEntries submitted and not yet applied, more is refused
 * @param cacheBytes closed segments kept in memory for followers that are a little behind
 */
public record LogTuning(
        int segmentBytes,
        int segmentEntries,
        int maxEntryBytes,
        int appendBytes,
        int pendingBytes,
        int pendingEntries,
        int cacheBytes) {
    public static final LogTuning DEFAULTS =
            new LogTuning(16 << 20, 8_000, 2 << 20, 4 << 20, 64 << 20, 4_096, 16 << 20);

    /** What an entry's envelope may add to its bytes. */
    static final int ENTRY_OVERHEAD = 64 << 10;

    public LogTuning {
        if (maxEntryBytes + ENTRY_OVERHEAD > appendBytes) {
            throw new IllegalArgumentException("An entry of " + maxEntryBytes + " bytes does not fit into an append"
                    + " request of " + appendBytes + ": raise the request's size or lower the entry's.");
        }
        if (segmentBytes < 64 << 10) {
            throw new IllegalArgumentException("Log segments of " + segmentBytes + " bytes: 64 KiB is the minimum.");
        }
    }

    public LogTuning withSegmentBytes(int value) {
        return new LogTuning(
                value, segmentEntries, maxEntryBytes, appendBytes, pendingBytes, pendingEntries, cacheBytes);
    }

    public LogTuning withSegmentEntries(int value) {
        return new LogTuning(segmentBytes, value, maxEntryBytes, appendBytes, pendingBytes, pendingEntries, cacheBytes);
    }

    public LogTuning withMaxEntryBytes(int value) {
        return new LogTuning(
                segmentBytes, segmentEntries, value, appendBytes, pendingBytes, pendingEntries, cacheBytes);
    }
}
