package io.tallymq.broker.queue;

import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;

/** Where what a holder has is stored when that is many ranges: by blocks, so that each ack writes a block and not all. */
final class HeldBlocks implements SeqRanges.Blocks {
    private final MessageStore store;
    private final long queue;
    private final long holder;

    HeldBlocks(MessageStore store, long queue, long holder) {
        this.store = store;
        this.queue = queue;
        this.holder = holder;
    }

    @Override
    public void put(long name, byte[] block) {
        store.put(Keys.of(Keys.HELD_BLOCK, queue, holder, name), block);
    }

    @Override
    public void delete(long name) {
        store.delete(Keys.of(Keys.HELD_BLOCK, queue, holder, name));
    }

    /** Nothing is left of a holder that nobody knows any more. Returns how many blocks it had. */
    static int deleteAll(MessageStore store, long queue, long holder) {
        int[] n = {0};
        store.scan(Keys.of(Keys.HELD_BLOCK, queue, holder), (k, v) -> {
            store.delete(k);
            n[0]++;
        });
        return n[0];
    }
}
