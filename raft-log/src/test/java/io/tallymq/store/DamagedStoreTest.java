package io.tallymq.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.MessageStore.Applied;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of file in a store's directory, damaged: who starts or reads is told which file it is and what to do. */
class DamagedStoreTest {
    private static final int TABLES = 3;
    /** So many flushes do not go by before a compaction reads the first table. */
    private static final int MANY = 10_000;
    /** Octets of a manifest between two cuts. */
    private static final int STEP = 13;

    private static final byte[] GARBAGE = "not a file of a store\n".repeat(100).getBytes(StandardCharsets.UTF_8);
    private static final String WHAT_TO_DO = "data directories (log and store) away";

    /** What happened to which file. */
    enum Damage {
        A_BIT_OF_A_TABLE("*.sst"),
        A_CUT_TABLE("*.sst"),
        AN_EMPTY_TABLE("*.sst"),
        A_MISSING_TABLE("*.sst"),
        A_FOREIGN_TABLE("*.sst"),
        A_BIT_OF_THE_MANIFEST("MANIFEST-*"),
        AN_EMPTY_MANIFEST("MANIFEST-*"),
        A_MISSING_MANIFEST("MANIFEST-*"),
        A_FOREIGN_MANIFEST("MANIFEST-*"),
        A_CUT_CURRENT("CURRENT"),
        AN_EMPTY_CURRENT("CURRENT"),
        A_MISSING_CURRENT("CURRENT"),
        A_FOREIGN_CURRENT("CURRENT");

        private final String files;

        Damage(String files) {
            this.files = files;
        }
    }

    @TempDir
    Path dir;

    private final List<String> told = new CopyOnWriteArrayList<>();

    private Path store() {
        return dir.resolve("store");
    }

    private RocksStore open() {
        return open(store());
    }

    private RocksStore open(Path directory) {
        return RocksStore.open(RocksStoreConfig.in(directory), StoreScript.LEVELS, told::add);
    }

    private static void put(RocksStore store, int number) {
        TestChunks.Made made = TestChunks.chunk(1, number, 1, 10_000);
        store.putChunk(made.chunk(), made.parts());
        store.commit(new Applied(1, number, 0, StoreScript.LEVELS.max()));
    }

    private void filled() {
        try (RocksStore store = open()) {
            for (int i = 0; i < TABLES; i++) {
                put(store, i);
                store.forceDurable();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoStartsOrReadsIsToldTheFileAndWhatToDo(Damage damage) throws IOException {
        filled();
        Path file = damaged(damage);
        String text = text();
        assertTrue(
                text.contains(store().toString())
                        && text.contains(file.getFileName().toString()),
                text);
        assertTrue(text.contains(WHAT_TO_DO), text);
        find("*.sst"); // what may still be of use is not deleted
    }

    /** Compactions find it, and tell who writes next. */
    @Test
    void aDamagedTableThatIsFoundWhileTheNodeRunsIsNoReasonToStartAgain() throws Exception {
        filled();
        Path table = damaged(Damage.A_BIT_OF_A_TABLE);
        try (RocksStore store = open()) {
            for (int i = TABLES; told.isEmpty(); i++) {
                assertTrue(i < MANY, "nobody noticed");
                put(store, i);
                store.forceDurable();
            }
        } catch (StoreException e) {
            assertEquals(told, List.of(e.getMessage()));
        }
        String text = told.get(0);
        assertTrue(text.contains("is damaged") && text.contains(table.toString()), text);
        // Whoever starts it again learns it at once, instead of when it is read the next time.
        StoreException again = assertThrows(StoreException.class, this::open);
        assertTrue(again.isDamage() && again.getMessage().contains(text), again.getMessage());
        Path mark = store().resolve(DamageMark.FILE);
        assertTrue(again.getMessage().contains("delete " + mark), again.getMessage());
        Files.delete(mark);
        open().close();
        assertTrue(text.contains(WHAT_TO_DO), text);
    }

    /** As after a crash while it was written. What the position says is there, and the start compares it with the log. */
    @Test
    void aCutManifestIsAnEarlierStateOrRefused() throws Exception {
        filled();
        byte[] whole = Files.readAllBytes(find("MANIFEST-*"));
        Path copies = Files.createDirectory(dir.resolve("copies"));
        int earlier = 0;
        for (int length = 1; length < whole.length; length += STEP) {
            Path copy = copy(copies.resolve("at" + length));
            Files.write(find(copy, "MANIFEST-*"), Arrays.copyOf(whole, length));
            try (RocksStore store = open(copy)) {
                long position = store.applied() == null ? -1 : store.applied().index();
                List<Long> expected =
                        LongStream.rangeClosed(0, position).boxed().toList();
                assertEquals(expected, chunks(store));
                earlier += position < TABLES - 1 ? 1 : 0;
            } catch (StoreException e) {
                assertTrue(e.getMessage().contains(WHAT_TO_DO), e.getMessage());
            }
        }
        assertTrue(earlier > 0, "no cut was deep enough");
        assertEquals(List.of(), told);
    }

    /** RocksDB makes them anew. */
    @ParameterizedTest
    @ValueSource(strings = {"OPTIONS-*", "IDENTITY", "LOCK", "LOG", "*.log"})
    void whatNobodyNeedsKeepsNobodyFromStarting(String files) throws IOException {
        filled();
        Files.write(find(files), GARBAGE);
        try (RocksStore store = open()) {
            assertEquals(TABLES - 1, store.applied().index());
            assertEquals(TABLES, chunks(store).size());
        }
        Files.delete(find(files));
        try (RocksStore store = open()) {
            assertEquals(TABLES, chunks(store).size());
        }
        assertEquals(List.of(), told);
    }

    /** Reads all of them, too. */
    private static List<Long> chunks(RocksStore store) {
        List<Chunk> chunks = store.chunks(1, 0, MANY);
        chunks.forEach(store::load);
        return chunks.stream().map(Chunk::firstSeq).toList();
    }

    private Path copy(Path to) throws IOException {
        Files.createDirectory(to);
        try (Stream<Path> all = Files.list(store())) {
            for (Path file : (Iterable<Path>) all::iterator) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
        return to;
    }

    /** What the start says, or else what the node ends with when everything is read. */
    private String text() {
        try (RocksStore store = open()) {
            chunks(store);
            assertEquals(1, told.size(), "nobody noticed");
        } catch (StoreException e) {
            return e.getMessage();
        }
        return told.get(0);
    }

    private Path damaged(Damage damage) throws IOException {
        Path file = find(damage.files);
        byte[] bytes = Files.readAllBytes(file);
        switch (damage) {
            case A_BIT_OF_A_TABLE, A_BIT_OF_THE_MANIFEST -> {
                bytes[bytes.length / 3] ^= 0x20;
                Files.write(file, bytes);
            }
            case A_CUT_TABLE, A_CUT_CURRENT -> Files.write(file, Arrays.copyOf(bytes, bytes.length - 3));
            case AN_EMPTY_TABLE, AN_EMPTY_MANIFEST, AN_EMPTY_CURRENT -> Files.write(file, new byte[0]);
            case A_MISSING_TABLE, A_MISSING_MANIFEST -> Files.delete(file);
            case A_MISSING_CURRENT -> {
                Files.delete(file);
                Files.delete(find("*.log")); // which alone would keep RocksDB from beginning anew
            }
            case A_FOREIGN_TABLE, A_FOREIGN_MANIFEST, A_FOREIGN_CURRENT -> Files.write(file, GARBAGE);
        }
        return file;
    }

    private Path find(String files) throws IOException {
        return find(store(), files);
    }

    /** The first one. */
    private static Path find(Path directory, String files) throws IOException {
        PathMatcher pattern = directory.getFileSystem().getPathMatcher("glob:" + files);
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(p -> pattern.matches(p.getFileName()))
                    .min(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }
}
