package io.tallymq.store;

import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore.Applied;
import io.tallymq.format.Versions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * The live database's directory and its replacement by a copy from another node, such that a crash at any moment leaves the
 * old store or the new one:
 *
 * <ol>
 *   <li>the copy's files are forced to the disk, then it is renamed to {@code <live>.incoming}: from here on it is complete;
 *   <li>{@code <live>} is renamed to {@code <live>.outgoing};
 *   <li>{@code <live>.incoming} is renamed to {@code <live>};
 *   <li>{@code <live>.outgoing} is removed.
 * </ol>
 *
 * After a crash {@link #recover} finds a live directory (then what else is there goes) or none (then it is
 * {@code .incoming}'s turn).
 */
final class StoreDirectory {
    /** The moments of an install between which a crash can fall; for tests. */
    enum Step {
        FORCED,
        INCOMING,
        LIVE_AWAY,
        LIVE_REPLACED,
        DONE
    }

    private static final String CURRENT = "CURRENT";
    private static final String MANIFEST = "MANIFEST-";
    private static final String TABLE = ".sst";

    private StoreDirectory() {}

    /** @throws StoreException the copy could not be moved, or the store is open */
    static void replace(Path live, Path copy) {
        try {
            install(live, copy, step -> {});
        } catch (IOException e) {
            throw new StoreException(
                    "The store copied from another node could not be moved to " + live + ": " + e
                            + ". Check permissions and free space and start the node again.",
                    e);
        }
    }

    static void install(Path live, Path copy, Consumer<Step> after) throws IOException {
        try (StoreLock unused = StoreLock.take(live)) {
            locked(live, copy, after);
        }
    }

    private static void locked(Path live, Path copy, Consumer<Step> after) throws IOException {
        recover(live);
        force(copy);
        after.accept(Step.FORCED);
        move(copy, incoming(live));
        after.accept(Step.INCOMING);
        if (Files.exists(live)) {
            move(live, outgoing(live));
        }
        after.accept(Step.LIVE_AWAY);
        move(incoming(live), live);
        after.accept(Step.LIVE_REPLACED);
        remove(outgoing(live));
        after.accept(Step.DONE);
    }

    /**
     * Takes the lock of a directory and makes it ready to be opened: an interrupted install is finished or undone.
     *
     * @throws StoreException what is there must not be opened, or can't be
     */
    static StoreLock claim(Path live) {
        try {
            StoreLock lock = StoreLock.take(live);
            try {
                recover(live);
                Files.createDirectories(live);
                DamageMark.refuse(live);
                requireCurrent(live);
                return lock;
            } catch (IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new StoreException(
                    "The store's directory " + live + " can't be made or read: " + e + ". Check its permissions"
                            + " and the disk.",
                    e);
        }
    }

    private static void recover(Path live) throws IOException {
        if (!Files.exists(live) && Files.exists(incoming(live))) {
            move(incoming(live), live);
        }
        remove(incoming(live));
        remove(outgoing(live));
    }

    /**
     * A directory with files of a database has the one that names the newest of them.
     *
     * @throws StoreException it has not
     */
    private static void requireCurrent(Path live) throws IOException {
        Path current = live.resolve(CURRENT);
        if (Files.exists(current)) {
            return;
        }
        try (Stream<Path> files = Files.list(live)) {
            if (files.map(f -> f.getFileName().toString()).anyMatch(f -> f.endsWith(TABLE) || f.startsWith(MANIFEST))) {
                throw StoreErrors.missing(current);
            }
        }
    }

    /** The stored position, or null when the database is new; refuses what this program can't read. */
    static Applied readPosition(RocksDB db, Path directory, Versions levels) throws RocksDBException {
        byte[] bytes = db.get(Keys.of(Keys.APPLIED));
        if (bytes == null) {
            try (RocksIterator it = db.newIterator()) {
                it.seekToFirst();
                if (it.isValid()) {
                    throw StoreErrors.foreign(directory);
                }
                it.status();
                return null;
            }
        }
        int found = bytes.length < AppliedCodec.LEVEL_LENGTH ? 0 : AppliedCodec.level(bytes);
        if (!levels.include(found)) {
            throw StoreErrors.otherLevel(directory, found, levels);
        }
        return AppliedCodec.read(bytes);
    }

    static Path incoming(Path live) {
        return live.resolveSibling(live.getFileName() + ".incoming");
    }

    static Path outgoing(Path live) {
        return live.resolveSibling(live.getFileName() + ".outgoing");
    }

    private static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        forceDirectory(to.toAbsolutePath().getParent());
        Path source = from.toAbsolutePath().getParent();
        if (!source.equals(to.toAbsolutePath().getParent())) {
            forceDirectory(source);
        }
    }

    /** Everything below a directory, files before the directories that name them. */
    private static void force(Path directory) throws IOException {
        for (Path p : below(directory)) {
            if (Files.isDirectory(p)) {
                forceDirectory(p);
            } else {
                try (FileChannel file = FileChannel.open(p, StandardOpenOption.WRITE)) {
                    file.force(true);
                }
            }
        }
    }

    private static void forceDirectory(Path directory) throws IOException {
        try (FileChannel d = FileChannel.open(directory, StandardOpenOption.READ)) {
            d.force(true);
        }
    }

    static void remove(Path directory) throws IOException {
        if (Files.exists(directory)) {
            for (Path p : below(directory)) {
                Files.delete(p);
            }
        }
    }

    private static List<Path> below(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.sorted(Comparator.reverseOrder()).toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
