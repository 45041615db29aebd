package io.tallymq.raft.log.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.files.StoppedLog.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of the last copy can still be had. The directory is as it was afterwards. */
class StoppedLogTest {
    private static final long TERM = 3;

    @TempDir
    Path dir;

    private final List<Long> found = new ArrayList<>();

    private Result read(long after) throws Exception {
        return read(after, after < 0 ? -1 : TERM);
    }

    private Result read(long after, long afterTerm) throws Exception {
        found.clear();
        String before = contents();
        Result result = new StoppedLog(dir, dir, 1 << 20, after, afterTerm, new StoppedLog.Reader() {
                    @Override
                    public void entry(long term, long index, byte[] bytes, int offset, int length) {
                        found.add(index);
                    }

                    @Override
                    public void other(long term, long index) {
                        found.add(index);
                    }
                })
                .read();
        assertEquals(before, contents());
        assertEquals(range(after + 1, result.last()), found);
        return result;
    }

    private String contents() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(dir)) {
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                all.append(file).append(Arrays.hashCode(Files.readAllBytes(file)));
            }
        }
        return all.toString();
    }

    private static List<Long> range(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    private List<Integer> write(String name, long first, int count, int size) throws IOException {
        return FilesOfLog.write(dir.resolve(name), TERM, first, count, size);
    }

    private void flip(String name, int at) throws IOException {
        byte[] bytes = Files.readAllBytes(dir.resolve(name));
        bytes[at] ^= 1;
        Files.write(dir.resolve(name), bytes);
    }

    @Test
    void aTornGroupOfEntriesEndsTheLogAsAtAStart() throws Exception {
        List<Integer> ends = write("log_inprogress_0", 0, 40, 1_500);
        byte[] torn = Files.readAllBytes(dir.resolve("log_inprogress_0"));
        Arrays.fill(torn, 5 * 4096, 6 * 4096, (byte) 0);
        Files.write(dir.resolve("log_inprogress_0"), torn);
        int intact = 0;
        while (ends.get(intact + 1) <= 5 * 4096) {
            intact++;
        }
        Result result = read(2);
        assertEquals(intact - 1, result.last());
        assertNull(result.damage());
    }

    @Test
    void ofAnInterruptedTruncationThereIsWhatTheFileHolds() throws Exception {
        write("log_0-99", 0, 100, 50);
        write("log_100-150", 100, 21, 50);
        Result result = read(10);
        assertEquals(120, result.last());
        assertNull(result.damage());
    }

    @Test
    void whoVotedForWhomDoesNotMatter() throws Exception {
        write("log_inprogress_0", 0, 5, 50);
        assertEquals(new Result(4, -1, -1, null), read(-1), "without " + RaftMetaFiles.META);
        Files.writeString(dir.resolve(RaftMetaFiles.META), "term");
        assertEquals(new Result(4, -1, -1, null), read(-1));
    }

    @Test
    void whatComesBeforeDamageIsRead() throws Exception {
        List<Integer> ends = write("log_0-9", 0, 10, 50);
        write("log_inprogress_10", 10, 5, 50);
        flip("log_0-9", ends.get(6) + 20);
        Result result = read(2);
        assertEquals(5, result.last());
        assertEquals(9, result.written());
        assertTrue(result.damage().contains("log_0-9 is damaged at byte " + ends.get(6)), result.damage());
        assertEquals(14, read(9).last(), "the store holds it");
    }

    @Test
    void aDamagedLastEntryAndAMissingFileAreNoEnd() throws Exception {
        List<Integer> ends = write("log_inprogress_0", 0, 5, 50);
        flip("log_inprogress_0", ends.get(4) + 20);
        Result result = read(-1);
        assertEquals(3, result.last());
        assertTrue(result.damage().contains("all of it was written"), result.damage());
        Files.move(dir.resolve("log_inprogress_0"), dir.resolve("log_0-9"));
        Files.delete(dir.resolve("log_0-9"));
        write("log_0-4", 0, 5, 50);
        write("log_9-11", 9, 3, 50);
        result = read(2);
        assertEquals(4, result.last());
        assertTrue(result.damage().contains("entries from 5 on are missing"), result.damage());
        assertEquals(new Result(11, 11, -1, null), read(8), "an interrupted purge");
    }

    /** The log of an earlier life beside a copied store, or what the install of a copy left that was interrupted. */
    @Test
    void aLogThatTheStoreDoesNotComeFromIsNotTaken() throws Exception {
        write("log_0-9", 0, 10, 50);
        write("log_inprogress_10", 10, 5, 50);
        assertForeign(read(11, TERM + 1), 11, "entry 11 is of term 3 there, and in the store that entry is of term 4");
        assertForeign(read(11, TERM - 1), 11, "in the store that entry is of term 2");
        assertForeign(read(9, TERM - 1), 9, "log_0-9");
        assertEquals(new Result(14, 9, -1, null), read(9, TERM));
        assertEquals(new Result(30, 9, -1, null), read(30, TERM + 1), "nothing of it would be taken");
        Files.delete(dir.resolve("log_0-9"));
        assertForeign(read(9, TERM + 1), 9, "entry 10 is of term 3 there, and what comes before it is of term 4");
        assertEquals(new Result(14, 9, -1, null), read(9, TERM - 1), "an election came between");
    }

    private static void assertForeign(Result result, long last, String why) {
        assertEquals(last, result.last());
        assertTrue(String.valueOf(result.damage()).contains(why), result.toString());
    }

    @Test
    void termsNeverGoDown() throws Exception {
        write("log_0-4", 0, 5, 50);
        FilesOfLog.write(dir.resolve("log_inprogress_5"), TERM - 1, 5, 3, 50);
        assertForeign(read(2), 4, "entry 5 is of term 2 there, and what comes before it is of term 3");
    }

    @Test
    void whatWasConfirmedIsTold() throws Exception {
        write("log_inprogress_0", 0, 5, 50);
        assertEquals(-1, read(-1).confirmed());
        assertTrue(!Files.exists(dir.resolve(CommittedMark.FILE)));
        try (CommittedMark mark = new CommittedMark(dir)) {
            mark.write(7);
        }
        assertEquals(new Result(4, -1, 7, null), read(-1));
    }
}
