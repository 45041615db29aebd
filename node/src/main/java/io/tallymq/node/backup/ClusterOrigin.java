package io.tallymq.node.backup;

import io.tallymq.node.config.NodeConfig;
import io.tallymq.node.config.value.Peer;
import io.tallymq.raft.log.files.RestoredLog;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Which cluster of its name a cluster is: one that was founded has no origin, one that was restored has that of its restore. Nodes of different
 * origins refuse each other, so that a cluster and another one that was restored from its backup never take each other for one.
 */
public final class ClusterOrigin {
    /** Of a hash: as much as nobody hits by chance. */
    private static final int DIGITS = 16;

    private ClusterOrigin() {}

    /**
     * That of a node: its directory's, or the configured one if it has none yet.
     *
     * @return "" for a cluster that was founded
     * @throws BackupException the directory says another one than the configuration
     */
    public static String of(NodeConfig config, Path logDirectory) throws BackupException {
        String configured = config.cluster().origin();
        String found = RestoredLog.originIn(logDirectory);
        if (found != null && configured != null && !found.equals(configured)) {
            throw new BackupException("The data in " + logDirectory.getParent() + " belongs to a cluster "
                    + (found.isEmpty() ? "that was founded, not restored" : "of the origin " + found)
                    + ", and cluster.origin is " + configured
                    + ": correct the configuration or name another directory.");
        }
        return found != null ? found : configured == null ? "" : configured;
    }

    /**
     * That of a cluster with these nodes that is restored from this backup: the same on each of its nodes, another one for other nodes and another backup.
     *
     * @throws BackupException the configuration says another one: of a cluster that was restored from something else, which must not meet this one
     */
    static String ofRestored(NodeConfig config, BackupManifest backup) throws BackupException {
        String computed = computed(config, backup);
        String configured = config.cluster().origin();
        if (configured != null && !configured.equals(computed)) {
            throw new BackupException("Nothing is restored: cluster.origin is " + configured + ", and a cluster "
                    + config.cluster().name()
                    + " of these cluster.peers that is restored from this backup has the origin "
                    + computed + ". To restore it: take cluster.origin out of the configuration, or set it to that. To"
                    + " join the cluster of the origin " + configured
                    + ": restore nothing, start this node with an empty data.dir.");
        }
        return computed;
    }

    private static String computed(NodeConfig config, BackupManifest backup) {
        StringBuilder all = new StringBuilder(backup.id());
        all.append('\n').append(config.cluster().name());
        config.cluster().peers().stream().map(Peer::toString).sorted().forEach(peer -> all.append('\n')
                .append(peer));
        byte[] hash = BackupPieces.sha256().digest(all.toString().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash).substring(0, DIGITS);
    }
}
