package io.tallymq.node;

import io.tallymq.node.backup.BackupException;
import io.tallymq.node.backup.Restore;
import io.tallymq.node.backup.StoppedBackup;
import io.tallymq.node.config.ConfigCommand;
import io.tallymq.node.config.NodeConfig;
import io.tallymq.node.config.value.LogFormat;
import io.tallymq.node.config.value.LogLevel;
import io.tallymq.node.logging.LogSetup;

/** What is done with a node's data while no node runs on it: tallymq --backup, tallymq --restore. */
final class DataCommands {
    private DataCommands() {}

    /** Does it, and tells it. Returns the exit code. */
    static int run(ConfigCommand.Outcome outcome) {
        try {
            if (outcome instanceof ConfigCommand.Restoring restoring) {
                prepare(restoring.config());
                new Restore(restoring.config(), Node.parts(restoring.config()), System.out::println)
                        .from(restoring.backup());
            } else if (outcome instanceof ConfigCommand.Backup backup) {
                prepare(backup.config());
                new StoppedBackup(backup.config(), Node.parts(backup.config()), System.out::println).to(backup.file());
            }
            return 0;
        } catch (BackupException e) {
            System.err.println("tallymq: " + e.getMessage());
            return e.isDamage() ? Main.EXIT_DAMAGE : Main.EXIT_START;
        } catch (NodeStartException e) {
            System.err.println("tallymq: " + e.getMessage());
            return Main.EXIT_START;
        }
    }

    /** Only what goes wrong is logged: the rest is told. */
    private static void prepare(NodeConfig config) {
        LogSetup.apply(LogLevel.WARN, LogFormat.TEXT, config.cluster().node());
    }
}
