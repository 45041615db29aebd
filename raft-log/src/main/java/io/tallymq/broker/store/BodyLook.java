package io.tallymq.broker.store;

/**
 * Looks into chunks for the applying thread, for what goes through their messages one after the other: the chunk looked at last is not read
 * again. One for the whole machine, so it holds one chunk.
 */
public final class BodyLook {
    private final MessageStore store;
    private Chunk last;
    private ChunkBody body;

    public BodyLook(MessageStore store) {
        this.store = store;
    }

    /** The messages of a chunk that is not removed: in memory, or from the store. May block on the disk. */
    public ChunkBody of(Chunk chunk) {
        ChunkBody there = chunk.body();
        if (there != null) {
            return there;
        }
        if (chunk != last) {
            body = store.load(chunk);
            last = chunk;
        }
        return body;
    }
}
