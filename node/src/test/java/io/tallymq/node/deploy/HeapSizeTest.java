package io.tallymq.node.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code deploy/heap-size} makes of the memory of machine and control groups. */
class HeapSizeTest {
    private static final long MIB = 1 << 20;

    @TempDir
    Path root;

    @BeforeEach
    void aMachineWith1536MiB() throws IOException {
        put("proc/meminfo", "MemTotal:        1572864 kB\nMemFree:          102400 kB\n");
    }

    private void put(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private void assertHeapMebibytes(int expected) {
        Script script = Script.run(Map.of(), "heap-size", root.toString());
        assertEquals(expected + "\n", script.output());
        assertEquals(0, script.exitCode());
    }

    @Test
    void aQuarterOfTheMachine() {
        assertHeapMebibytes(384);
    }

    @Test
    void atLeastWhatANodeNeedsAndAtMostWhatItIsGoodFor() throws IOException {
        put("proc/meminfo", "MemTotal:         524288 kB\n");
        assertHeapMebibytes(256);
        put("proc/meminfo", "MemTotal:       67108864 kB\n");
        assertHeapMebibytes(512);
    }

    @Test
    void theContainersLimitOfCgroup2() throws IOException {
        put("proc/self/cgroup", "0::/\n");
        put("sys/fs/cgroup/memory.max", 1300 * MIB + "\n");
        assertHeapMebibytes(325);
    }

    @Test
    void theSmallestLimitOfAServiceAndWhatIsAboveIt() throws IOException {
        put("proc/self/cgroup", "0::/system.slice/tallymq.service\n");
        put("sys/fs/cgroup/system.slice/tallymq.service/memory.max", "max\n");
        put("sys/fs/cgroup/system.slice/memory.max", 1400 * MIB + "\n");
        assertHeapMebibytes(350);
        put("sys/fs/cgroup/system.slice/tallymq.service/memory.max", 1200 * MIB + "\n");
        assertHeapMebibytes(300);
    }

    @Test
    void theContainersLimitOfCgroup1() throws IOException {
        put("proc/self/cgroup", "5:cpu,cpuacct:/docker/1234\n4:memory:/docker/1234\n0::/docker/1234\n");
        put("sys/fs/cgroup/memory/memory.limit_in_bytes", 1200 * MIB + "\n");
        assertHeapMebibytes(300);
    }

    @Test
    void unlimitedIsTheMachines() throws IOException {
        put("proc/self/cgroup", "4:memory:/\n");
        put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        assertHeapMebibytes(384);
    }

    @Test
    void nothingToReadIsNoError() throws IOException {
        Files.delete(root.resolve("proc/meminfo"));
        assertHeapMebibytes(512);
    }
}
