package io.tallymq.broker.aside;

import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.SeqRuns;
import java.util.ArrayDeque;

/** Records of which chunks of a queue were begun out of turn, of queues that are deleted or purged: later entries take them out, some each. Nobody sees anything of them. */
public final class PickedLeft {
    private record Left(long queue, SeqRuns runs) {}

    private final ArrayDeque<Left> all = new ArrayDeque<>();
    private int records;

    public boolean isEmpty() {
        return records == 0;
    }

    public int records() {
        return records;
    }

    /** The queue has them no more; who calls does not use them either. */
    public void add(long queue, SeqRuns runs) {
        if (!runs.isEmpty()) {
            all.add(new Left(queue, runs));
            records += runs.runs();
        }
    }

    /** Takes out so many; returns how many these were. */
    public int step(int most, MessageStore store) {
        int n = 0;
        while (n < most && !all.isEmpty()) {
            Left some = all.peek();
            n += some.runs.forgetLowest(most - n);
            some.runs.writeDirty(store, some.queue);
            if (some.runs.isEmpty()) {
                all.poll();
            }
        }
        records -= n;
        return n;
    }
}
