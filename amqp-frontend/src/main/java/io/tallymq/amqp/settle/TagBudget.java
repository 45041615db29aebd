package io.tallymq.amqp.settle;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many runs of delivery tags the clients of a node have not settled, over all connections. What they have of queues the broker bounds; of streams
 * each of any number of readers may have all messages, and where a filter leaves some out each of them is a run. When it is full, and when a
 * channel has very many, readers of streams get more as they settle, and no sooner. Thread-safe.
 */
public final class TagBudget {
    /** Most runs of a node: 40 MB of memory, about. */
    public static final int MOST = 500_000;
    /** Most of a channel. */
    static final int MOST_OF_CHANNEL = 100_000;
    /** So many a channel may have whatever there are, and they are not counted. */
    static final int FEW = 256;
    /** Channels count so many at once. */
    static final int AT_ONCE = 256;

    private final AtomicLong runs = new AtomicLong();

    /** A channel has so many more, or less. */
    void changed(int by) {
        runs.addAndGet(by);
    }

    /** How many a channel may have now. */
    int mostOfChannel() {
        return runs.get() < MOST ? MOST_OF_CHANNEL : FEW;
    }

    /** Those of all channels that have more than a few. */
    public long runs() {
        return runs.get();
    }
}
