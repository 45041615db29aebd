package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Fault;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Judges when messages come that have a time: not before it, and not later than a moment that all nodes serve after it. Client and nodes
 * have one clock, or those that differ by less than the tolerance.
 */
final class TimeJudge implements Judge {
    private static final long TOLERANCE = TimeUnit.MILLISECONDS.toNanos(100);
    /** Shorter than the longest times of the load, so that a time that begins anew with a start is noticed. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

    private final Findings findings;
    private final Troubles troubles = new Troubles();
    private final Map<MessageId, Long> awaited = new HashMap<>();

    TimeJudge(Findings findings) {
        this.findings = findings;
    }

    @Override
    public void accept(HistoryEvent event) {
        if (event instanceof Published p && p.note(Published.AFTER) != null) {
            long after = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(p.note(Published.AFTER)));
            awaited.put(p.id(), p.time() + after);
        } else if (event instanceof Delivered d) {
            Long due = awaited.remove(d.id());
            if (due != null) {
                came(d, due);
            }
        } else if (event instanceof Fault f) {
            troubles.fault(f);
        }
    }

    private void came(Delivered d, long due) {
        if (d.time() < due - TOLERANCE) {
            findings.broken(Rule.EARLY, d.id() + " came " + millis(due - d.time()) + " ms before its time");
        }
        long late = troubles.calm(due, d.time());
        findings.most("latest ms", millis(late));
        if (late > PATIENCE) {
            findings.broken(
                    Rule.OVERDUE,
                    d.id() + " came " + millis(d.time() - due) + " ms after its time, for " + millis(late)
                            + " ms of which all nodes served");
        }
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    @Override
    public void end() {}
}
