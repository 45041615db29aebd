package io.tallymq.node.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node whose data is damaged ends with a code of its own, so that nobody starts it for ever. */
class DamagedNodeTest {
    private static final int DAMAGED = 6;

    @TempDir
    Path dir;

    @Test
    void eachKindOfDamageEndsTheStartWithItsOwnCode() throws Exception {
        Path data = dir.resolve("data");
        try (NodeProcess node = new NodeProcess(dir, "").awaitStart()) {
            node.kill();
        }
        Path mark = data.resolve("store").resolve("DAMAGED");
        Files.writeString(mark, "The store was read by a test.\n");
        assertRefused("Found when this node ran last: The store was read by a test.");
        Files.delete(mark);
        Path meta = only(data.resolve("log"), "raft-meta");
        byte[] before = Files.readAllBytes(meta);
        Files.writeString(meta, "nothing of use\n");
        assertRefused("The file " + meta + " is damaged");
        Files.write(meta, before);
        Path current = data.resolve("store").resolve("CURRENT");
        Files.delete(current);
        Files.writeString(data.resolve("store").resolve("000009.sst"), "a table");
        assertRefused("the file CURRENT is missing");
    }

    private void assertRefused(String text) throws Exception {
        try (NodeProcess node = new NodeProcess(dir, "")) {
            assertEquals(DAMAGED, node.exitCode(), node.output());
            assertTrue(node.output().contains(text), node.output());
        }
    }

    private static Path only(Path below, String name) throws Exception {
        try (Stream<Path> all = Files.walk(below)) {
            List<Path> found =
                    all.filter(p -> p.getFileName().toString().equals(name)).toList();
            assertEquals(1, found.size(), found.toString());
            return found.get(0);
        }
    }

    @Test
    void systemdLeavesItStopped() throws Exception {
        List<String> unit = Files.readAllLines(Path.of("../deploy/tallymq.service"));
        assertTrue(unit.contains("Restart=on-failure"));
        assertTrue(unit.contains("RestartPreventExitStatus=2 " + DAMAGED));
        assertTrue(unit.contains("SuccessExitStatus=143"), "a node that was stopped has not failed");
    }
}
