package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Fault;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Judges when messages come that have a time: not before it, counted from their publish, and not later than a moment that all nodes serve after
 * it, counted from their confirm: somewhere between the two it began. Client and nodes have one clock, or those that differ by less than the
 * tolerance.
 */
final class TimeJudge implements Judge {
    private static final long TOLERANCE = TimeUnit.MILLISECONDS.toNanos(100);
    /** Shorter than the longest times of the load, so that a time that begins anew with a start is noticed. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

    private final Findings findings;
    private final Troubles troubles = new Troubles();
    private final Map<MessageId, Message> messages = new HashMap<>();

    /** What is known of a message that has a time; nanoseconds. */
    private static final class Message {
        final long published;
        final long after;
        long confirmed = -1;
        /** For the first time; -1: it has not come. */
        long came = -1;

        Message(long published, long after) {
            this.published = published;
            this.after = after;
        }
    }

    TimeJudge(Findings findings) {
        this.findings = findings;
    }

    @Override
    public void accept(HistoryEvent event) {
        if (event instanceof Published p && p.note(Published.AFTER) != null) {
            long after = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(p.note(Published.AFTER)));
            messages.put(p.id(), new Message(p.time(), after));
        } else if (event instanceof Answered a && a.kind() == HistoryEvent.Kind.CONFIRMED) {
            Message m = messages.get(a.id());
            if (m != null) {
                m.confirmed = a.time();
            }
        } else if (event instanceof Delivered d) {
            came(d);
        } else if (event instanceof Fault f) {
            troubles.fault(f);
        }
    }

    private void came(Delivered d) {
        Message m = messages.get(d.id());
        if (m == null || m.came >= 0) {
            return;
        }
        m.came = d.time();
        long early = m.published + m.after - d.time();
        if (early > TOLERANCE) {
            findings.broken(Rule.EARLY, d.id() + " came " + millis(early) + " ms before its time");
        }
    }

    @Override
    public void end() {
        messages.forEach((id, m) -> {
            if (m.came < 0 || m.confirmed < 0) {
                return;
            }
            long due = m.confirmed + m.after;
            long late = troubles.calm(due, m.came);
            findings.most("latest ms", millis(late));
            if (late > PATIENCE) {
                findings.broken(
                        Rule.OVERDUE,
                        id + " came " + millis(m.came - due) + " ms after its time, for " + millis(late)
                                + " ms of which all nodes served");
            }
        });
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
