package io.tallymq.raft.log;

/**
 * So much of the log. Bytes are what a disk holds of it; entries are what the heap holds of it, some 250 bytes each whatever is in
 * them. As a limit: whichever is reached first.
 *
 * @param bytes of the entries' content, without their envelopes
 * @param entries how many
 */
public record LogAmount(long bytes, long entries) {
    static final LogAmount NONE = new LogAmount(0, 0);

    public LogAmount {
        if (bytes < 0 || entries < 0) {
            throw new IllegalArgumentException("An amount of " + bytes + " bytes and " + entries + " entries.");
        }
    }

    LogAmount plus(long moreBytes, long moreEntries) {
        return new LogAmount(bytes + moreBytes, entries + moreEntries);
    }

    LogAmount minus(LogAmount less) {
        return new LogAmount(bytes - less.bytes, entries - less.entries);
    }

    /** Whether one of the two is reached. */
    boolean reaches(LogAmount limit) {
        return bytes >= limit.bytes || entries >= limit.entries;
    }
}
