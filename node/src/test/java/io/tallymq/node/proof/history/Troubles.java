package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Fault;
import java.util.ArrayList;
import java.util.List;

/** When nodes were down, stopped or cut off: from each fault on until all of them served again. */
public final class Troubles {
    private record Trouble(long from, long to) {}

    private final List<Trouble> over = new ArrayList<>();
    /** Since when there is one; -1: there is none. */
    private long since = -1;

    public void fault(Fault fault) {
        boolean ends = fault.what().startsWith(Fault.OVER);
        if (ends && since >= 0) {
            over.add(new Trouble(since, fault.time()));
            since = -1;
        } else if (!ends && since < 0) {
            since = fault.time();
        }
    }

    /** How much of the time between the two there was none, nanoseconds. */
    public long calm(long from, long to) {
        long calm = Math.max(0, to - from);
        for (Trouble t : over) {
            calm -= common(t.from, t.to, from, to);
        }
        return since < 0 ? calm : calm - common(since, Long.MAX_VALUE, from, to);
    }

    private static long common(long a, long b, long from, long to) {
        return Math.max(0, Math.min(b, to) - Math.max(a, from));
    }
}
