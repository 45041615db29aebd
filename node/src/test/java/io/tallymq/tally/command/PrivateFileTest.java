package io.tallymq.tally.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file is there whole or not at all, whoever writes the same one meanwhile. */
class PrivateFileTest {
    @TempDir
    Path dir;

    private static void say(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void twoAtOnceWriteFilesOfTheirOwn() throws IOException {
        Path file = dir.resolve("backup.tar");
        PrivateFile.write(file, out -> {
            say(out, "all of ");
            PrivateFile.write(file, other -> {
                say(other, "another");
                return other;
            });
            assertEquals("another", Files.readString(file));
            say(out, "one");
            return out;
        });
        assertEquals("all of one", Files.readString(file));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals(List.of("backup.tar"), List.of(dir.toFile().list()));
    }

    @Test
    void whatFailsLeavesNothing() {
        assertThrows(
                IOException.class,
                () -> PrivateFile.write(dir.resolve("backup.tar"), out -> {
                    say(out, "half");
                    throw new IOException("no more");
                }));
        assertEquals(0, dir.toFile().list().length);
    }
}
