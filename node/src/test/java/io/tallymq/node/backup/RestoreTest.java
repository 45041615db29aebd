package io.tallymq.node.backup;

import static io.tallymq.node.backup.BackedUpNode.numbers;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.disk.Directories;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a restore finds where it is not as it should be: in the directory, and on the clock. */
class RestoreTest {
    @TempDir
    Path dir;

    @Test
    void ofADirectoryWithTheNameOfARestoreOnlyWhatARestoreLeftIsDeleted() throws Exception {
        Path backup = dir.resolve("backup.tar");
        try (BackedUpNode node = new BackedUpNode(dir.resolve("node"), "n1", BackedUpNode.peers(1))) {
            node.start();
            node.serving();
            node.publish(0, 3);
            node.backup(backup);
            node.stop();
            Path mark = Files.createDirectory(node.data.resolve(Restore.MARK));
            String said = node.command("--restore", backup);
            assertTrue(said.startsWith("3 ") && said.contains("holds a node's data"), said);
            Path theirs = Files.copy(backup, mark.resolve("mine.tar"));
            said = node.command("--restore", theirs);
            assertTrue(said.startsWith("3 A backup can't be at "), said);
            said = node.command("--restore", backup);
            assertTrue(said.startsWith("3 There is " + theirs), said);
            assertEquals(Files.size(backup), Files.size(theirs));
            Directories.delete(mark);
            node.start();
            assertEquals(numbers(0, 3), node.serving().drain());
        }
    }
}
