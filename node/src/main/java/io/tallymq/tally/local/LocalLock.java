package io.tallymq.tally.local;

import io.tallymq.tally.context.Failure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Who starts nodes of a directory is alone with them from the look at what is there until their process ids are written. The system gives it back
 * when this process ends. One octet of the file for each node: two nodes may be started at once.
 */
final class LocalLock implements AutoCloseable {
    static final String FILE = "lock";
    /** For the process that does it for one that has the lock. */
    static final String HELD = "TALLY_LOCAL_LOCK";

    private static final int MOST_NODES = 10;

    private final FileChannel channel;

    private LocalLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @param only the number of the one node; 0 for all */
    static LocalLock of(Path directory, int only) {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(directory.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock(only, only == 0 ? MOST_NODES : 1, false);
            if (lock != null) {
                return new LocalLock(channel);
            }
        } catch (OverlappingFileLockException e) { // this process has it itself
            close(channel);
            throw taken(directory);
        } catch (IOException e) {
            close(channel);
            throw Failure.usage(directory.resolve(FILE) + " can not be locked: " + e.getMessage());
        }
        close(channel);
        throw taken(directory);
    }

    /** That of who started this process. */
    static LocalLock ofParent() {
        return new LocalLock(null);
    }

    private static Failure taken(Path directory) {
        return Failure.usage("another tally local start of " + directory + " is under way: wait for it");
    }

    private static void close(FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                return; // nothing was written
            }
        }
    }

    @Override
    public void close() {
        close(channel);
    }
}
