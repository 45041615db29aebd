package io.tallymq.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreeSpaceTest {
    @TempDir
    Path dir;

    @Test
    void aDirectoryThatIsMadeLaterIsFoundThen() throws Exception {
        Path later = dir.resolve("later");
        FreeSpace space = new FreeSpace(later);
        assertEquals(FreeSpace.UNKNOWN, space.getAsLong());
        Files.createDirectory(later);
        assertTrue(space.getAsLong() > 0);
    }
}
