package io.tallymq.broker.queue;

import io.tallymq.broker.reports.DueLately;
import java.util.TreeMap;

/** The queues that have dead letters which wait for their way, see {@link io.tallymq.broker.processing.DeadLettering}. */
public final class DeadLetters {
    /** By number. */
    private final TreeMap<Long, Queue> waiting = new TreeMap<>();

    private final DueLately lately;

    /** @param lately counts those that come to wait */
    public DeadLetters(DueLately lately) {
        this.lately = lately;
    }

    /** What came to wait since some were moved. */
    public DueLately lately() {
        return lately;
    }

    /** The queue has some, or goes on after it was stuck. */
    void add(Queue q) {
        waiting.put(q.number(), q);
    }

    /** It has none any more, is stuck, or is deleted. */
    void remove(Queue q) {
        waiting.remove(q.number());
    }

    /** Those whose dead letters can go on, by their numbers; not to be changed. */
    public TreeMap<Long, Queue> waiting() {
        return waiting;
    }
}
