package io.tallymq.node.backup;

import io.tallymq.disk.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A copy of a store that a backup or a restore works on. One that is left of a run that was cut short is deleted by the next one, if nothing is in it that no
 * such run has made.
 */
final class WorkCopy {
    /** Files of a store. */
    private static final Pattern STORES = Pattern.compile("CURRENT|IDENTITY|LOCK|LOG|LOG\\.old\\.\\d+|DAMAGED"
            + "|(MANIFEST|OPTIONS)-\\d+|\\d+\\.(sst|log|blob)|[A-Z0-9-]+\\.dbtmp|[A-Za-z0-9.-]+\\.trash");

    private WorkCopy() {}

    /**
     * Deletes it if it is there.
     *
     * @throws BackupException something else is there
     */
    static void delete(Path copy) throws IOException, BackupException {
        requireOurs(copy);
        Directories.delete(copy);
    }

    /** @throws BackupException something else is there */
    static void requireOurs(Path copy) throws IOException, BackupException {
        if (!Files.exists(copy, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.isDirectory(copy, LinkOption.NOFOLLOW_LINKS)) {
            throw foreign(copy, copy);
        }
        try (Stream<Path> files = Files.list(copy)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                        || !STORES.matcher(file.getFileName().toString()).matches()) {
                    throw foreign(copy, file);
                }
            }
        }
    }

    static BackupException foreign(Path copy, Path file) {
        return new BackupException("There is " + file + ", which is of no backup or restore that was cut short: " + copy
                + " is the place for their copy of a store, and deleted by them. Move it away and try again.");
    }
}
