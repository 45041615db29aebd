package io.tallymq.node.backup;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.message.UnknownFormatException;
import io.tallymq.broker.message.UnreadableEntryException;
import io.tallymq.broker.store.MessageStore.Applied;
import io.tallymq.disk.Directories;
import io.tallymq.node.backup.BackupManifest.About;
import io.tallymq.node.config.ComponentConfigs;
import io.tallymq.node.config.ConfigCommand;
import io.tallymq.node.config.NodeConfig;
import io.tallymq.raft.StoppedNode;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.log.files.StoppedLog;
import io.tallymq.store.RocksStore;
import io.tallymq.store.StoreException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Makes a backup of what a stopped node has on its disk: its store, and what its log has beyond it, whether this node knew it to be confirmed or not.
 * For when the majority is lost for good. The node's data stays as it is: the log is applied to a copy, of hard links.
 */
public final class StoppedBackup {
    /** What a file system makes for itself. */
    private static final String OF_AN_EMPTY_DISK = "lost+found";

    private final NodeConfig config;
    private final ComponentConfigs parts;
    private final Path data;
    private final Consumer<String> told;

    /** @param told lines for who makes it */
    public StoppedBackup(NodeConfig config, ComponentConfigs parts, Consumer<String> told) {
        this.config = config;
        this.parts = parts;
        this.data = config.storage().dataDir();
        this.told = told;
    }

    /**
     * Writes it. Of a damaged log what can be read is in it.
     *
     * @param target a file that does not exist yet
     * @throws BackupException there is none: the node runs, say; or there is one without what can't be read, which is damage
     */
    public void to(Path target) throws BackupException {
        Path raftDir = data.resolve(DataLayout.LOG);
        Path copy = data.resolve(DataLayout.COPY);
        if (!Files.isDirectory(raftDir) || Files.exists(data.resolve(Restore.MARK))) {
            throw new BackupException("The data directory " + data + " holds no node's data.");
        }
        if (Files.exists(target)) {
            throw new BackupException("There is a file " + target + " already.");
        }
        String origin = ClusterOrigin.of(config, raftDir);
        requireFit(target);
        Path store = data.resolve(DataLayout.STORE);
        if (isMissing(store)) { // to open it would make one
            requireFirstEntry(store, origin);
        }
        // Open to the end: its lock keeps nodes and other backups away.
        try (RocksStore left = open(store)) {
            if (left.applied() == null) {
                requireFirstEntry(store, origin);
            }
            make(left, copy, target, origin);
        } catch (RaftStartException e) {
            throw because(e.getMessage(), e, e.isDamage());
        } catch (StoreException e) {
            throw because(e.getMessage(), e, e.isDamage());
        } catch (UnreadableEntryException e) {
            throw because(e.getMessage() + " With raft.skip-entry a backup passes over it as a node does.", e, false);
        } catch (UnknownFormatException e) {
            throw because(e.getMessage(), e, false);
        } catch (IOException | UncheckedIOException e) {
            throw because(
                    "It could not be written: " + e + ". Look for free space there, and the permissions.", e, false);
        } catch (RuntimeException e) {
            throw because("it ended with " + e + ", a fault of this program.", e, false);
        }
    }

    private void requireFit(Path target) throws BackupException {
        try {
            DataLayout.requireOutside(data, target);
        } catch (IOException e) {
            throw because("the place for it can't be looked at: " + e + ".", e, false);
        }
    }

    /** What an interrupted install left beside it becomes it. */
    private static boolean isMissing(Path store) throws BackupException {
        if (RocksStore.beside(store).stream().anyMatch(Files::isDirectory)) {
            return false;
        }
        try (Stream<Path> files = Files.list(store)) {
            return files.allMatch(file -> file.getFileName().toString().equals(OF_AN_EMPTY_DISK));
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            throw because("the store can't be looked at: " + e + ".", e, false);
        }
    }

    /** A log whose first entries are purged has a store that they are in. */
    private void requireFirstEntry(Path store, String origin) throws BackupException {
        try {
            long begin = StoppedLog.begin(parts.raft(data.resolve(DataLayout.LOG), origin));
            if (begin > 0) {
                throw because(
                        "The store in " + store + " is not there, or empty, and the log begins with entry " + begin
                                + ": what comes before is in the store only. Is its disk mounted?",
                        null,
                        false);
            }
        } catch (RaftStartException e) {
            throw because(e.getMessage(), e, e.isDamage());
        }
    }

    private static BackupException because(String why, Exception e, boolean damage) {
        String text = "There is no backup: " + why + " Keep this data: it may be all that there is.";
        return damage ? BackupException.damaged(text) : new BackupException(text, e);
    }

    private void make(RocksStore left, Path copy, Path target, String origin)
            throws BackupException, IOException, RaftStartException {
        WorkCopy.delete(copy); // of one that was cut short
        try {
            left.checkpoint(copy);
            Applied applied;
            StoppedLog.Result log;
            try (RocksStore store = open(copy)) {
                log = StoppedNode.catchUp(parts.raft(data.resolve(DataLayout.LOG), origin), store, parts.runtime());
                applied = store.applied();
                requireOnDisk(store, applied);
            }
            if (applied == null) {
                requireAll(log);
                throw new BackupException("The node has nothing yet.");
            }
            write(target, copy, applied, origin);
            requireAll(log);
        } finally {
            Directories.delete(copy);
            Directories.delete(RocksStore.lockFile(copy));
        }
    }

    /** What is closed without room for it would lack what was only in memory, and nobody would be told. */
    private static void requireOnDisk(RocksStore store, Applied applied) throws BackupException {
        store.forceDurable();
        if (applied != null && !applied.equals(store.durable())) {
            throw new BackupException(
                    "There is no backup: the copy of the store finds no room on its disk, which is that"
                            + " of data.dir: free space there and try again.");
        }
    }

    private static void requireAll(StoppedLog.Result log) throws BackupException {
        boolean lacks = log.confirmed() > log.last();
        if (log.damage() != null || lacks) {
            throw BackupException.damaged("A part of the log is in no backup: "
                    + (log.damage() == null ? "it ends with entry " + log.last() : log.damage())
                    + ". What comes behind entry " + log.last() + " can not be had"
                    + (log.written() > log.last() ? "; its files go on to entry " + log.written() + " at least" : "")
                    + (lacks ? "; entries " + (log.last() + 1) + " to " + log.confirmed() + " were confirmed." : "."));
        }
    }

    /** What one of the two stores gives back stays on the disk for the other one: neither tries. Whoever uses it hears of a failure. */
    private RocksStore open(Path directory) {
        return RocksStore.open(parts.store(directory).withFreeWanted(0), BrokerMachine.LEVELS, reason -> {});
    }

    private void write(Path target, Path copy, Applied applied, String origin) throws IOException, BackupException {
        String id = UUID.randomUUID().toString();
        About about = new About(
                ConfigCommand.version(),
                config.cluster().name(),
                origin,
                config.cluster().node(),
                Instant.now());
        Path part = target.resolveSibling(target.getFileName() + ".part");
        try (FileChannel file = create(part);
                OutputStream out = Channels.newOutputStream(file);
                BackupPieces pieces = new BackupPieces(id, about, applied, copy, () -> {})) {
            while (pieces.hasNext()) {
                out.write(pieces.next());
            }
            file.force(true);
        } catch (FileAlreadyExistsException e) { // another run may be at it: nothing tells a leftover from that
            throw new BackupException(
                    "There is a file " + part + " already: another run writes it, or one was cut short."
                            + " In that case delete it and try again.",
                    e);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(part);
            throw e;
        }
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        Directories.sync(target.toAbsolutePath().getParent());
        told.accept("The backup " + id + " of node " + config.cluster().node() + " is in " + target
                + ": all up to entry " + applied.index() + " of term " + applied.term()
                + " of its log, also what it did not know to be confirmed.");
    }

    private static FileChannel create(Path file) throws IOException {
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        Path directory = file.toAbsolutePath().getParent();
        return Files.getFileStore(directory).supportsFileAttributeView("posix")
                ? FileChannel.open(
                        file,
                        options,
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
                : FileChannel.open(file, options);
    }
}
