package io.tallymq.broker.receipts;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import java.util.Arrays;

/** Which blocks of a producer have a record, ascending: some 130 at most. */
final class NotedBlocks {
    private long[] blocks = new long[2];
    private int size;

    int size() {
        return size;
    }

    /** Returns whether it is new. */
    boolean add(long block) {
        int at = size > 0 && blocks[size - 1] < block ? -size - 1 : Arrays.binarySearch(blocks, 0, size, block);
        if (at >= 0) {
            return false;
        }
        int to = -at - 1;
        if (size == blocks.length) {
            blocks = Arrays.copyOf(blocks, 2 * size);
        }
        System.arraycopy(blocks, to, blocks, to + 1, size - to);
        blocks[to] = block;
        size++;
        return true;
    }

    boolean has(long block) {
        return size > 0 && (blocks[size - 1] == block || Arrays.binarySearch(blocks, 0, size, block) >= 0);
    }

    boolean haveBelow(long block) {
        return size > 0 && blocks[0] < block;
    }

    /** Takes out those below one, and returns them. */
    long[] takeBelow(long block) {
        int n = 0;
        while (n < size && blocks[n] < block) {
            n++;
        }
        long[] taken = Arrays.copyOf(blocks, n);
        System.arraycopy(blocks, n, blocks, 0, size - n);
        size -= n;
        return taken;
    }

    /** How many, and each as its distance to the one before. */
    void write(ByteWriter w) {
        write(w, blocks, size);
    }

    static void write(ByteWriter w, long[] blocks, int size) {
        w.varint(size);
        for (int i = 0; i < size; i++) {
            w.varint(i == 0 ? blocks[0] : blocks[i] - blocks[i - 1]);
        }
    }

    static long[] read(ByteReader r) {
        long[] blocks = new long[(int) r.varint()];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = r.varint() + (i == 0 ? 0 : blocks[i - 1]);
        }
        return blocks;
    }

    static NotedBlocks of(long[] blocks) {
        NotedBlocks noted = new NotedBlocks();
        for (long b : blocks) {
            noted.add(b);
        }
        return noted;
    }
}
