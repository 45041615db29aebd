package org.apache.ratis.util;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.ratis.StandIns;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileOutputStreamTest {
    @TempDir
    Path dir;

    private File target;
    private File temporary;

    @BeforeEach
    void begin() throws IOException {
        target = dir.resolve("raft-meta").toFile();
        temporary = AtomicFileOutputStream.getTemporaryFile(target);
        Files.writeString(target.toPath(), "term=1");
    }

    private static void write(AtomicFileOutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private String read() throws IOException {
        return Files.readString(target.toPath());
    }

    @Test
    void thisModulesClassIsTheOneInUse() {
        StandIns.assertOurs(AtomicFileOutputStream.class);
    }

    /** Else a loss of power brings the old file back, and a node that voted votes again. */
    @Test
    void theDirectoryIsForcedWhenTheFileIsInItsPlace() throws IOException {
        List<String> forced = new ArrayList<>();
        try (AtomicFileOutputStream out = new AtomicFileOutputStream(target, temporary, directory -> {
            forced.add(directory + " " + read() + " " + temporary.exists());
        })) {
            write(out, "term=2");
            assertEquals("term=1", read());
            assertEquals(List.of(), forced);
        }
        assertEquals(List.of(dir.toAbsolutePath() + " term=2 false"), forced);
    }

    @Test
    void whatCanNotBeForcedIsNotWritten() throws IOException {
        AtomicFileOutputStream out = new AtomicFileOutputStream(target, temporary, directory -> {
            throw new IOException("on purpose");
        });
        write(out, "term=2");
        assertThrows(IOException.class, out::close);
        assertTrue(out.isClosed());
        out.close();
    }

    @Test
    void whatIsAbortedLeavesTheOldFile() throws IOException {
        AtomicFileOutputStream out = new AtomicFileOutputStream(target);
        write(out, "term=2");
        assertTrue(temporary.exists());
        out.abort();
        out.close();
        assertEquals("term=1", read());
        assertFalse(temporary.exists());
    }

    @Test
    void whatIsClosedReplacesTheOldFile() throws IOException {
        try (AtomicFileOutputStream out = new AtomicFileOutputStream(target)) {
            write(out, "term=2");
        }
        assertEquals("term=2", read());
        assertFalse(temporary.exists());
    }
}
