package io.tallymq.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to a store's directory and to what stands beside it while another node's copy takes its place. RocksDB locks the directory itself, which is not enough: it is closed and moved while a copy takes
 * its place, and who starts tidies up beside it before RocksDB looks. The file stays when the store is closed: who deleted it could leave two with a lock each, one of them of a file
 * without a name.
 */
final class StoreLock implements AutoCloseable {
    /** Behind the directory's name. */
    static final String SUFFIX = ".lock";

    /** Of this process: a process' locks of a file all go when it closes any file of that name, so who comes second may not even open it. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private StoreLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** The lock's file of the store in a directory. */
    static Path file(Path directory) {
        return directory.resolveSibling(directory.getFileName() + SUFFIX);
    }

    /**
     * Takes it, or does not wait for it.
     *
     * @throws StoreException somebody has it
     */
    static StoreLock take(Path directory) throws IOException {
        Path file = file(directory.toAbsolutePath().normalize());
        Files.createDirectories(file.getParent());
        if (!HELD.add(file)) {
            throw StoreErrors.inUse(directory, "this process has it open", null);
        }
        FileChannel channel = null;
        FileLock lock = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lock = channel.tryLock();
        } finally {
            if (lock == null) {
                release(file, channel);
            }
        }
        if (lock == null) {
            throw StoreErrors.inUse(directory, "somebody has locked " + file, null);
        }
        return new StoreLock(file, channel);
    }

    /** Any number of times. */
    @Override
    public void close() {
        if (channel.isOpen()) {
            release(file, channel);
        }
    }

    private static void release(Path file, FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw new StoreException("The file " + file + " did not close: " + e + ". Check the disk.", e);
        } finally {
            HELD.remove(file);
        }
    }
}
