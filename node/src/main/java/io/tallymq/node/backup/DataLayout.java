package io.tallymq.node.backup;

import io.tallymq.store.RocksStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What is in a node's data directory. */
public final class DataLayout {
    /** The replicated log. */
    public static final String LOG = "log";

    /** What was applied. */
    public static final String STORE = "store";

    /** A copy of a stopped node's store that becomes a backup: a name that nobody gives to a directory of his own. */
    static final String COPY = "backup-in-progress.copy";

    private DataLayout() {}

    /**
     * Refuses a backup in a place that is a node's own: what is there is deleted as that, or a restore or a backup, goes on.
     *
     * @param backup to be written or to be read
     * @throws BackupException it is in such a place
     */
    static void requireOutside(Path data, Path backup) throws IOException, BackupException {
        Path real = real(backup);
        for (Path own : own(data).toList()) {
            if (real.startsWith(real(own))) {
                throw new BackupException("A backup can't be at " + backup + ": what is in " + own
                        + " is this node's own, and deleted as it needs. Name another place.");
            }
        }
    }

    private static Stream<Path> own(Path data) {
        Path store = data.resolve(STORE);
        Path copy = data.resolve(COPY);
        return Stream.of(
                        List.of(data.resolve(LOG), data.resolve(Restore.MARK), store, copy),
                        RocksStore.beside(store),
                        RocksStore.beside(copy))
                .flatMap(List::stream);
    }

    /** Where a path leads, also if its end is not there yet. */
    private static Path real(Path path) throws IOException {
        Path absolute = path.toAbsolutePath();
        if (Files.exists(absolute)) {
            return absolute.toRealPath();
        }
        Path above = absolute.getParent();
        return above == null
                ? absolute
                : real(above).resolve(absolute.getFileName()).normalize();
    }
}
