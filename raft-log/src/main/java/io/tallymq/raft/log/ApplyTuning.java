package io.tallymq.raft.log;

/**
 * When {@link ReplicatedState#flush} is called.
 *
 * @param flushEntries after so many entries
 * @param flushBytes after so many bytes of entries
 */
public record ApplyTuning(int flushEntries, int flushBytes) {
    public static final ApplyTuning DEFAULTS = new ApplyTuning(64, 2 << 20);
}
