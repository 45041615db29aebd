package io.tallymq.raft.log.state;

import io.tallymq.raft.log.config.ApplyTuning;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The state that the log drives. {@link #apply}, {@link #advance}, {@link #tell} and {@link #flush} are called by one thread at a time, in log
 * order. An exception out of these four is a bug or a broken disk: the node stops.
 */
public interface ReplicatedState {

    /** A place in the log. The log's first entry has index 0. */
    record Position(long term, long index) {
        /** Before the first entry. */
        public static final Position NONE = new Position(0, -1);

        /** Whether a log that ends here has more than one that ends there, as elections see it. */
        public boolean isAfter(Position other) {
            return term != other.term ? term > other.term : index > other.index;
        }
    }

    /**
     * One committed entry. {@code bytes[off..off+len)} must not be modified and may be kept: on the submitting node it
     * is the very array that was submitted.
     */
    void apply(long term, long index, byte[] bytes, int off, int len);

    /** An entry of Raft's own (configuration, new term): only the position moves. */
    void advance(long term, long index);

    /** Nothing more is committed right now and somebody waits: run the effects. */
    void tell();

    /** {@link ApplyTuning} says that enough was gathered, or it has been gathered for a second: run the effects, write it. */
    void flush();

    /** Somebody waits for effects of what was gathered since the last {@link #tell} or flush. Asked after an entry was applied. */
    boolean isAwaited();

    /** The last applied position. Any thread. */
    Position applied();

    /** The last entry applied of which all was told that there is to {@link #tell}. Any thread. */
    default Position told() {
        return applied();
    }

    /**
     * What a crash of this process and of the machine leaves in the store; {@link Position#NONE} when empty. The log is
     * never cut beyond it. Any thread.
     */
    Position durable();

    /** Makes durable now what a {@link #flush} has written: before a clean stop and when the log has to be cut. Any thread. */
    void forceDurable();

    /**
     * A consistent copy of the store (hard links where possible) in a new directory below {@code parent}. Plain files,
     * subdirectories allowed. The caller deletes it. Any thread, while entries are being applied.
     */
    Path checkpoint(Path parent) throws IOException;

    /**
     * Reads all of a downloaded checkpoint, while entries are being applied.
     *
     * @throws IOException it must not be installed; so says a RuntimeException, too
     */
    default void verify(Path checkpointDir) throws IOException {}

    /**
     * Replaces the store by a downloaded checkpoint that was found good. The apply thread is stopped meanwhile. The directory is the
     * callee's: it may be moved. It lies on the file system of the log's directory.
     *
     * @return the position the store has now; it is durable when this returns
     */
    Position install(Path checkpointDir) throws IOException;

    /** An entry that was submitted here is committed, so many nanoseconds after it was; its turn to be applied has come. The applying thread; cheap. */
    default void replicated(long nanos) {}

    /** The log was flushed to this node's disk up to an entry, and that took so many nanoseconds. Some thread; cheap. */
    default void logFlushed(long index, long nanos) {}

    /** This node leads, and has just learnt that a follower has flushed all up to an entry. Some thread; cheap. */
    default void followerFlushed(String node, long index) {}

    /** The leader changed, {@code null}: none is known. Any thread; must not block. */
    void leaderChanged(String leaderNodeIdOrNull, long term);

    /** This node leads, and takes entries from now on: before it refused them. Some thread; must not block. */
    default void leaderReady() {}
}
