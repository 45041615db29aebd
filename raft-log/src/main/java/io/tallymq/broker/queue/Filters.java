package io.tallymq.broker.queue;

import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.lane.Common;

/** Those consumers of a queue that have a filter; of most queues there are none, and nothing is kept for them. */
public final class Filters {
    private final Queue queue;
    private final Common common;
    /** Null while no consumer has a filter. */
    private Filtering filtering;

    Filters(Queue queue, Common common) {
        this.queue = queue;
        this.common = common;
    }

    /** Whether there are some. */
    boolean areThere() {
        return filtering != null;
    }

    /** They together; there are some. */
    public Filtering all() {
        return filtering;
    }

    /** A consumer has come, with a filter or without one. */
    void add(Holder h) {
        if (h.filters()) {
            filtering = filtering == null ? new Filtering(queue, common.level()) : filtering;
            filtering.add(h);
        }
    }

    /** The same has gone. */
    void remove(Holder h) {
        if (h.filters() && filtering != null) {
            filtering.remove(h);
            filtering = filtering.isEmpty() ? null : filtering;
        }
    }

    /** Messages may be had. */
    void became(long first, long last) {
        if (filtering != null) {
            filtering.became(first, last);
        }
    }

    /** They hear of what may be had now. */
    public void tell(Effects effects) {
        if (filtering != null) {
            filtering.tell(effects);
        }
    }
}
