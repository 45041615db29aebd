package io.tallymq.store;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.store.Keys;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** What the stores know of the keys beyond {@link Keys}: bounds, and which keys are theirs alone. */
final class StoredKeys {
    private static final int FIRST_SEQ = 10;
    /** Octets of a chunk's key. */
    private static final int CHUNK = 18;

    private StoredKeys() {}

    /** Chunks, shared bodies and the applied position have methods of their own and must not be written as records. */
    static void requireRecord(byte[] key) {
        byte type = key[0];
        if (type == Keys.APPLIED || type == Keys.CHUNK || type == Keys.SHARED) {
            throw new IllegalArgumentException("key type " + type + " is not a record's");
        }
    }

    /** {@link Keys#chunk} into a buffer of 18 bytes. */
    static void writeChunk(ByteBuffer to, long queue, long firstSeq) {
        to.put(Keys.CHUNK).putLong(queue).put((byte) 0).putLong(firstSeq);
    }

    /** The first key after all chunks of a queue. */
    static byte[] chunksEnd(long queue) {
        return queue == -1 ? Keys.of((byte) (Keys.CHUNK + 1)) : Keys.of(Keys.CHUNK, queue + 1);
    }

    /**
     * The first key behind that of a chunk, with which no chunk ever begins. Marks of removed ranges end so: a table file may end where a mark does, and with the
     * number of the next chunk it would look as if that had been there.
     */
    static byte[] behind(byte[] chunkKey) {
        return Arrays.copyOf(chunkKey, CHUNK + 1);
    }

    /** The key of a chunk, or the one {@link #behind} it. */
    static boolean isOfChunk(byte[] key) {
        return key[0] == Keys.CHUNK && (key.length == CHUNK || key.length == CHUNK + 1);
    }

    /** The chunk's own of these two. */
    static byte[] ofChunk(byte[] key) {
        return Arrays.copyOf(key, CHUNK);
    }

    static long firstSeq(byte[] chunkKey) {
        return ByteReader.int64(chunkKey, FIRST_SEQ);
    }

    /** The first key after all keys with this prefix, or null when there is none. */
    static byte[] prefixEnd(byte[] prefix) {
        for (int i = prefix.length - 1; i >= 0; i--) {
            if (prefix[i] != (byte) 0xff) {
                byte[] end = Arrays.copyOf(prefix, i + 1);
                end[i]++;
                return end;
            }
        }
        return null;
    }
}
