package io.tallymq.broker.limits;

/**
 * The most messages that the state knows something of beside what it knows of all. A settle that would be one too many is refused (nack,
 * 506), and its message goes back as it is.
 *
 * @param overlays messages with headers that settles added, in all queues: up to 5 kB of store each, 0.1 kB of heap
 * @param overlaysOfQueue the same in one queue
 * @param deferred messages that were put aside under a token, in all queues: 0.4 kB of heap each
 * @param deferredOfQueue the same in one queue
 */
public record AsideLimits(int overlays, int overlaysOfQueue, int deferred, int deferredOfQueue) {
    public static final AsideLimits DEFAULTS = new AsideLimits(100_000, 10_000, 100_000, 10_000);
}
