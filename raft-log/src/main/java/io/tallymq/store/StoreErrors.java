package io.tallymq.store;

import io.tallymq.broker.message.UnknownFormatException;
import io.tallymq.format.Versions;
import java.nio.file.Path;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** The sentences an operator reads, one for each thing to do. */
final class StoreErrors {
    /** The log alone is of no use: it was cut where the store had what came before. */
    private static final String REJOIN =
            "move this node's data directories (log and store) away and start it again while"
                    + " the other nodes run: it copies everything from the leader. Never do that on a majority of the nodes.";

    private static final String NO_DESCRIPTORS = "Too many open files";

    private StoreErrors() {}

    static StoreException cannotOpen(Path directory, RocksDBException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("While lock file") || message.contains("lock hold by")) {
            return inUse(directory, message, e);
        }
        if (message.contains("Column families not opened")) {
            return foreign(directory);
        }
        String text = unreadable(directory, e);
        return isLack(e) ? new StoreException(text, e) : StoreException.damage(text, e);
    }

    static StoreException inUse(Path directory, String how, RocksDBException e) {
        return new StoreException(
                "The store in " + directory + " is in use by another process: stop it, or give this node a data"
                        + " directory of its own. (" + how + ")",
                e);
    }

    /** Without it RocksDB would begin a new database and delete the tables of this one. */
    static StoreException missing(Path file) {
        return StoreException.damage(damaged(file.getParent(), "the file " + file.getFileName() + " is missing"), null);
    }

    static StoreException foreign(Path directory) {
        return new StoreException("The database in " + directory + " was not written by TallyMQ: give this node a data"
                + " directory of its own.");
    }

    static StoreException otherLevel(Path directory, int found, Versions known) {
        return new StoreException(UnknownFormatException.level("The store in " + directory, found, known)
                + " Or, if the other nodes are of a level that it knows, " + REJOIN);
    }

    static String failed(Path directory, RocksDBException e) {
        String message = String.valueOf(e.getMessage());
        if (isLack(e)) {
            return lacking(directory, message, e.getStatus());
        }
        if (isCorruption(e)) {
            return damaged(directory, message);
        }
        return "The store in " + directory + " can't be written: " + message
                + ". Check the disk and start the node again: it continues from its last flush.";
    }

    /** What was written is not what is read. */
    static boolean isCorruption(RocksDBException e) {
        Status status = e.getStatus();
        // The words alone don't say it: "block checksum mismatch".
        return !isLack(e)
                && (status != null && status.getCode() == Status.Code.Corruption
                        || String.valueOf(e.getMessage()).contains("Corruption"));
    }

    /** What can't be read is damaged, unless it was something else that was missing. */
    static String unreadable(Path directory, RocksDBException e) {
        String message = String.valueOf(e.getMessage());
        return isLack(e) ? lacking(directory, message, e.getStatus()) : damaged(directory, message);
    }

    /** For want of room or of file descriptors. */
    static boolean isLack(RocksDBException e) {
        return isFull(e) || String.valueOf(e.getMessage()).contains(NO_DESCRIPTORS);
    }

    private static String lacking(Path directory, String message, Status status) {
        return isFull(message, status)
                ? "The disk of the store in " + directory + " is full: free space there and start the node again. ("
                        + message + ")"
                : "The store in " + directory
                        + " can't open a file, the process has used up its file descriptors: raise"
                        + " the limit (ulimit -n, LimitNOFILE=) and start the node again. (" + message + ")";
    }

    /** It is for want of room that something could not be written. */
    static boolean isFull(RocksDBException e) {
        return isFull(String.valueOf(e.getMessage()), e.getStatus());
    }

    /** A compaction that {@link StoreRoom} keeps from beginning. */
    static boolean isTooLarge(RocksDBException e) {
        return String.valueOf(e.getMessage()).contains("Compaction too large");
    }

    /** While opening, RocksDB tells it in words only. */
    private static boolean isFull(String message, Status status) {
        return status != null && status.getSubCode() == Status.SubCode.NoSpace
                || message.contains("No space left on device");
    }

    private static String damaged(Path directory, String message) {
        return "The store in " + directory + " is damaged: " + message
                + ". Another start does not help. If the disk is well, " + REJOIN;
    }
}
