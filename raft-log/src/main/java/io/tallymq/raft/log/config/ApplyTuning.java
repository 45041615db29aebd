package io.tallymq.raft.log.config;

/**
 * When the state that the log drives is told to write what was applied.
 *
 * @param flushEntries after so many entries
 * @param flushBytes after so many bytes of entries
 */
public record ApplyTuning(int flushEntries, int flushBytes) {
    public static final ApplyTuning DEFAULTS = new ApplyTuning(64, 2 << 20);
}
