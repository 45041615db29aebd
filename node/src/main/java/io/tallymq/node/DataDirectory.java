package io.tallymq.node;

import io.tallymq.node.backup.PrivateDirectory;
import io.tallymq.node.backup.Restore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The data directory before anything is opened in it: made, and all that is in it may be read and written. */
final class DataDirectory {
    /** What mkfs puts into the root of a volume: root's, and of no use to anybody. */
    private static final String LOST_AND_FOUND = "lost+found";

    private static final Set<PosixFilePermission> OF_OTHERS = PosixFilePermissions.fromString("------rwx");

    private static final Logger LOG = LoggerFactory.getLogger(DataDirectory.class);

    private DataDirectory() {}

    /** @throws NodeStartException names the first thing that is in the way, and what to do */
    static void prepare(Path directory) throws NodeStartException {
        try {
            if (!PrivateDirectory.make(directory)) {
                tellIfOpen(directory.toAbsolutePath());
            }
            if (Files.exists(directory.resolve(Restore.MARK))) {
                throw new NodeStartException(
                        "A restore into the data directory " + directory
                                + " was interrupted: run tallymq --restore again, or" + " empty the directory.",
                        null);
            }
            Optional<Path> closed = firstClosed(directory);
            if (closed.isPresent()) {
                throw new NodeStartException(notAllowed(directory, closed.get()), null);
            }
        } catch (FileAlreadyExistsException e) {
            throw new NodeStartException(
                    "The data directory " + directory + " can't be made: " + e.getFile()
                            + " is a file. Set data.dir to a directory.",
                    e);
        } catch (AccessDeniedException e) {
            throw new NodeStartException(notAllowed(directory, Path.of(e.getFile())), e);
        } catch (UncheckedIOException e) {
            throw unusable(directory, e.getCause());
        } catch (IOException e) {
            throw unusable(directory, e);
        }
    }

    /** Who made it may have meant it so, and a volume may belong to somebody else. A group is somebody's choice, as Kubernetes' fsGroup. */
    private static void tellIfOpen(Path directory) {
        try {
            Set<PosixFilePermission> may = Files.getPosixFilePermissions(directory);
            if (!Collections.disjoint(may, OF_OTHERS)) {
                LOG.warn(
                        "Others may look into the data directory {} ({}): messages and hashes of passwords are in it."
                                + " If nobody else has to: chmod 700 {}",
                        directory,
                        PosixFilePermissions.toString(may),
                        directory);
            }
        } catch (IOException | UnsupportedOperationException e) {
            LOG.debug("Nobody knows who may look into {}", directory, e);
        }
    }

    /**
     * A start writes files of its own, and what is drained afterwards is written to the log first.
     *
     * @param bytes that must be free
     * @throws NodeStartException tells how much is missing
     */
    static void requireRoom(Path directory, long bytes) throws NodeStartException {
        long free;
        try {
            free = Files.getFileStore(directory).getUsableSpace();
        } catch (IOException e) {
            throw unusable(directory, e);
        }
        if (free < bytes) {
            throw new NodeStartException(
                    "The disk of the data directory " + directory + " has " + free + " bytes free, a start needs "
                            + bytes
                            + " (store.memtable-size and raft.segment-size): " + (bytes - free)
                            + " are missing. Free them and start the node again: consumers can then drain the queues.",
                    null);
        }
    }

    private static NodeStartException unusable(Path directory, IOException e) {
        return new NodeStartException(
                "The data directory " + directory + " can't be used (" + e + "): check the volume, or set data.dir to"
                        + " another directory.",
                e);
    }

    /** The first file or directory that this process may not read and write. */
    private static Optional<Path> firstClosed(Path directory) throws IOException {
        if (!isOpen(directory)) {
            return Optional.of(directory);
        }
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        try (Stream<Path> all = Files.list(directory)) {
            for (Path each : (Iterable<Path>) all.sorted()::iterator) {
                Optional<Path> closed = each.endsWith(LOST_AND_FOUND) ? Optional.empty() : firstClosed(each);
                if (closed.isPresent()) {
                    return closed;
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isOpen(Path path) {
        return Files.isReadable(path)
                && Files.isWritable(path)
                && (!Files.isDirectory(path) || Files.isExecutable(path));
    }

    private static String notAllowed(Path directory, Path closed) {
        String user = System.getProperty("user.name");
        return "The user " + user + " may not read and write " + closed + owner(closed)
                + ", which the data directory needs: give it to that user (chown -R " + user + " " + directory
                + "), mount the volume writable, or set data.dir to another directory. Nothing is damaged.";
    }

    private static String owner(Path path) {
        try {
            UserPrincipal owner = Files.getOwner(path);
            return " (it belongs to " + owner.getName() + ")";
        } catch (IOException e) {
            return "";
        }
    }
}
