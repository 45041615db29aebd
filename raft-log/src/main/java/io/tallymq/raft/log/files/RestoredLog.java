package io.tallymq.raft.log.files;

import io.tallymq.disk.Directories;
import io.tallymq.raft.log.config.ClusterName;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.log.ratis.RatisSettings;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * The log's directory of a node whose store comes from a backup: empty, but it says whose it is, and the term from which on the cluster elects.
 * Whose it is has the restore in it, see {@link ClusterName}.
 */
public final class RestoredLog {
    private RestoredLog() {}

    /**
     * The origin of the cluster whose log is in a directory, "" of one that was founded; null if there is none, or nothing can be read: a start
     * finds out.
     */
    public static String originIn(Path raftDir) {
        Path file = raftDir.resolve(NodeIdentity.FILE);
        Properties p = new Properties();
        try {
            if (!Files.exists(file)) {
                return null;
            }
            p.load(new StringReader(Files.readString(file)));
        } catch (IOException | IllegalArgumentException e) {
            return null;
        }
        String cluster = p.getProperty("cluster");
        return cluster == null ? null : ClusterName.originOf(cluster);
    }

    /** Whether a node has written to the log in a directory: one that was only prepared has no files of entries. */
    public static boolean hasEntries(Path raftDir) throws IOException {
        if (!Files.exists(raftDir)) {
            return false;
        }
        try (Stream<Path> files = Files.walk(raftDir)) {
            return files.anyMatch(file -> SegmentFile.name(file) != null);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Prepares the directory, durably. Elections go on from a term that is not below the backup's, so that none of its entries is newer than one of the
     * new cluster's.
     *
     * @param config with the new cluster's name, see {@link ClusterName#of}
     * @param term that of the last entry that the store holds, or a later one
     * @throws RaftStartException the directory is not empty or can't be written
     */
    public static void prepare(RaftNodeConfig config, long term) throws RaftStartException {
        NodeIdentity identity = NodeIdentity.claim(config.raftDir(), config.clusterName(), config.self());
        if (!identity.isNew()) {
            throw new RaftStartException("The directory " + config.raftDir() + " holds a log already: empty it first.");
        }
        Path dir = RatisSettings.logDir(config);
        try {
            Files.createDirectories(dir);
            try (FileChannel out = FileChannel.open(
                    dir.resolve(RaftMetaFiles.META), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                out.write(StandardCharsets.UTF_8.encode("term=" + term + "\nvotedFor=\n"));
                out.force(true);
            }
            for (Path each = dir; each.startsWith(config.raftDir()); each = each.getParent()) {
                Directories.sync(each);
            }
        } catch (IOException e) {
            throw new RaftStartException(
                    "The directory " + dir + " can not be written: " + e.getMessage() + ". Check its permissions.", e);
        }
    }
}
