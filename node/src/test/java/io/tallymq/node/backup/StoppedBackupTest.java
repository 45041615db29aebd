package io.tallymq.node.backup;

import static io.tallymq.node.backup.BackedUpNode.numbers;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tallymq.disk.Directories;
import io.tallymq.node.Node;
import io.tallymq.node.NodeStartException;
import io.tallymq.node.config.ConfigCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a backup of a stopped node makes of data that is not as it should be, and of whoever else is at it. */
class StoppedBackupTest {
    @TempDir
    Path dir;

    private final String peers = BackedUpNode.peers(1);

    /** One that has stopped, with messages each of which has entries of its own. */
    private BackedUpNode stopped(String name, int starts, int from, int to) throws Exception {
        BackedUpNode node = new BackedUpNode(dir.resolve(name), "n1", peers);
        for (int i = 0; i < starts; i++) {
            node.start();
            node.serving();
            if (i == starts - 1) {
                for (int number = from; number < to; number++) {
                    node.publish(number, number + 1);
                }
            }
            node.stop();
        }
        return node;
    }

    private static JsonNode manifest(Path backup) throws IOException {
        String text = Files.readString(backup, StandardCharsets.ISO_8859_1);
        int begin = text.lastIndexOf("{\n  \"product\"");
        return new ObjectMapper().readTree(text.substring(begin, text.lastIndexOf('}') + 1));
    }

    private static List<Path> files(Path below, String part) throws IOException {
        try (Stream<Path> all = Files.walk(below)) {
            return all.filter(f -> f.getFileName().toString().contains(part)).toList();
        }
    }

    @Test
    void theLogOfAnotherLifeIsNotAppliedToTheStore() throws Exception {
        BackedUpNode earlier = stopped("earlier", 1, 0, 40);
        BackedUpNode left = stopped("left", 3, 100, 103);
        Path log = left.data.resolve(DataLayout.LOG);
        Directories.delete(log);
        Files.move(earlier.data.resolve(DataLayout.LOG), log);
        Path backup = dir.resolve("left.tar");
        String said = left.command("--backup", backup);
        assertTrue(said.startsWith("6 The backup"), said);
        assertTrue(said.contains("no cluster can have confirmed both"), said);
        JsonNode its = manifest(backup);
        String last = its.get("index").asLong() + " of term " + its.get("term").asLong();
        assertTrue(said.contains("all up to entry " + last + " of its log"), said);
        assertTrue(its.get("term").asLong() >= 3, said);
        try (BackedUpNode one = new BackedUpNode(dir.resolve("one"), "n1", BackedUpNode.peers(1))) {
            said = one.command("--restore", backup);
            assertTrue(said.startsWith("0 "), said);
            one.start();
            one.serving();
            assertEquals(numbers(100, 103), one.drain());
        }
    }

    @Test
    void anEntryThatNobodyCanReadIsNamedAndCanBePassedOver() throws Exception {
        BackedUpNode left = stopped("left", 1, 0, 3);
        Directories.delete(left.data.resolve(DataLayout.STORE)); // so that all comes of the log
        Path segment = files(left.data, "log_inprogress_").get(0);
        WrittenSegment written = new WrittenSegment(segment);
        long entry = written.append("no batch".getBytes(StandardCharsets.UTF_8));
        Path backup = dir.resolve("left.tar");
        String said = left.command("--backup", backup);
        assertTrue(said.startsWith("3 There is no backup: Entry " + entry + " of the log can't be read"), said);
        assertTrue(said.contains("raft.skip-entry"), said);
        assertTrue(files(dir, "left.tar").isEmpty());
        assertFalse(Files.exists(left.data.resolve(DataLayout.COPY)));
        said = new BackedUpNode(left.data, "n1", peers, "raft.skip-entry=" + entry).command("--backup", backup);
        assertTrue(said.startsWith("0 The backup") && said.contains("up to entry " + entry), said);
    }

    @Test
    void aDamagedStoreIsDamage() throws Exception {
        BackedUpNode left = stopped("left", 1, 0, 3);
        for (Path table : files(left.data.resolve(DataLayout.STORE), ".sst")) {
            byte[] bytes = Files.readAllBytes(table);
            Arrays.fill(bytes, 0, bytes.length / 4, (byte) 0x55);
            Files.write(table, bytes);
        }
        String said = left.command("--backup", dir.resolve("left.tar"));
        assertTrue(said.startsWith("6 ") && said.contains("damaged"), said);
        assertTrue(files(dir, "left.tar").isEmpty());
        assertTrue(files(left.data, "DAMAGED").isEmpty(), "nothing of it is changed");
    }

    @Test
    void whoComesWhileABackupIsMadeIsToldAndTouchesNothingOfIt() throws Exception {
        BackedUpNode left = stopped("left", 1, 0, 3);
        Path copy = left.data.resolve(DataLayout.COPY);
        List<String> said = new ArrayList<>();
        var first = (ConfigCommand.Backup)
                left.outcome(System.err, "--backup", dir.resolve("first.tar").toString());
        new StoppedBackup(first.config(), Node.parts(first.config()), line -> {
                    try {
                        said.add(left.command("--backup", dir.resolve("second.tar")));
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                    said.add(String.valueOf(Files.exists(copy)));
                    said.add(String.valueOf(
                            assertThrows(NodeStartException.class, left::start).getMessage()));
                })
                .to(first.file());
        left.stop();
        assertTrue(said.get(0).startsWith("3 ") && said.get(0).contains("is in use"), said.toString());
        assertEquals("true", said.get(1), "the first one's copy");
        assertTrue(said.get(2).contains("is in use"), said.toString());
        assertFalse(Files.exists(copy));
        left.start();
        String beside = left.command("--backup", dir.resolve("second.tar"));
        assertTrue(beside.startsWith("3 ") && beside.contains("is in use"), beside);
        assertEquals(numbers(0, 3), left.serving().drain());
        left.close();
    }

    /** A name as an operator gives it, also in a directory of a name that the backup has for itself. */
    @Test
    void earlierBackupsInTheDataDirectoryStay() throws Exception {
        BackedUpNode left = stopped("left", 1, 0, 3);
        Path kept = Files.createDirectory(left.data.resolve("backup"));
        Path earlier = Files.writeString(kept.resolve("earlier.tar"), "of last week");
        String said = left.command("--backup", kept.resolve("left.tar"));
        assertTrue(said.startsWith("0 The backup"), said);
        assertEquals("of last week", Files.readString(earlier));
        assertTrue(Files.size(kept.resolve("left.tar")) > 0);
    }

    @Test
    void aBackupIsNotWrittenWhereTheNodeDeletes() throws Exception {
        BackedUpNode left = stopped("left", 1, 0, 3);
        Path link = Files.createSymbolicLink(dir.resolve("link"), left.data);
        for (String place : List.of("log/left.tar", "store/left.tar", "store.incoming", DataLayout.COPY)) {
            String said = left.command("--backup", link.resolve(place));
            assertTrue(said.startsWith("3 A backup can't be at "), said);
            assertTrue(files(left.data, "left.tar").isEmpty());
        }
    }

    @Test
    void ofTheCopyOnlyWhatABackupLeftThereIsDeleted() throws Exception {
        BackedUpNode left = stopped("left", 1, 0, 3);
        Path copy = Files.createDirectory(left.data.resolve(DataLayout.COPY));
        Files.writeString(copy.resolve("CURRENT"), "of one that was cut short");
        Path theirs = Files.writeString(copy.resolve("earlier.tar"), "of last week");
        String said = left.command("--backup", dir.resolve("left.tar"));
        assertTrue(said.startsWith("3 There is " + theirs), said);
        assertEquals(2, files(copy, "").size() - 1, "both are there");
        Files.delete(theirs);
        said = left.command("--backup", dir.resolve("left.tar"));
        assertTrue(said.startsWith("0 The backup"), said);
        assertFalse(Files.exists(copy));
    }

    /** As on a machine that did not mount the store's disk. */
    @Test
    void aStoreThatIsNotThereIsToldAndNoneIsMade() throws Exception {
        BackedUpNode left = stopped("left", 1, 0, 3);
        Path store = left.data.resolve(DataLayout.STORE);
        Path elsewhere = Files.move(store, dir.resolve("elsewhere"));
        Path segment = files(left.data, "log_inprogress_").get(0);
        Files.move(segment, segment.resolveSibling("log_inprogress_2")); // as if what the store has was purged
        for (boolean mountPoint : new boolean[] {false, true}) {
            if (mountPoint) {
                Files.createDirectory(store);
            }
            String said = left.command("--backup", dir.resolve("left.tar"));
            assertTrue(said.startsWith("3 There is no backup: The store in " + store + " is not there"), said);
            assertTrue(said.contains("begins with entry 2") && said.contains("mounted"), said);
            assertEquals(mountPoint, Files.exists(store));
            assertTrue(files(dir, "left.tar").isEmpty());
        }
        assertEquals(1, files(store, "").size(), "the mount point");
        Files.delete(store);
        Files.move(elsewhere, store);
        Files.move(segment.resolveSibling("log_inprogress_2"), segment);
        String said = left.command("--backup", dir.resolve("left.tar"));
        assertTrue(said.startsWith("0 The backup"), said);
    }
}
