package io.tallymq.raft.log.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.config.LogAmount;
import io.tallymq.raft.log.config.RaftStartException;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.raftlog.segmented.LogSegment;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.apache.ratis.server.raftlog.segmented.SegmentedRaftLogOutputStream;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.SizeInBytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On files that Ratis wrote, and what is left of them is read by Ratis. */
class LogScanTest {
    private static final int MAX = 1 << 20;

    @TempDir
    Path dir;

    private final Random random = new Random(11);
    private final List<Long> found = new ArrayList<>();
    /** Of what the store holds; the log's is 3. */
    private long term = 3;

    /** Writes entries with Ratis' own writer and returns where each one ends in the file. */
    private List<Integer> write(String name, long first, int count, int size, int zeros) throws IOException {
        File file = dir.resolve(name).toFile();
        List<Integer> ends = new ArrayList<>();
        ends.add(8);
        try (SegmentedRaftLogOutputStream out =
                new SegmentedRaftLogOutputStream(file, false, 32 << 20, 0, ByteBuffer.allocateDirect(2 << 20))) {
            for (long i = first; i < first + count; i++) {
                byte[] body = new byte[size];
                random.nextBytes(body);
                out.write(LogEntryProto.newBuilder()
                        .setTerm(3)
                        .setIndex(i)
                        .setStateMachineLogEntry(
                                StateMachineLogEntryProto.newBuilder().setLogData(ByteString.copyFrom(body)))
                        .build());
                out.flush();
                ends.add((int) file.length());
            }
        }
        byte[] bytes = Files.readAllBytes(file.toPath());
        Files.write(file.toPath(), Arrays.copyOf(bytes, bytes.length + zeros));
        return ends;
    }

    private LogScan.Result scan(long committed, long durable) throws RaftStartException {
        return scan(committed, durable, new LogAmount(Long.MAX_VALUE, Long.MAX_VALUE));
    }

    private LogScan.Result scan(long committed, long durable, LogAmount keep) throws RaftStartException {
        found.clear();
        return new LogScan(dir, MAX, committed, durable, term, keep, (index, bytes) -> found.add(index)).run();
    }

    /** What Ratis reads from the file, with the policy that accepts no damage. */
    private List<Long> read(String name) throws IOException {
        Path file = dir.resolve(name);
        if (!Files.exists(file)) {
            return List.of();
        }
        List<Long> indexes = new ArrayList<>();
        LogSegment.readSegmentFile(
                file.toFile(),
                LogSegmentPath.matchLogSegment(file).getStartEnd(),
                SizeInBytes.valueOf(MAX),
                CorruptionPolicy.EXCEPTION,
                null,
                e -> indexes.add(e.getIndex()));
        return indexes;
    }

    private static List<Long> range(long from, long to) {
        List<Long> list = new ArrayList<>();
        for (long i = from; i < to; i++) {
            list.add(i);
        }
        return list;
    }

    @Test
    void everyTruncationPointLeavesTheWholeEntriesBeforeIt() throws Exception {
        String name = "log_inprogress_0";
        List<Integer> ends = write(name, 0, 4, 25, 0);
        byte[] whole = Files.readAllBytes(dir.resolve(name));
        for (int zeros : new int[] {0, 3, 5_000}) {
            for (int length = 0; length <= whole.length; length++) {
                byte[] cut = Arrays.copyOf(Arrays.copyOf(whole, length), length + zeros);
                Files.write(dir.resolve(name), cut);
                int intact = 0;
                while (intact < 4 && ends.get(intact + 1) <= length) {
                    intact++;
                }
                // Zeros may happen to complete what was cut off.
                LogScan.Result result = scan(-1, -1);
                assertTrue(result.last() >= intact - 1 && result.last() <= intact, "cut at " + length);
                assertEquals(range(0, result.last() + 1), read(name), "cut at " + length);
            }
        }
    }

    /** All of it is there, so it was very likely flushed, and confirmed if the others had it. */
    @Test
    void everyFlippedByteOfTheLastEntryIsRefused() throws Exception {
        String name = "log_inprogress_5";
        for (int zeros : new int[] {0, 100}) {
            List<Integer> ends = write(name, 5, 4, 60, zeros);
            byte[] whole = Files.readAllBytes(dir.resolve(name));
            for (int at = ends.get(3); at < ends.get(4); at++) {
                byte[] flipped = whole.clone();
                flipped[at] ^= 0x10;
                Files.write(dir.resolve(name), flipped);
                assertThrows(RaftStartException.class, () -> scan(8, 4));
                RaftStartException e = assertThrows(RaftStartException.class, () -> scan(-1, 4), "flip at " + at);
                assertTrue(e.getMessage().contains("all of it was written"), e.getMessage());
                assertEquals(whole.length, Files.size(dir.resolve(name)));
            }
            Files.delete(dir.resolve(name));
        }
    }

    /** Sectors of the last entry that never reached the disk, whichever they are. */
    @Test
    void aLastEntryThatLacksSectorsIsCutOffUnlessItWasCommitted() throws Exception {
        String name = "log_inprogress_5";
        List<Integer> ends = write(name, 5, 4, 5_000, 0);
        byte[] whole = Files.readAllBytes(dir.resolve(name));
        for (int sector = ends.get(3) / 512 + 1; sector * 512 < whole.length; sector++) {
            byte[] torn = whole.clone();
            Arrays.fill(torn, sector * 512, Math.min(torn.length, sector * 512 + 512), (byte) 0);
            Files.write(dir.resolve(name), torn);
            assertThrows(RaftStartException.class, () -> scan(8, 4));
            assertEquals(7, scan(7, 4).last(), "sector " + sector);
            assertEquals(range(5, 8), read(name), "sector " + sector);
        }
    }

    /** Twelve million bytes that look like the beginning of a record of four million bytes at every ninth place. */
    @Test
    void aBodyThatIsFullOfBeginningsDoesNotKeepTheSearchBusy() throws Exception {
        String name = "log_inprogress_0";
        int most = 4 << 20;
        ByteBuffer body = ByteBuffer.allocate(12_000_000);
        while (body.remaining() >= 9) {
            body.put(varint(most - 20))
                    .put((byte) 0x08)
                    .put((byte) 3)
                    .put((byte) 0x10)
                    .put((byte) 7)
                    .put((byte) 0);
        }
        write(name, 0, 3, 50, 0);
        byte[] sound = Files.readAllBytes(dir.resolve(name));
        ByteBuffer file =
                ByteBuffer.allocate(sound.length + 8 + body.capacity()).put(sound);
        file.put(varint(most - 1))
                .put((byte) 0x08)
                .put((byte) 3)
                .put((byte) 0x10)
                .put((byte) 3)
                .put(body.array());
        Files.write(dir.resolve(name), Arrays.copyOf(file.array(), file.position()));
        assertThrows(
                RaftStartException.class,
                () -> new LogScan(dir, most, -1, -1, 0, new LogAmount(1L << 40, 1L << 40), (index, bytes) -> {}).run());
    }

    private static byte[] varint(int value) {
        byte[] out = new byte[4];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) (value >>> 7 * i & 0x7f | (i < 3 ? 0x80 : 0));
        }
        return out;
    }

    /** The twin of the test before: what has valid entries after it was flushed before them. */
    @Test
    void everyFlippedByteBeforeTheLastEntryIsRefused() throws Exception {
        String name = "log_inprogress_5";
        List<Integer> ends = write(name, 5, 4, 60, 100);
        byte[] whole = Files.readAllBytes(dir.resolve(name));
        for (int at = 0; at < ends.get(3); at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 0x01;
            Files.write(dir.resolve(name), flipped);
            RaftStartException e = assertThrows(RaftStartException.class, () -> scan(-1, 4), "flip at " + at);
            assertTrue(e.getMessage().contains(name) && e.getMessage().contains("at byte "), e.getMessage());
            assertEquals(whole.length, Files.size(dir.resolve(name)));
        }
    }

    @Test
    void aBlockThatWasNeverWrittenIsATornGroupOfEntries() throws Exception {
        String name = "log_inprogress_0";
        List<Integer> ends = write(name, 0, 40, 1_500, 0);
        byte[] whole = Files.readAllBytes(dir.resolve(name));
        byte[] torn = whole.clone();
        Arrays.fill(torn, 5 * 4096, 6 * 4096, (byte) 0);
        Files.write(dir.resolve(name), torn);
        int intact = 0;
        while (ends.get(intact + 1) <= 5 * 4096) {
            intact++;
        }
        assertThrows(RaftStartException.class, () -> scan(20, -1));
        LogScan.Result result = scan(intact - 1, -1);
        assertEquals(intact - 1, result.last());
        assertTrue(result.cutBytes() > 0);
        assertEquals(range(0, intact), read(name));
    }

    @Test
    void aLostBlockFarBeforeTheEndIsNoTornWrite() throws Exception {
        write("log_inprogress_0", 0, 400, 1_500, 0);
        byte[] torn = Files.readAllBytes(dir.resolve("log_inprogress_0"));
        Arrays.fill(torn, 5 * 4096, 6 * 4096, (byte) 0);
        Files.write(dir.resolve("log_inprogress_0"), torn);
        assertThrows(RaftStartException.class, () -> scan(-1, -1));
    }

    @Test
    void aDamagedClosedFileIsRefusedWhereverItIs() throws Exception {
        write("log_0-4", 0, 5, 50, 0);
        write("log_inprogress_5", 5, 2, 50, 0);
        assertEquals(new LogScan.Result(0, 6, 0), scan(6, 3));
        byte[] whole = Files.readAllBytes(dir.resolve("log_0-4"));
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 0x04;
            Files.write(dir.resolve("log_0-4"), flipped);
            assertThrows(RaftStartException.class, () -> scan(-1, -1), "flip at " + at);
        }
        Files.write(dir.resolve("log_0-4"), Arrays.copyOf(whole, whole.length - 1));
        assertThrows(RaftStartException.class, () -> scan(-1, -1));
    }

    @Test
    void aMissingFileIsRefused() throws Exception {
        write("log_0-4", 0, 5, 50, 0);
        write("log_9-11", 9, 3, 50, 0);
        assertThrows(RaftStartException.class, () -> scan(-1, 7));
        Files.delete(dir.resolve("log_9-11"));
        assertThrows(RaftStartException.class, () -> scan(11, 3));
        Files.delete(dir.resolve("log_0-4"));
        assertThrows(RaftStartException.class, () -> scan(11, 3));
    }

    @Test
    void aStoreThatEndsBeforeTheLogBeginsIsRefused() throws Exception {
        write("log_inprogress_5", 5, 4, 60, 0);
        assertThrows(RaftStartException.class, () -> scan(-1, 3));
        assertEquals(5, scan(-1, 4).first());
    }

    @Test
    void anInterruptedPurgeIsFinished() throws Exception {
        write("log_0-4", 0, 5, 50, 0);
        write("log_9-11", 9, 3, 50, 0);
        assertEquals(new LogScan.Result(9, 11, 0), scan(11, 8));
        assertFalse(Files.exists(dir.resolve("log_0-4")));
    }

    @Test
    void whatTheStoreHoldsAndNobodyNeedsIsDeletedBeforeItIsRead() throws Exception {
        write("log_0-4", 0, 5, 50, 0);
        write("log_5-8", 5, 4, 50, 0);
        write("log_9-11", 9, 3, 50, 0);
        write("log_inprogress_12", 12, 2, 50, 0);
        LogAmount all = new LogAmount(Long.MAX_VALUE, 8);
        assertEquals(new LogScan.Result(0, 13, 0), scan(13, 13, all));
        LogAmount seven = new LogAmount(Long.MAX_VALUE, 7);
        assertEquals(new LogScan.Result(0, 13, 0), scan(13, 3, seven), "the store needs it");
        assertEquals(new LogScan.Result(5, 13, 0), scan(13, 4, seven), "the open file may be empty: it does not count");
        assertEquals(range(5, 14), found);
        assertFalse(Files.exists(dir.resolve("log_0-4")));
        assertEquals(new LogScan.Result(9, 13, 0), scan(13, 13, new LogAmount(300, Long.MAX_VALUE)), "by bytes");
    }

    @Test
    void anInterruptedTruncationIsFinished() throws Exception {
        List<Integer> ends = write("log_0-4", 0, 5, 50, 0);
        byte[] whole = Files.readAllBytes(dir.resolve("log_0-4"));
        Files.write(dir.resolve("log_0-4"), Arrays.copyOf(whole, ends.get(3)));
        assertThrows(RaftStartException.class, () -> scan(3, -1));
        assertEquals(new LogScan.Result(0, 2, 0), scan(2, -1));
        assertEquals(range(0, 3), read("log_0-2"));
    }

    @Test
    void aLogThatEndsBeforeTheStoreIsLeftFromACheckpoint() throws Exception {
        write("log_0-4", 0, 5, 50, 0);
        write("log_inprogress_5", 5, 2, 50, 0);
        assertEquals(new LogScan.Result(-1, -1, 0), scan(6, 100));
        assertFalse(Files.exists(dir.resolve("log_0-4")));
        assertFalse(Files.exists(dir.resolve("log_inprogress_5")));
    }

    /** What it covers may be that leader's, too: whole files go, or stay with it. */
    @Test
    void aLogThatGoesOnBehindACheckpointInAnOlderTermIsLeftFromIt() throws Exception {
        write("log_0-4", 0, 5, 50, 0);
        write("log_inprogress_5", 5, 20, 50, 0);
        assertEquals(new LogScan.Result(0, 24, 0), scan(4, 9), "the store's own");
        term = 5;
        assertEquals(new LogScan.Result(-1, -1, 0), scan(4, 9));
        assertFalse(Files.exists(dir.resolve("log_0-4")));
        assertFalse(Files.exists(dir.resolve("log_inprogress_5")));
    }

    @Test
    void anEmptyOrMissingDirectoryIsAnEmptyLog() throws Exception {
        assertEquals(new LogScan.Result(-1, -1, 0), scan(-1, -1));
        Files.write(dir.resolve("raft-meta"), new byte[3]);
        Files.write(dir.resolve("log_inprogress_0"), new byte[0]);
        assertEquals(new LogScan.Result(-1, -1, 0), scan(-1, -1));
        dir = dir.resolve("missing");
        assertEquals(new LogScan.Result(-1, -1, 0), scan(-1, -1));
    }

    @Test
    void theCommittedMarkSurvivesAndATornOneIsIgnored() throws Exception {
        try (CommittedMark mark = new CommittedMark(dir)) {
            assertEquals(-1, mark.index());
            mark.write(41);
            mark.force();
            mark.write(40);
        }
        try (CommittedMark mark = new CommittedMark(dir)) {
            assertEquals(41, mark.index());
        }
        byte[] bytes = Files.readAllBytes(dir.resolve(CommittedMark.FILE));
        bytes[7] ^= 1;
        Files.write(dir.resolve(CommittedMark.FILE), bytes);
        try (CommittedMark mark = new CommittedMark(dir)) {
            assertEquals(-1, mark.index());
        }
    }
}
