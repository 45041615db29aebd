package io.tallymq.raft.log.config;

/**
 * So much of the log. Bytes are what a disk holds of it; entries are what the heap holds of it, some 250 bytes each whatever is in
 * them. As a limit: whichever is reached first.
 *
 * @param bytes of the entries' content, without their envelopes
 * @param entries how many
 */
public record LogAmount(long bytes, long entries) {
    /** Nothing. As a limit it is always reached. */
    public static final LogAmount NONE = new LogAmount(0, 0);

    public LogAmount {
        if (bytes < 0 || entries < 0) {
            throw new IllegalArgumentException("An amount of " + bytes + " bytes and " + entries + " entries.");
        }
    }

    /** So much and more; neither may be negative. */
    public LogAmount plus(long moreBytes, long moreEntries) {
        return new LogAmount(bytes + moreBytes, entries + moreEntries);
    }

    /** What is more than {@code less}, which is no more than this in either. */
    public LogAmount minus(LogAmount less) {
        return new LogAmount(bytes - less.bytes, entries - less.entries);
    }

    /** Whether this is as much as the limit or more, in bytes or in entries. */
    public boolean reaches(LogAmount limit) {
        return bytes >= limit.bytes || entries >= limit.entries;
    }
}
