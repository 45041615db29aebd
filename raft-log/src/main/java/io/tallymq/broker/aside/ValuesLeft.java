package io.tallymq.broker.aside;

import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayDeque;
import java.util.NavigableSet;
import java.util.TreeSet;

/** Records of last values whose messages a purge took, or whose queue is deleted: later entries take them out, some each. Nobody sees anything of them. */
public final class ValuesLeft {
    private record Left(long queue, NavigableSet<Long> messages) {}

    private final ArrayDeque<Left> all = new ArrayDeque<>();
    private int records;

    public boolean isEmpty() {
        return records == 0;
    }

    public int records() {
        return records;
    }

    /** The queue has them no more; who calls does not use them either. */
    public void add(long queue, NavigableSet<Long> messages) {
        if (!messages.isEmpty()) {
            all.add(new Left(queue, messages));
            records += messages.size();
        }
    }

    /** For the start: one of them. */
    public void restore(long queue, long message) {
        if (all.isEmpty() || all.getLast().queue != queue) {
            all.add(new Left(queue, new TreeSet<>()));
        }
        all.getLast().messages.add(message);
        records++;
    }

    /** Takes out so many; returns how many these were. */
    public int step(int most, MessageStore store) {
        int n = 0;
        for (; n < most && !all.isEmpty(); n++) {
            Left some = all.peek();
            store.delete(Keys.of(Keys.LAST_VALUE, some.queue, some.messages.pollFirst()));
            if (some.messages.isEmpty()) {
                all.poll();
            }
        }
        records -= n;
        return n;
    }
}
