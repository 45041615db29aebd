package io.tallymq.broker.limits;

/**
 * The most messages that the state knows something of beside what it knows of all. A settle that would be one too many is refused (nack,
 * 506), and its message goes back as it is. What would be one too many to rest comes again at once.
 *
 * @param overlays messages with headers that settles added, in all queues: up to 5 kB of store each, 0.1 kB of heap
 * @param overlaysOfQueue the same in one queue
 * @param deferred messages that were put aside under a token, in all queues: 0.4 kB of heap each
 * @param deferredOfQueue the same in one queue
 * @param resting ranges of messages that rest before they come again, in all queues, those included that are gone and still to be
 *     taken out: 0.1 kB of heap each. Neighbours that come again at the same time are one range
 * @param restingOfQueue the same in one queue
 * @param lastValues messages of queues with x-last-value that have a value, in all queues: 0.2 kB of heap each and their value. Beyond, the
 *     queue that gets more loses as many of its oldest; each keeps one. Consumers of one queue hold a tenth of it at most, and when there are twice as
 *     many a two thousandth
 * @param readers names of which streams know how far their readers were, of all streams, from level 5 on: about 0.2 kB each. Beyond, a stream forgets
 *     its own that was told longest ago; one that has none remembers none
 * @param laneKeys groups and tenants of which a queue knows the lane, in all queues: 0.2 kB of heap each and their text. Beyond, new
 *     ones go into the lane of their hash
 * @param begunChunks chunks of which a part was handed out and not all is gone, in all queues: 0.25 kB of heap each. Beyond, consumers of a
 *     queue that hold something are given nothing of others, or of 5 at most, and nothing rests
 */
public record AsideLimits(
        int overlays,
        int overlaysOfQueue,
        int deferred,
        int deferredOfQueue,
        int resting,
        int restingOfQueue,
        int lastValues,
        int readers,
        int laneKeys,
        int begunChunks) {
    public static final AsideLimits DEFAULTS =
            new AsideLimits(100_000, 10_000, 100_000, 10_000, 500_000, 100_000, 200_000, 100_000, 200_000, 500_000);

    public AsideLimits(int overlays, int overlaysOfQueue, int deferred, int deferredOfQueue) {
        this(
                overlays,
                overlaysOfQueue,
                deferred,
                deferredOfQueue,
                DEFAULTS.resting,
                DEFAULTS.restingOfQueue,
                DEFAULTS.lastValues,
                DEFAULTS.readers,
                DEFAULTS.laneKeys,
                DEFAULTS.begunChunks);
    }

    public AsideLimits withResting(int all, int ofQueue) {
        return new AsideLimits(
                overlays,
                overlaysOfQueue,
                deferred,
                deferredOfQueue,
                all,
                ofQueue,
                lastValues,
                readers,
                laneKeys,
                begunChunks);
    }

    public AsideLimits withLastValues(int most) {
        return new AsideLimits(
                overlays,
                overlaysOfQueue,
                deferred,
                deferredOfQueue,
                resting,
                restingOfQueue,
                most,
                readers,
                laneKeys,
                begunChunks);
    }

    public AsideLimits withReaders(int most) {
        return new AsideLimits(
                overlays,
                overlaysOfQueue,
                deferred,
                deferredOfQueue,
                resting,
                restingOfQueue,
                lastValues,
                most,
                laneKeys,
                begunChunks);
    }

    public AsideLimits withLaneKeys(int most) {
        return new AsideLimits(
                overlays,
                overlaysOfQueue,
                deferred,
                deferredOfQueue,
                resting,
                restingOfQueue,
                lastValues,
                readers,
                most,
                begunChunks);
    }

    public AsideLimits withBegunChunks(int most) {
        return new AsideLimits(
                overlays,
                overlaysOfQueue,
                deferred,
                deferredOfQueue,
                resting,
                restingOfQueue,
                lastValues,
                readers,
                laneKeys,
                most);
    }
}
