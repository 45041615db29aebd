package io.tallymq.node.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code deploy/tally} with the jars of the last build, if there are any. */
class TallyLauncherTest {
    @Test
    void theCommandLineStarts() {
        assumeTrue(Files.isDirectory(Path.of("target", "lib")), "nothing is built");
        Script version = Script.run(Map.of(), "tally", "--version");
        assumeTrue(
                !version.output().contains("ClassNotFoundException"), "what is built is older than the command line");
        assertEquals(0, version.exitCode(), version.output());
        assertTrue(version.output().startsWith("tally "), version.output());
        assertEquals(2, Script.run(Map.of(), "tally", "no-such-command").exitCode());
    }
}
