package io.tallymq.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.MessageStore.Applied;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 at a random moment, open, compare every byte with the model at the position the store names, go on. More rounds:
 * {@code mvn -pl raft-log verify -Dtest=StoreKillTest -Dtallymq.kill.rounds=100 -Dtallymq.kill.seed=1}.
 */
class StoreKillTest {
    private static final int ROUNDS = Integer.getInteger("tallymq.kill.rounds", 5);
    private static final long SEED = Long.getLong("tallymq.kill.seed", 20_240_229);
    /** Lines after which a process is killed at the latest. */
    private static final int MOST_LINES = 30;
    /** On a busy machine these may end before a memtable is flushed: then so many rounds more go on for longer, until one is. */
    private static final int MORE_ROUNDS = 10;

    private static final int MORE_LINES = 10 * MOST_LINES;

    @TempDir
    Path temp;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final StoreScript script = new StoreScript(SEED);
    private final MemoryStore model = new MemoryStore(0);

    @Test
    void whatIsFoundAfterAKillIsTheStateAtThePositionThatIsFound() throws Exception {
        long last = -1;
        int advanced = 0;
        for (int round = 0; round < ROUNDS || advanced == 0 && round < ROUNDS + MORE_ROUNDS; round++) {
            int lines = 1 + random.nextInt(MOST_LINES);
            runAndKill("whole", round < ROUNDS ? lines : MORE_LINES);
            String difference = compare();
            if (difference != null) {
                fail("round " + round + " of seed " + SEED + ": " + difference);
            }
            long now = script.index();
            advanced += now > last ? 1 : 0;
            last = now;
        }
        assertTrue(advanced > 0, "no round wrote anything to the disk");
    }

    /** The same rounds find the mistake they are there for: the position in a batch of its own. */
    @Test
    void aPositionWrittenApartIsFoundOut() throws Exception {
        for (int round = 0; round < 5; round++) {
            runAndKill("apart", MOST_LINES);
            if (compare() != null) {
                return;
            }
        }
        fail("five kills did not separate what was written apart: this test proves nothing");
    }

    private void runAndKill(String mode, int lines) throws IOException, InterruptedException {
        Path library = Files.createDirectories(temp.resolve("library"));
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KilledStore.class.getName(),
                store().toString(),
                Long.toString(SEED),
                Long.toString(random.nextLong()),
                mode);
        // RocksDB unpacks its library here, where the kill leaves no litter.
        builder.environment().put("ROCKSDB_SHAREDLIB_DIR", library.toString());
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        Process process = builder.start();
        try (BufferedReader out = process.inputReader(StandardCharsets.US_ASCII)) {
            for (int i = 0; i < lines; i++) {
                assertNotNull(out.readLine(), "the process ended by itself");
            }
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
        assertEquals(128 + 9, process.exitValue(), "killed");
    }

    private Path store() {
        return temp.resolve("store");
    }

    private RocksStore open() {
        return RocksStore.open(KilledStore.config(store()), StoreScript.LEVELS, text -> {});
    }

    /** The first difference between the store and what it should be, or null. */
    private String compare() {
        try (RocksStore store = open()) {
            Applied applied = store.applied();
            if (applied == null) {
                return everything(store).isEmpty() ? null : "writes without a position";
            }
            if (applied.index() < script.index()) {
                return "the store went back from " + script.index() + " to " + applied.index();
            }
            script.run(model, applied.index());
            if (!applied.equals(model.applied())) {
                return "position " + applied + ", not " + model.applied();
            }
            Map<String, byte[]> found = everything(store);
            Map<String, byte[]> wanted = everything(model);
            assertFalse(wanted.isEmpty());
            String difference = difference(applied.index(), found, wanted);
            return difference != null
                    ? difference
                    : chunks(store, wanted.keySet().stream().toList());
        }
    }

    private static String difference(long index, Map<String, byte[]> found, Map<String, byte[]> wanted) {
        for (String key : wanted.keySet()) {
            if (!Arrays.equals(wanted.get(key), found.remove(key))) {
                return "at " + index + " key " + key + " is missing or has another value";
            }
        }
        return found.isEmpty()
                ? null
                : "at " + index + " key " + found.keySet().iterator().next() + " is too much";
    }

    /** What readers see of the chunks is what is stored. */
    private static String chunks(RocksStore store, List<String> keys) {
        for (String hex : keys) {
            byte[] key = HexFormat.of().parseHex(hex);
            if (key[0] == Keys.CHUNK) {
                Chunk chunk = store.chunkAt(ByteReader.int64(key, 1), StoredKeys.firstSeq(key));
                if (store.load(chunk).count() != chunk.count()) {
                    return "chunk " + hex + " has lost messages";
                }
            }
        }
        return null;
    }

    private static Map<String, byte[]> everything(MessageStore store) {
        Map<String, byte[]> all = new TreeMap<>();
        store.scan(new byte[0], (k, v) -> {
            if (k[0] != Keys.APPLIED) {
                all.put(HexFormat.of().formatHex(k), v);
            }
        });
        return all;
    }
}
