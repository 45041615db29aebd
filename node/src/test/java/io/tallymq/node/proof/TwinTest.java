package io.tallymq.node.proof;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The lines that the twins and other nodes of deploy/prove receipts exchange are still there, and what comes of it compiles. */
class TwinTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource
    void itIsMade(Twin twin) throws Exception {
        compiles(twin.agent(Path.of(".."), directory));
    }

    @Test
    void andTheNodesThatForgetProducersSoon() throws Exception {
        compiles(ShortRetention.agent(Path.of(".."), directory));
    }

    private static void compiles(String option) throws Exception {
        Path classes = Path.of(option.substring(option.indexOf('=') + 1));
        try (var files = Files.walk(classes)) {
            assertTrue(files.anyMatch(f -> f.toString().endsWith(".class")), option);
        }
    }
}
