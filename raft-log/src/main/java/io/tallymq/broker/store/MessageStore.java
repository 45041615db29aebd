package io.tallymq.broker.store;

import java.util.List;
import java.util.NavigableSet;
import java.util.function.BiConsumer;

/**
 * Where the machine keeps what it must find again after a crash: small records under keys made by {@link Keys}, chunks of
 * messages, and shared bodies. Writes gather until {@link #commit}, which makes them visible to readers together with the
 * applied position; what a crash leaves is the state of some earlier commit, whole.
 *
 * <p>All methods are called from the one thread that applies, except those that say otherwise.
 */
public interface MessageStore extends AutoCloseable {
    /** The position and clock of the last commit. The level says which records the store may hold and what they mean. */
    record Applied(long term, long index, long clock, int level) {}

    /** Some bytes of {@code array}. */
    record Slice(byte[] array, int offset, int length) {}

    /** Writes or replaces a record. */
    void put(byte[] key, byte[] value);

    /** Removes a record that may be missing. */
    void delete(byte[] key);

    /**
     * For hashes of tables in memory: what no client knows, so that nobody can send what meets in one place of them. Another one each time the store is opened:
     * nothing that is written or told may depend on it.
     */
    default long hashSeed() {
        return 0;
    }

    /**
     * Writes a chunk, once per (queue, first sequence number). The value is {@code parts} one after the other, which nobody changes any
     * more; its layout is {@link ChunkCodec}'s. The chunk's body, if set, stays till the commit, and may be dropped at any time after it.
     */
    void putChunk(Chunk chunk, List<Slice> parts);

    /** Removes a chunk that was put and not removed since. */
    void deleteChunk(Chunk chunk);

    /** Removes all chunks of a queue that begin in [fromSeq, toSeq). No chunk with these numbers is put again. */
    void deleteChunks(long queue, long fromSeq, long toSeq);

    /** Writes one part of a shared body, once: {@code bytes} one after the other, which nobody changes any more. Parts count from 0. */
    void putShared(long id, int part, List<Slice> bytes);

    /** Removes all parts of a shared body. */
    void deleteShared(long id, int parts);

    /**
     * Makes all writes since the last commit visible, together with {@code applied}.
     *
     * @return false: there is no room for them now, and nothing became visible. What was gathered stays; call it again, with the same
     *     position and without further writes, until it returns true
     */
    boolean commit(Applied applied);

    /** The position of the last commit as found at the start, or null when the store is new. */
    Applied applied();

    /** A record as it was at the last commit, or null. Writes since then are not seen. */
    byte[] get(byte[] key);

    /** All records whose key begins with {@code prefix}, in key order. Used at the start only. */
    void scan(byte[] prefix, BiConsumer<byte[], byte[]> visitor);

    /** The first numbers of all keys of a type that begin with one, as far as they are committed: of its queues, mostly. Used at the start only. */
    NavigableSet<Long> numbersWith(byte type);

    /** The chunk that begins at {@code firstSeq}, without its messages; it was committed and not removed. Never null. */
    Chunk chunkAt(long queue, long firstSeq);

    /**
     * The chunk of a queue that has message {@code seq}, without its messages, or the first one behind it; null when there is none. As far as
     * chunks are committed. Any thread; may block on the disk.
     */
    Chunk chunkNear(long queue, long seq);

    /** The chunks of a queue that begin in [fromSeq, toSeq), without their messages, ascending. Used at the start only. */
    List<Chunk> chunks(long queue, long fromSeq, long toSeq);

    /** The messages of a chunk that was put with its body or is committed, or null when it was removed meanwhile. Any thread; may block on the disk. */
    ChunkBody load(Chunk chunk);

    /** One part of a shared body, committed or not, or null when it was removed meanwhile. Any thread; may block on the disk. */
    byte[] loadShared(long id, int part);

    @Override
    void close();
}
