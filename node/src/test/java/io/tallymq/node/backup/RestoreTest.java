package io.tallymq.node.backup;

import static io.tallymq.node.backup.BackedUpNode.numbers;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.disk.Directories;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a restore finds where it is not as it should be: in the directory, and on the clock. */
class RestoreTest {
    /** To the second, and what is behind that. */
    private static final Pattern TIME = Pattern.compile("(\"time\" : \")(.{19})");

    @TempDir
    Path dir;

    /** The same, as if it were made so long from now; no sum is of that, and it is as long. */
    private Path madeIn(Path backup, Duration wait) throws IOException {
        Matcher time = TIME.matcher(Files.readString(backup, StandardCharsets.ISO_8859_1));
        String then = Instant.now().plus(wait).toString().substring(0, 19);
        return Files.writeString(
                dir.resolve("made in " + wait + ".tar"), time.replaceFirst("$1" + then), StandardCharsets.ISO_8859_1);
    }

    private static long term(BackedUpNode node) throws IOException {
        try (Stream<Path> files = Files.walk(node.data)) {
            Path meta = files.filter(f -> f.endsWith("raft-meta")).findFirst().orElseThrow();
            return Long.parseLong(Files.readString(meta).replaceAll("(?s).*term=([0-9]+).*", "$1"));
        }
    }

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

    /** Two tries with such a clock could begin in the same term, and what one has written be taken for the other's. */
    @Test
    void nothingIsRestoredByAClockThatIsFarBehindTheBackups() throws Exception {
        Path backup = dir.resolve("backup.tar");
        try (BackedUpNode old = new BackedUpNode(dir.resolve("old"), "n1", BackedUpNode.peers(1))) {
            old.start();
            old.serving();
            old.backup(backup);
        }
        BackedUpNode empty = new BackedUpNode(dir.resolve("new"), "n1", BackedUpNode.peers(1));
        String said = empty.command("--restore", madeIn(backup, Duration.ofHours(1)));
        assertTrue(said.startsWith("3 ") && said.contains("Set this clock"), said);
        assertFalse(Files.exists(empty.data.resolve(DataLayout.STORE)));
        Path little = madeIn(backup, Duration.ofMinutes(5));
        BackedUpNode again = new BackedUpNode(dir.resolve("again"), "n1", BackedUpNode.peers(1));
        assertTrue(empty.command("--restore", little).startsWith("0 "));
        long now = System.currentTimeMillis();
        while (System.currentTimeMillis() <= now) {
            Thread.onSpinWait();
        }
        assertTrue(again.command("--restore", little).startsWith("0 "));
        assertTrue(term(empty) < term(again), term(empty) + " " + term(again));
    }
}
