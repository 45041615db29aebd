package io.tallymq.store;

import io.tallymq.broker.UnknownFormatException;
import io.tallymq.format.Versions;
import java.nio.file.Path;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** The sentences an operator reads, one for each thing to do. */
final class StoreErrors {
    private StoreErrors() {}

    static StoreException cannotOpen(Path directory, RocksDBException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("While lock file") || message.contains("lock hold by")) {
            return new StoreException(
                    "The store in " + directory + " is in use by another process: stop it, or give this node a data"
                            + " directory of its own. (" + message + ")",
                    e);
        }
        if (isFull(message, e.getStatus())) {
            return new StoreException(full(directory, message), e);
        }
        if (message.contains("Column families not opened")) {
            return foreign(directory);
        }
        return new StoreException(
                "The store in " + directory + " can't be opened: " + message
                        + ". If the disk is well, move the directory"
                        + " away and let this node rejoin and copy the store from the others.",
                e);
    }

    static StoreException foreign(Path directory) {
        return new StoreException("The database in " + directory + " was not written by TallyMQ: give this node a data"
                + " directory of its own.");
    }

    static StoreException otherLevel(Path directory, int found, Versions known) {
        return new StoreException(UnknownFormatException.level("The store in " + directory, found, known)
                + " Or move the directory away and let this node rejoin and copy the store from the others, if they are of a"
                + " level that it knows.");
    }

    static String failed(Path directory, String message, Status status) {
        if (isFull(message, status)) {
            return full(directory, message);
        }
        if (message.contains("Too many open files")) {
            return "The store in " + directory
                    + " can't open a file, the process has used up its file descriptors: raise"
                    + " the limit (ulimit -n, LimitNOFILE=) and start the node again. (" + message + ")";
        }
        if (message.contains("Corruption")) {
            return damaged(directory, message);
        }
        return "The store in " + directory + " can't be written: " + message
                + ". Check the disk and start the node again: it continues from its last flush.";
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

    private static String full(Path directory, String message) {
        return "The disk of the store in " + directory + " is full: free space there and start the node again. ("
                + message + ")";
    }

    static String unreadable(Path directory, RocksDBException e) {
        return damaged(directory, e.getMessage());
    }

    private static String damaged(Path directory, String message) {
        return "The store in " + directory + " can't be read: " + message
                + ". If the disk is well, move the directory away and let this node rejoin and copy the store from the"
                + " others.";
    }
}
