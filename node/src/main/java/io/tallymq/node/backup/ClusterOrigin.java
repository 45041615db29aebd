package io.tallymq.node.backup;

import io.tallymq.node.config.NodeConfig;
import io.tallymq.node.config.Peer;
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

    /** That of a cluster with these nodes that is restored from this backup: the same on each of its nodes, another one for other nodes. */
    static String ofRestored(NodeConfig config, BackupManifest backup) {
        if (config.cluster().origin() != null) {
            return config.cluster().origin();
        }
        StringBuilder all = new StringBuilder(backup.id());
        all.append('\n').append(config.cluster().name());
        config.cluster().peers().stream().map(Peer::toString).sorted().forEach(peer -> all.append('\n')
                .append(peer));
        byte[] hash = BackupPieces.sha256().digest(all.toString().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash).substring(0, DIGITS);
    }
}
