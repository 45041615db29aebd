package io.tallymq.disk;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * How much is free on the disk of a directory. Which disk that is, is looked up once, for it reads the table of mounts; until the
 * directory exists that can't be known. Any thread.
 */
public final class FreeSpace implements LongSupplier {
    /** It can't be known. */
    public static final long UNKNOWN = -1;

    private final Path directory;
    private volatile FileStore disk;

    public FreeSpace(Path directory) {
        this.directory = directory;
    }

    /** Bytes that this user may still write, {@link #UNKNOWN} if that can't be read. */
    @Override
    public long getAsLong() {
        try {
            FileStore known = disk;
            if (known == null) {
                known = Files.getFileStore(directory);
                disk = known;
            }
            return known.getUsableSpace();
        } catch (IOException e) {
            return UNKNOWN;
        }
    }
}
