package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir
    Path dir;

    private static String refused(Path directory) {
        return assertThrows(NodeStartException.class, () -> DataDirectory.prepare(directory))
                .getMessage();
    }

    /** Without permissions; root may read it nevertheless, so a test run by root proves nothing here. */
    private static void close(Path path) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("---------"));
        assumeFalse(Files.isReadable(path), "root may read everything");
    }

    @Test
    void itIsMade() throws Exception {
        Path data = dir.resolve("a").resolve("b");
        DataDirectory.prepare(data);
        DataDirectory.prepare(data);
        assertTrue(Files.isDirectory(data));
    }

    @Test
    void nobodyElseGetsIntoIt() throws Exception {
        Path data = dir.resolve("a").resolve("b");
        DataDirectory.prepare(data);
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(data)));
    }

    /** Who made it may have meant it so. */
    @Test
    void oneThatIsThereStaysAsItIs() throws Exception {
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-x---"));
        DataDirectory.prepare(dir);
        assertEquals("rwxr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(dir)));
    }

    @Test
    void aFileInItsPlaceIsNamed() throws Exception {
        Path file = Files.createFile(dir.resolve("file"));
        assertTrue(refused(file).contains(file + " is a file. Set data.dir to a directory."), refused(file));
        String below = refused(file.resolve("data"));
        assertTrue(below.contains("can't be used") || below.contains("can't be made"), below);
    }

    @Test
    void whatMayNotBeReadIsNamedWithWhatToDo() throws Exception {
        Path store = Files.createDirectories(dir.resolve("store"));
        Path closed = Files.createFile(store.resolve("CURRENT"));
        close(closed);
        String text = refused(dir);
        assertTrue(text.contains("may not read and write " + closed), text);
        assertTrue(text.contains("chown -R " + System.getProperty("user.name") + " " + dir), text);
        assertTrue(!text.contains("move"), text);
    }

    @Test
    void aVolumesLostAndFoundIsNobodysConcern() throws Exception {
        close(Files.createDirectories(dir.resolve("log").resolve("lost+found")));
        DataDirectory.prepare(dir);
    }
}
