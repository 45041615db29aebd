package io.tallymq.broker.receipts;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.Map;
import java.util.TreeMap;

/** Blocks that nobody asks for any more, and that are taken out of the store some per entry: what one message leaves behind may be many. */
final class LeftBlocks {
    /** So few go at once. */
    static final int AT_ONCE = 2;

    private record Left(long producer, long first) implements Comparable<Left> {
        @Override
        public int compareTo(Left o) {
            int c = Long.compare(producer, o.producer);
            return c != 0 ? c : Long.compare(first, o.first);
        }
    }

    private final MessageStore store;
    private final TreeMap<Left, long[]> left = new TreeMap<>();

    LeftBlocks(MessageStore store) {
        this.store = store;
    }

    /** These of a producer go. */
    void add(long producer, long[] blocks) {
        if (blocks.length <= AT_ONCE) {
            for (long b : blocks) {
                store.delete(Keys.of(Keys.RECEIPTS, producer, b));
            }
            return;
        }
        ByteWriter w = new ByteWriter(2 * blocks.length);
        NotedBlocks.write(w, blocks, blocks.length);
        store.put(Keys.of(Keys.RECEIPTS_LEFT, producer, blocks[0]), w.toBytes());
        left.put(new Left(producer, blocks[0]), blocks);
    }

    boolean isEmpty() {
        return left.isEmpty();
    }

    /** Takes out those of some, about so many. */
    void step(int most) {
        for (int n = 0; n < most && !left.isEmpty(); ) {
            Map.Entry<Left, long[]> some = left.pollFirstEntry();
            for (long b : some.getValue()) {
                store.delete(Keys.of(Keys.RECEIPTS, some.getKey().producer, b));
            }
            store.delete(Keys.of(Keys.RECEIPTS_LEFT, some.getKey().producer, some.getKey().first));
            n += some.getValue().length;
        }
    }

    void restore() {
        store.scan(Keys.of(Keys.RECEIPTS_LEFT), (k, v) -> {
            ByteReader r = new ByteReader(v);
            left.put(new Left(ByteReader.int64(k, 1), ByteReader.int64(k, 9)), NotedBlocks.read(r));
            TaggedFields.endRecord(r);
        });
    }
}
