package io.tallymq.amqp.filter;

import java.util.concurrent.atomic.LongAdder;

/** What the filters of a node's consumers cost and bring, since its start. Any thread. */
public final class FilterCounts {
    private final LongAdder looked = new LongAdder();
    private final LongAdder matched = new LongAdder();
    private final LongAdder taken = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private final LongAdder full = new LongAdder();

    void looked(int messages, long matches) {
        looked.add(messages);
        matched.add(matches);
    }

    void took(long messages, long others) {
        taken.add(messages);
        lost.add(others);
    }

    void wasFull() {
        full.increment();
    }

    /** Messages that a filter was asked about; each as often as one was. */
    public long looked() {
        return looked.sum();
    }

    /** Of these, those that were not wanted. */
    public long skipped() {
        return Math.max(0, looked.sum() - matched.sum());
    }

    /** Messages that consumers took. */
    public long taken() {
        return taken.sum();
    }

    /** Messages that matched and were others', or gone, when their turn came. */
    public long lost() {
        return lost.sum();
    }

    /** How often a consumer had to wait since its queue's messages are in too many pieces. */
    public long full() {
        return full.sum();
    }
}
