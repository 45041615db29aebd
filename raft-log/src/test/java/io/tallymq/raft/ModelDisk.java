package io.tallymq.raft;

import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** What a node has of the log on its disk, and what of it a crash leaves. The store has its own, see {@link ModelStores}. */
final class ModelDisk {
    /** @param bytes null for an entry of Raft's own */
    record Item(long term, byte[] bytes, long sum) {
        static Item of(long term, byte[] bytes) {
            return new Item(term, bytes, sum(bytes));
        }

        static long sum(byte[] bytes) {
            CRC32C crc = new CRC32C();
            if (bytes != null) {
                crc.update(bytes);
            }
            return crc.getValue();
        }

        /** As it is on another node. */
        Item copy() {
            return bytes == null ? this : new Item(term, bytes.clone(), sum);
        }
    }

    long term;
    String vote;
    int starts;
    /** The last index that is known to be committed; written now and then. */
    long mark = -1;
    /** Nanoseconds that each flush takes longer. */
    long slowness;
    /** The next start's {@link ModelReplay} is. */
    boolean late;

    private final List<Item> items = new ArrayList<>();
    /** Before the first entry. */
    private long base = -1;

    private long baseTerm;
    private long flushed = -1;

    long base() {
        return base;
    }

    long last() {
        return base + items.size();
    }

    long flushed() {
        return flushed;
    }

    Position lastPosition() {
        return new Position(termAt(last()), last());
    }

    Position flushedPosition() {
        return new Position(termAt(flushed), flushed);
    }

    long termAt(long index) {
        return index == base ? baseTerm : item(index).term();
    }

    Item item(long index) {
        return items.get((int) (index - base - 1));
    }

    /** Copies of the entries from here on, some of them. */
    List<Item> from(long index, int most) {
        int first = (int) (index - base - 1);
        return items.subList(first, Math.min(items.size(), first + most)).stream()
                .map(Item::copy)
                .toList();
    }

    void append(Item item) {
        items.add(item);
    }

    void flushed(long index) {
        flushed = Math.max(flushed, Math.min(index, last()));
    }

    /** This entry and what follows go. */
    void truncate(long from) {
        items.subList((int) (from - base - 1), items.size()).clear();
        flushed = Math.min(flushed, from - 1);
    }

    /** What comes up to here goes. */
    void cut(long upTo) {
        if (upTo > base) {
            baseTerm = termAt(upTo);
            items.subList(0, (int) (upTo - base)).clear();
            base = upTo;
        }
    }

    /** The store is ahead of the log, which goes on behind it. */
    void restart(long index, long termOfIt) {
        items.clear();
        base = index;
        baseTerm = termOfIt;
        flushed = index;
    }

    /** What was not flushed is gone. */
    void crash() {
        if (flushed < last()) {
            truncate(flushed + 1);
        }
    }
}
