package io.tallymq.raft.log.files;

import io.tallymq.disk.Directories;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftStartException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose directory this is, in a small file: it keeps a node from starting on the data of another node, another cluster or a newer
 * version, and counts the starts, so that each of them has a number of its own. A node is known by its id; its name stands there for
 * people, and is written anew when it was changed.
 *
 * @param isNew the directory was empty before this start
 * @param starts starts on this directory so far, this one included
 */
public record NodeIdentity(boolean isNew, long starts) {
    private static final Logger LOG = LoggerFactory.getLogger(NodeIdentity.class);

    static final String FILE = "node.properties";

    /** What an interrupted start leaves, and what a new file system has. */
    private static final Set<String> IGNORED = Set.of(FILE + ".tmp", "lost+found");

    /** Of the directory's layout; a higher one is refused. */
    static final int FORMAT = 1;

    /** Whether no node has claimed the directory yet, so that there is no log in it. */
    public static boolean isUnclaimed(Path dir) {
        return !Files.exists(dir.resolve(FILE));
    }

    /**
     * Checks the directory, claims it if it is new, and counts this start durably: when this returns, no later start has its number.
     *
     * @param cluster what nodes compare, see {@link io.tallymq.raft.log.config.ClusterName}
     * @throws RaftStartException it is another node's, another cluster's or a newer version's, or can't be written
     */
    public static NodeIdentity claim(Path dir, String cluster, RaftNodeConfig.Peer node) throws RaftStartException {
        Path file = dir.resolve(FILE);
        try {
            Files.createDirectories(dir);
            if (Files.exists(file)) {
                long starts = check(file, cluster, node) + 1;
                write(file, cluster, node, starts);
                return new NodeIdentity(false, starts);
            }
            try (Stream<Path> content = Files.list(dir)) {
                if (content.anyMatch(p -> !IGNORED.contains(p.getFileName().toString()))) {
                    throw new RaftStartException("The directory " + dir + " is not empty and has no " + FILE
                            + ": it is not a TallyMQ log. Name another directory or empty this one.");
                }
            }
            write(file, cluster, node, 1);
            return new NodeIdentity(true, 1);
        } catch (IOException e) {
            throw new RaftStartException(
                    "The directory " + dir + " can not be used: " + e.getMessage()
                            + ". Check that it exists and may be written.",
                    e);
        }
    }

    /** Returns how often the node was started before. */
    private static long check(Path file, String cluster, RaftNodeConfig.Peer node)
            throws IOException, RaftStartException {
        Properties p = new Properties();
        int format;
        long starts;
        try {
            p.load(new StringReader(new String(Files.readAllBytes(file), StandardCharsets.UTF_8)));
            format = Integer.parseInt(p.getProperty("format", ""));
            starts = format > FORMAT ? 0 : Long.parseLong(p.getProperty("starts", ""));
        } catch (IllegalArgumentException e) { // no number, or no list of values
            throw RaftStartException.damage("The file " + file
                    + " is damaged: it names no format, or not how often the node was started. Restore it, or empty"
                    + " the node's data directories so that it fetches everything from the other nodes.");
        }
        if (format > FORMAT) {
            throw new RaftStartException("The data in " + file.getParent() + " was written by a newer version (format "
                    + format + ", this version knows " + FORMAT + "): start the newer version.");
        }
        if (!cluster.equals(p.getProperty("cluster"))) {
            throw new RaftStartException("The data in " + file.getParent() + " belongs to cluster '"
                    + p.getProperty("cluster") + "', this node is configured as one of cluster '" + cluster
                    + "': correct the configuration or name another directory.");
        }
        String id = p.getProperty("id");
        if (!node.id().equals(id)) {
            throw new RaftStartException("The data in " + file.getParent() + " belongs to node '"
                    + p.getProperty("name")
                    + "' with the id '" + id + "', this node is configured as node '" + node.name() + "' with the id '"
                    + node.id() + "': correct the configuration or name another directory. If the node only got another"
                    + " name, write " + node.name() + ":" + id + "@ in place of " + node.name()
                    + "@ in cluster.peers, on all nodes.");
        }
        if (!node.name().equals(p.getProperty("name"))) {
            LOG.info("Node '{}' with the id '{}' is called '{}' now", p.getProperty("name"), id, node.name());
        }
        return starts;
    }

    private static void write(Path file, String cluster, RaftNodeConfig.Peer node, long starts) throws IOException {
        String text = "# Do not edit: says whose data this is.\nformat=" + FORMAT + "\ncluster=" + escape(cluster)
                + "\nid=" + escape(node.id()) + "\nname=" + escape(node.name()) + "\nstarts=" + starts + "\n";
        Path temporary = file.resolveSibling(FILE + ".tmp");
        try (FileChannel out = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            out.write(StandardCharsets.UTF_8.encode(text));
            out.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        Directories.sync(file.getParent());
    }

    private static String escape(String value) {
        return value.replace("\\", "\\\\");
    }
}
