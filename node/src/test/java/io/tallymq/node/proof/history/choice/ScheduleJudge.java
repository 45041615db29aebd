package io.tallymq.node.proof.history.choice;

import io.tallymq.node.proof.history.Excuse;
import io.tallymq.node.proof.history.Findings;
import io.tallymq.node.proof.history.HistoryEvent;
import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.DeadLettered;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.Judge;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.history.Rule;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Judges messages for later that have ids: each takes the place of the one before it with its id, or only calls that off. One whose successor was
 * confirmed before its time never comes; one whose successor came later may come or not; one without any comes, which others judge.
 */
public final class ScheduleJudge implements Judge, Excuse {
    private static final long TOLERANCE = TimeUnit.MILLISECONDS.toNanos(100);

    private static final class Message {
        final Published published;
        Message next;
        /** When it was confirmed; -1: it was not. */
        long confirmed = -1;

        boolean came;

        Message(Published published) {
            this.published = published;
        }

        boolean isReplacedInTime() {
            String after = published.note(Published.AFTER);
            long due = published.time() + TimeUnit.MILLISECONDS.toNanos(after == null ? 0 : Long.parseLong(after));
            return next != null && next.confirmed >= 0 && next.confirmed < due - TOLERANCE;
        }
    }

    private final Findings findings;
    private final Map<MessageId, Message> messages = new HashMap<>();
    /** Of each id the latest. */
    private final Map<String, Message> latest = new HashMap<>();

    public ScheduleJudge(Findings findings) {
        this.findings = findings;
    }

    @Override
    public void accept(HistoryEvent event) {
        if (event instanceof Published p && p.note(Published.PLAN) != null) {
            Message m = new Message(p);
            messages.put(p.id(), m);
            Message before = latest.put(p.note(Published.PLAN), m);
            if (before != null) {
                before.next = m;
            }
        } else if (event instanceof Answered a && a.kind() == Kind.CONFIRMED && messages.containsKey(a.id())) {
            messages.get(a.id()).confirmed = a.time();
        } else if (event instanceof Delivered d) {
            came(d.id());
        } else if (event instanceof DeadLettered d) {
            came(d.id());
        }
    }

    private void came(MessageId id) {
        Message m = messages.get(id);
        if (m != null) {
            m.came = true;
        }
    }

    @Override
    public boolean mayBeGone(MessageId id, boolean came) {
        Message m = messages.get(id);
        return !came && m != null && m.next != null;
    }

    @Override
    public void end() {
        long replaced = 0;
        for (Message m : messages.values()) {
            if (m.isReplacedInTime()) {
                replaced++;
                if (m.came) {
                    findings.broken(
                            Rule.REPLACED,
                            m.published.id() + " came although " + m.next.published.id()
                                    + " took its place before its time");
                }
            }
        }
        findings.count("replaced in time", replaced);
    }
}
