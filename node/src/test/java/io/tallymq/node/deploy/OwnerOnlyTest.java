package io.tallymq.node.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages and hashes of passwords are on a node's disk. */
class OwnerOnlyTest {
    @TempDir
    Path dir;

    @Test
    void nobodyElseGetsToWhatANodeWritesWhateverTheUmask() throws Exception {
        try (NodeProcess node = new NodeProcess(dir, "umask 022").awaitStart()) {
            assertEquals(
                    "rwx------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("data"))),
                    node::output);
        }
    }
}
