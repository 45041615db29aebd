package io.tallymq.broker.effect;

import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.store.Chunk;

/**
 * Messages assigned to a consumer or getter: numbers {@code from} to {@code to} (exclusive) within the chunk.
 *
 * @param holder who holds them until they are settled
 * @param redelivered whether they were delivered before
 * @param attempts how many deliveries failed before this one (x-delivery-count), 0 at first
 * @param returns how often a client gave it back before, whatever it said (x-acquired-count), 0 at first
 * @param headers that settles added to it; null for none, which is so if it is more than one message
 */
public record Delivery(
        long holder,
        Chunk chunk,
        int from,
        int to,
        boolean redelivered,
        int attempts,
        int returns,
        HeaderOverlay headers) {
    /** Of messages to which nobody added headers. */
    public Delivery(long holder, Chunk chunk, int from, int to, boolean redelivered, int attempts, int returns) {
        this(holder, chunk, from, to, redelivered, attempts, returns, null);
    }

    public int count() {
        return to - from;
    }

    public long firstSeq() {
        return chunk.firstSeq() + from;
    }
}
