package io.tallymq.node.backup;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.store.MessageStore.Applied;
import io.tallymq.disk.Directories;
import io.tallymq.node.config.ComponentConfigs;
import io.tallymq.node.config.NodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.log.files.RestoredLog;
import io.tallymq.raft.log.link.RunningNodes;
import io.tallymq.store.RocksStore;
import io.tallymq.store.StoreException;
import io.tallymq.store.StoredCopy;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Fills an empty data directory from a backup. All of the backup is compared with its checksums before anything is in the place of a node's
 * data; until that is done, a directory {@value #MARK} keeps the node from starting on the half of it.
 */
public final class Restore {
    /** Below the data directory, while one is under way. */
    public static final String MARK = "restoring";

    /** What the clocks of two machines may differ by. */
    private static final Duration MOST_BEHIND = Duration.ofMinutes(10);

    private final NodeConfig config;
    private final ComponentConfigs parts;
    private final Path data;
    private final Path work;
    private final Path copy;
    private final Path log;
    private final Path store;
    private final Consumer<String> told;

    /** @param told lines for who restores */
    public Restore(NodeConfig config, ComponentConfigs parts, Consumer<String> told) {
        this.config = config;
        this.parts = parts;
        this.data = config.storage().dataDir();
        this.work = data.resolve(MARK);
        this.copy = work.resolve(DataLayout.STORE);
        this.log = data.resolve(DataLayout.LOG);
        this.store = data.resolve(DataLayout.STORE);
        this.told = told;
    }

    /**
     * Restores; the node is started afterwards.
     *
     * @param backup an archive, or a directory into which one was unpacked
     * @throws BackupException nothing was restored: the backup is damaged or none, the directory is not empty
     */
    public void from(Path backup) throws BackupException {
        try {
            makeRoom(backup);
        } catch (IOException e) {
            throw new BackupException("The data directory " + data + " can't be used: " + e + ".", e);
        }
        boolean done = false;
        try {
            restore(backup);
            done = true;
        } catch (NoSuchFileException e) {
            throw new BackupException("There is no " + e.getFile() + ".", e);
        } catch (IOException | StoreException | RaftStartException e) {
            throw new BackupException("The backup " + backup + " could not be restored to " + data + ": " + e, e);
        } finally {
            if (!done) {
                undo();
            }
        }
    }

    /** What is in the directory afterwards is of this restore. */
    private void makeRoom(Path backup) throws IOException, BackupException {
        PrivateDirectory.make(data);
        DataLayout.requireOutside(data, backup);
        DataLayout.requireOutside(data, backup.resolve(BackupPieces.STORE));
        if (Files.exists(work)) { // of one that was interrupted: nothing of it was ever used
            requireOurs();
            undo();
        }
        if (Files.exists(log) || Files.exists(store)) {
            throw new BackupException("The data directory " + data + " holds a node's data already: a backup is"
                    + " restored into an empty one. Move it away, or set data.dir to another directory.");
        }
        requireRoom(backup);
        Files.createDirectories(work);
    }

    /** Beside a mark that somebody else made, log and store may be a node's. */
    private void requireOurs() throws IOException, BackupException {
        try (Stream<Path> parts = Files.list(work)) {
            for (Path part : (Iterable<Path>) parts::iterator) {
                if (!part.equals(copy)) {
                    throw WorkCopy.foreign(work, part);
                }
            }
        }
        WorkCopy.requireOurs(copy);
        if (RestoredLog.hasEntries(log)) {
            throw new BackupException("The data directory " + data + " holds a node's data, and " + work
                    + " beside it, which no restore left. Move both away, or set data.dir to another directory.");
        }
    }

    private void restore(Path backup) throws IOException, BackupException, RaftStartException {
        Files.createDirectories(copy);
        BackupManifest manifest;
        try {
            manifest = BackupReading.into(backup, copy);
        } catch (BackupException e) {
            String text = "The backup " + backup + " is not restored: " + e.getMessage() + ".";
            throw e.isDamage() ? BackupException.damaged(text) : new BackupException(text, e);
        }
        requireClock(backup, manifest);
        Applied applied = new StoredCopy(copy, BrokerMachine.LEVELS).inspect().applied();
        if (!applied.equals(manifest.applied())) {
            throw BackupException.damaged("The backup " + backup + " is not restored: its store ends with " + applied
                    + ", and its " + BackupManifest.FILE + " says " + manifest.applied() + ".");
        }
        String origin = ClusterOrigin.ofRestored(config, manifest);
        RaftNodeConfig its = parts.raft(log, origin);
        requireNoneRuns(its, origin);
        new StoredCopy(copy, BrokerMachine.LEVELS).verify(); // reads all of it
        RocksStore.install(parts.store(store), copy);
        RestoredLog.prepare(its, term(manifest));
        Directories.delete(work);
        sync(data);
        tell(manifest, origin);
    }

    /** A node of a cluster that has run since its restore may have acked to the others what a second restore would make it forget. */
    private void requireNoneRuns(RaftNodeConfig its, String origin) throws IOException, BackupException {
        List<String> running = RunningNodes.of(its.withTls(parts.nodesTls()));
        if (!running.isEmpty()) {
            throw new BackupException("Nothing is restored: the cluster "
                    + config.cluster().name()
                    + " with the origin " + origin + ", which was restored from this backup before, runs already (node "
                    + String.join(", ", running) + "), and a node that forgets what it has confirmed there could lose"
                    + " messages. If this one has no data any more, or was not restored before the others were started:"
                    + " start it with an empty data.dir and cluster.origin = " + origin
                    + ", and it gets a copy from them. If all of it is to be restored once more: stop all nodes of that"
                    + " cluster and move their data away first, or give the new one another cluster.name.");
        }
    }

    /**
     * Behind all terms of the cluster of which the backup is, and of one that was restored from it before: else entries of that one could be
     * taken for this one's. There were fewer elections since then than milliseconds. It grows also while the clock is {@link #MOST_BEHIND} that of
     * the backup at most.
     */
    private static long term(BackupManifest manifest) {
        return manifest.applied().term() + MOST_BEHIND.plus(since(manifest)).toMillis();
    }

    private static Duration since(BackupManifest manifest) {
        return Duration.between(manifest.about().time(), Instant.now());
    }

    /** Further behind each try would begin in the same term, or each in an earlier one than the one before. */
    private static void requireClock(Path backup, BackupManifest manifest) throws BackupException {
        if (MOST_BEHIND.plus(since(manifest)).isNegative()) {
            throw new BackupException("The backup " + backup + " is not restored: it was made at "
                    + manifest.about().time() + " by its node's clock, and by this machine's it is " + Instant.now()
                    + ", more than " + MOST_BEHIND.toMinutes() + " minutes earlier. Set this clock. If that one was"
                    + " wrong: unpack the backup, correct \"time\" in its " + BackupManifest.FILE
                    + ", and restore the directory.");
        }
    }

    private void tell(BackupManifest manifest, String origin) {
        NodeConfig.Cluster cluster = config.cluster();
        told.accept("Restored from the backup " + manifest.id() + " of cluster "
                + manifest.about().cluster() + ", made at "
                + manifest.about().time() + " by node " + manifest.about().node() + ": all up to entry "
                + manifest.applied().index() + ".");
        told.accept("This is node " + cluster.node() + " of the new cluster " + cluster.name() + " with the origin "
                + origin + ".");
        if (cluster.peers().size() > 1) {
            told.accept(
                    "Restore the same backup on all of its nodes, with the same cluster.peers, then start them. A node that"
                            + " joins later with an empty data.dir needs cluster.origin = " + origin + ".");
        } else {
            told.accept("Start it.");
        }
    }

    private void requireRoom(Path backup) throws IOException, BackupException {
        if (!Files.isRegularFile(backup)) {
            return; // of a directory it is found out
        }
        long needed = Files.size(backup) + config.startRoom();
        long free = Files.getFileStore(data).getUsableSpace();
        if (free < needed) {
            throw new BackupException("The disk of the data directory " + data + " has " + free
                    + " bytes free, the backup and a start need " + needed + ".");
        }
    }

    /** The mark goes last. */
    private void undo() {
        Directories.delete(store);
        RocksStore.beside(store).forEach(Directories::delete);
        Directories.delete(log);
        Directories.delete(work);
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
