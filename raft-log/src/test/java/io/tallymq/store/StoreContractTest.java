package io.tallymq.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.MessageStore.Applied;
import io.tallymq.broker.store.MessageStore.Slice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link MessageStore} does. */
abstract class StoreContractTest {
    MessageStore store;

    /** A new store whose body cache holds so many bytes. */
    abstract MessageStore open(long bodyCacheBytes);

    @BeforeEach
    void openStore() {
        store = open(1 << 20);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    static Applied at(long index) {
        return new Applied(1, index, 1_000 + index, 1);
    }

    static byte[] bytes(String s) {
        return s.getBytes(UTF_8);
    }

    List<String> scan(byte[] prefix) {
        List<String> found = new ArrayList<>();
        store.scan(prefix, (k, v) -> found.add(new String(k, 1, k.length - 1, UTF_8) + "=" + new String(v, UTF_8)));
        return found;
    }

    Chunk put(long queue, long firstSeq, int count) {
        TestChunks.Made made = TestChunks.chunk(queue, firstSeq, count, 50);
        store.putChunk(made.chunk(), made.parts());
        return made.chunk();
    }

    @Test
    void aNewStoreHasNoPosition() {
        assertNull(store.applied());
        assertEquals(List.of(), scan(new byte[0]));
    }

    @Test
    void writesShowAtTheCommitWithItsPosition() {
        store.put(Keys.named(Keys.QUEUE, "a"), bytes("1"));
        Chunk chunk = put(5, 0, 3);
        store.putShared(9, 0, List.of(new Slice(bytes("xpartx"), 1, 4)));
        assertEquals(List.of(), scan(Keys.of(Keys.QUEUE)));
        assertNull(store.load(new Chunk(5, 0, 3, 150, 0)));
        store.commit(at(1));
        assertEquals(1, scan(Keys.of(Keys.QUEUE)).size());
        assertEquals(at(1), store.applied());
        assertEquals(3, store.load(chunk).count());
        assertArrayEquals(bytes("part"), store.loadShared(9, 0));
    }

    @Test
    void recordsAreReplacedRemovedAndFoundInUnsignedOrder() {
        for (int b : new int[] {0x80, 0x01, 0xff, 0x7f}) {
            store.put(new byte[] {Keys.NODE, (byte) b}, new byte[] {(byte) b});
        }
        store.put(new byte[] {Keys.NODE, 1}, new byte[] {42});
        store.put(new byte[] {Keys.CONNECTION}, new byte[] {1});
        store.delete(new byte[] {Keys.NODE, 0x7f});
        store.delete(new byte[] {Keys.NODE, 0x33});
        store.commit(at(1));
        List<Integer> keys = new ArrayList<>();
        store.scan(Keys.of(Keys.NODE), (k, v) -> keys.add((k[1] & 0xff) * 1_000 + (v[0] & 0xff)));
        assertEquals(List.of(1_042, 0x80 * 1_000 + 0x80, 0xff * 1_000 + 0xff), keys);
        store.scan(new byte[] {Keys.NODE, (byte) 0xff}, (k, v) -> keys.add(k.length));
        assertEquals(4, keys.size());
    }

    @Test
    void theNumbersThatKeysOfATypeBeginWithAreFound() {
        for (long number : new long[] {7, 0, 1L << 40, 3}) {
            store.put(Keys.of(Keys.SETTLED, number, 5), new byte[] {1});
            store.put(Keys.of(Keys.SETTLED, number, 9), new byte[] {1});
        }
        store.put(Keys.of(Keys.HOLDER, 4, 1), new byte[] {1});
        store.put(Keys.of(Keys.QUEUE_STATE, 4), new byte[] {1});
        store.delete(Keys.of(Keys.SETTLED, 3, 5));
        store.delete(Keys.of(Keys.SETTLED, 7, 5));
        store.delete(Keys.of(Keys.SETTLED, 7, 9));
        store.commit(at(1));
        assertEquals(List.of(0L, 3L, 1L << 40), List.copyOf(store.numbersWith(Keys.SETTLED)));
        assertEquals(List.of(4L), List.copyOf(store.numbersWith(Keys.HOLDER)));
        assertEquals(List.of(), List.copyOf(store.numbersWith(Keys.DEAD)));
    }

    @Test
    void anEmptyValueIsAValue() {
        store.put(Keys.of(Keys.NODE, 1), new byte[0]);
        store.commit(at(1));
        List<Integer> lengths = new ArrayList<>();
        store.scan(Keys.of(Keys.NODE), (k, v) -> lengths.add(v.length));
        assertEquals(List.of(0), lengths);
    }

    @Test
    void theCallersArraysMayBeUsedAgain() {
        byte[] key = Keys.of(Keys.NODE, 1);
        byte[] value = {1};
        store.put(key, value);
        key[8] = 2;
        value[0] = 2;
        store.put(key, value);
        store.commit(at(1));
        List<Integer> found = new ArrayList<>();
        store.scan(Keys.of(Keys.NODE), (k, v) -> found.add(k[8] * 10 + v[0]));
        assertEquals(List.of(11, 22), found);
    }

    @Test
    void keysOfChunksAndThePositionAreNoRecords() {
        assertThrows(IllegalArgumentException.class, () -> store.put(Keys.of(Keys.APPLIED), new byte[1]));
        assertThrows(IllegalArgumentException.class, () -> store.delete(Keys.chunk(1, 1)));
    }

    @Test
    void aChunkComesBackWholeFromTheStoredBytes() {
        TestChunks.Made made = TestChunks.chunk(5, 100, 10, 300);
        store.putChunk(made.chunk(), made.parts());
        store.commit(at(1));
        Chunk found = store.chunkAt(5, 100);
        assertEquals(110, found.endSeq());
        assertEquals(3_000, found.bytes());
        assertNull(found.body());
        ChunkBody body = store.load(found);
        assertEquals(TestChunks.ROUTE, body.route(9));
        assertEquals(1_007, body.publishedAt());
        for (int i = 0; i < 10; i++) {
            assertArrayEquals(TestChunks.messageBody(5, 100 + i, 300), TestChunks.bodyOf(body, i));
        }
    }

    @Test
    void chunksAreFoundByQueueAndRange() {
        for (long seq : new long[] {0, 3, 6, 300, 70_000}) {
            put(5, seq, 3);
        }
        put(4, 1, 1);
        put(6, 2, 1);
        store.commit(at(1));
        assertEquals(List.of(0L, 3L, 6L, 300L, 70_000L), firsts(5, 0, Long.MAX_VALUE));
        assertEquals(List.of(3L, 6L), firsts(5, 1, 300));
        assertEquals(List.of(300L), firsts(5, 300, 301));
        assertEquals(List.of(), firsts(5, 300, 300));
        assertEquals(List.of(), firsts(7, 0, 100));
        assertEquals(3, store.chunkNear(5, 3).firstSeq());
        assertEquals(3, store.chunkNear(5, 5).firstSeq());
        assertEquals(300, store.chunkNear(5, 9).firstSeq(), "nothing has 9");
        assertEquals(70_000, store.chunkNear(5, 70_002).firstSeq());
        assertNull(store.chunkNear(5, 70_003));
        assertEquals(1, store.chunkNear(4, 0).firstSeq());
        assertNull(store.chunkNear(4, 2), "what follows is another queue's");
        assertNull(store.chunkNear(7, 0));
    }

    private List<Long> firsts(long queue, long from, long to) {
        return store.chunks(queue, from, to).stream().map(Chunk::firstSeq).toList();
    }

    @Test
    void aRemovedChunkIsGone() {
        Chunk a = put(5, 0, 3);
        put(5, 3, 3);
        store.commit(at(1));
        store.deleteChunk(a);
        assertNotNull(store.load(new Chunk(5, 0, 3, 150, 0)));
        store.commit(at(2));
        assertNull(store.load(new Chunk(5, 0, 3, 150, 0)));
        assertEquals(List.of(3L), firsts(5, 0, 100));
    }

    @Test
    void aChunkPutAndRemovedInOneCommitNeverWas() {
        TestChunks.Made made = TestChunks.chunk(5, 0, 3, 50).withBody();
        store.putChunk(made.chunk(), made.parts());
        store.deleteChunk(made.chunk());
        store.commit(at(1));
        assertEquals(List.of(), firsts(5, 0, 100));
        assertNull(store.load(made.chunk()));
    }

    @Test
    void allChunksOfAQueueFromANumberAreRemovedTogether() {
        for (long seq = 0; seq < 50; seq += 5) {
            put(5, seq, 5);
        }
        put(6, 0, 5);
        store.commit(at(1));
        put(5, 50, 5);
        store.deleteChunks(5, 20, Long.MAX_VALUE);
        put(5, 55, 5);
        store.commit(at(2));
        assertEquals(List.of(0L, 5L, 10L, 15L, 55L), firsts(5, 0, 1_000));
        store.deleteChunk(store.chunkAt(5, 55));
        store.deleteChunks(5, 0, Long.MAX_VALUE);
        store.deleteChunks(7, 0, Long.MAX_VALUE);
        store.commit(at(3));
        assertEquals(List.of(), firsts(5, 0, 1_000));
        assertEquals(List.of(0L), firsts(6, 0, 1_000));
    }

    /** What a queue has in other lanes, and what follows in the same one, stays: committed or not, few or many. */
    @Test
    void chunksInARangeOfNumbersAreRemovedAndNoOthers() {
        long lane = 1L << 55;
        for (int few : new int[] {3, 40}) {
            long queue = few;
            for (long base : new long[] {0, lane, 2 * lane}) {
                for (long seq = 0; seq < few; seq++) {
                    put(queue, base + seq, 1);
                }
            }
            store.commit(at(few));
            put(queue, lane + few, 1);
            put(queue, lane + few + 1, 1);
            put(queue, 2 * lane + few, 1);
            store.deleteChunks(queue, lane + 1, lane + few + 1);
            store.deleteChunks(queue, lane + 1, lane + 1);
            store.commit(at(few + 1));
            assertEquals(few, firsts(queue, 0, lane).size());
            assertEquals(List.of(lane, lane + few + 1), firsts(queue, lane, 2 * lane));
            assertEquals(few + 1, firsts(queue, 2 * lane, 3 * lane).size());
            store.deleteChunks(queue, 0, lane);
            store.deleteChunk(store.chunkAt(queue, 2 * lane));
            store.deleteChunks(queue, 2 * lane + 1, 2 * lane + few + 1);
            store.commit(at(few + 2));
            assertEquals(List.of(lane, lane + few + 1), firsts(queue, 0, Long.MAX_VALUE));
        }
    }

    @Test
    void fewAndManyChunksAreRemovedAlsoThoseOfTheSameCommit() {
        for (int few : new int[] {3, 40}) {
            long queue = few;
            for (long seq = 0; seq < few; seq++) {
                put(queue, seq, 1);
            }
            Chunk gone = put(queue, few, 1);
            store.commit(at(few));
            store.deleteChunk(gone);
            Chunk shortLived = put(queue, few + 1, 1);
            put(queue, few + 2, 1);
            store.deleteChunk(shortLived);
            store.deleteChunks(queue, 1, Long.MAX_VALUE);
            put(queue, few + 3, 1);
            put(queue, few + 4, 1);
            store.deleteChunks(queue, few + 4, Long.MAX_VALUE);
            put(queue, few + 5, 1);
            store.commit(at(few + 1));
            assertEquals(List.of(0L, few + 3L, few + 5L), firsts(queue, 0, 100));
            store.deleteChunks(queue, 0, Long.MAX_VALUE);
            store.commit(at(few + 2));
            assertEquals(List.of(), firsts(queue, 0, 100));
        }
    }

    @Test
    void sharedBodiesGoWithAllTheirParts() {
        for (int part = 0; part < 3; part++) {
            store.putShared(9, part, List.of(new Slice(new byte[] {(byte) part}, 0, 1)));
        }
        store.putShared(10, 0, List.of(new Slice(new byte[] {7}, 0, 1)));
        store.commit(at(1));
        assertArrayEquals(new byte[] {2}, store.loadShared(9, 2));
        assertNull(store.loadShared(9, 3));
        store.deleteShared(9, 3);
        store.commit(at(2));
        assertNull(store.loadShared(9, 0));
        assertArrayEquals(new byte[] {7}, store.loadShared(10, 0));
    }

    /** Sessions are told of messages before the store is written. */
    @Test
    void aSharedBodyIsReadBeforeItIsCommittedAndGoneWhenItWasRemoved() {
        byte[] bytes = {1, 2, 3, 4};
        store.putShared(9, 0, List.of(new Slice(bytes, 0, 1), new Slice(bytes, 2, 2)));
        store.putShared(9, 1, List.of(new Slice(bytes, 3, 1)));
        assertArrayEquals(new byte[] {1, 3, 4}, store.loadShared(9, 0));
        assertArrayEquals(new byte[] {4}, store.loadShared(9, 1));
        assertNull(store.loadShared(9, 2));
        store.deleteShared(9, 2);
        assertNull(store.loadShared(9, 0));
        store.putShared(10, 0, List.of(new Slice(bytes, 0, 4)));
        store.commit(at(1));
        assertNull(store.loadShared(9, 1));
        assertArrayEquals(bytes, store.loadShared(10, 0));
    }

    @Test
    void aBodyStaysOnItsChunkUntilTheCommitEvenWithoutACache() {
        store.close();
        store = open(0);
        TestChunks.Made made = TestChunks.chunk(5, 0, 3, 50).withBody();
        store.putChunk(made.chunk(), made.parts());
        assertSame(made.body(), store.load(made.chunk()));
        store.commit(at(1));
        assertNull(made.chunk().body());
        assertEquals(3, store.load(made.chunk()).count());
    }

    @Test
    void theOldestBodiesGoFirst() {
        List<Chunk> chunks = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            TestChunks.Made made = TestChunks.chunk(5, i, 1, 100_000).withBody();
            store.putChunk(made.chunk(), made.parts());
            chunks.add(made.chunk());
            store.commit(at(i));
        }
        assertNull(chunks.get(0).body());
        assertNotNull(chunks.get(39).body());
        assertNotNull(chunks.get(30).body());
        assertNotNull(store.load(chunks.get(0)));
        assertNotNull(chunks.get(0).body(), "what was loaded is kept");
        assertNull(chunks.get(30).body());
    }
}
