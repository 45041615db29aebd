package io.tallymq.node.proof.history.choice;

import io.tallymq.node.proof.history.Findings;
import io.tallymq.node.proof.history.HistoryEvent;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.DeadLettered;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryEvent.Remark;
import io.tallymq.node.proof.history.Judge;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.history.Rule;
import io.tallymq.node.proof.history.Suspicions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Judges settles by amq.settle. One that was confirmed stands: what was acked or made a dead letter does not come again, a dead letter is in its queue, what
 * rests does not come before its time, what was put aside comes to who names its token and to nobody else before its time, and a message comes with the
 * headers of the last settle. One that was not answered may have happened or not.
 */
public final class OutcomeJudge implements Judge {
    private static final long TOLERANCE = TimeUnit.MILLISECONDS.toNanos(100);
    /** A token may be void so long before the message's time is over for certain. */
    private static final long CLOSE = TimeUnit.SECONDS.toNanos(1);

    private static final class Settle {
        final String outcome;
        final String step;
        /** Before which it does not come; 0: it may at once. */
        final long until;

        boolean stands;

        Settle(Remark r) {
            outcome = r.note(Remark.OUTCOME);
            step = r.note(Remark.STEP);
            String delay = r.note(Remark.DELAY);
            until = delay == null ? 0 : r.time() + TimeUnit.MILLISECONDS.toNanos(Long.parseLong(delay));
        }

        boolean is(String what) {
            return outcome.equals(what);
        }
    }

    private static final class Message {
        final List<Settle> settles = new ArrayList<>();
        /** Somebody has named its token since the last settle. */
        boolean fetched;

        boolean dead;

        Settle last() {
            return settles.isEmpty() ? null : settles.get(settles.size() - 1);
        }

        boolean mayHave(String step) {
            for (int i = settles.size() - 1; i >= 0; i--) {
                Settle s = settles.get(i);
                if (s.step.equals(step)) {
                    return true;
                }
                if (s.stands) {
                    return false;
                }
            }
            return step == null;
        }
    }

    private final Findings findings;
    private final Suspicions suspicions;
    private final Map<MessageId, Message> messages = new HashMap<>();
    private final Map<String, Settle> settles = new HashMap<>();
    private long stood;
    private long fetched;

    public OutcomeJudge(Findings findings) {
        this.findings = findings;
        this.suspicions = new Suspicions(findings);
    }

    @Override
    public void accept(HistoryEvent event) {
        if (event instanceof Published p) {
            messages.put(p.id(), new Message());
        } else if (event instanceof Remark r && messages.containsKey(r.id())) {
            remark(r, messages.get(r.id()));
        } else if (event instanceof Delivered d && messages.containsKey(d.id())) {
            delivered(d, messages.get(d.id()));
        } else if (event instanceof DeadLettered d && messages.containsKey(d.id())) {
            Message m = messages.get(d.id());
            m.dead = true;
            if (m.settles.stream().noneMatch(s -> s.is("dead-letter"))) {
                findings.broken(Rule.OUTCOME, d.id() + " is a dead letter, which nobody said");
            }
        } else if (event instanceof Channel c) {
            channel(c);
        }
    }

    private void channel(Channel c) {
        switch (c.kind()) {
            case ASKED -> suspicions.asked(c.consumer());
            case SETTLED -> suspicions.settled(c.consumer());
            case GONE -> suspicions.gone(c.consumer());
            default -> {}
        }
    }

    private void remark(Remark r, Message m) {
        switch (r.kind()) {
            case SETTLING -> {
                Settle s = new Settle(r);
                m.settles.add(s);
                m.fetched = false;
                settles.put(s.step, s);
            }
            case STANDS -> {
                settles.get(r.note(Remark.STEP)).stands = true;
                stood++;
            }
            case FETCHING -> {
                m.fetched = true;
                fetched++;
            }
            case MISSED -> missed(r, m.last());
            default -> marked(r, m);
        }
    }

    /** Who asks is the only one who does, and asks once. */
    private void missed(Remark r, Settle last) {
        if (last != null && last.step.equals(r.note(Remark.STEP)) && last.stands && r.time() < last.until - CLOSE) {
            findings.broken(Rule.DEFERRED, r.id() + " was put aside, and " + r.who() + " did not get it by its token");
        }
    }

    private void marked(Remark r, Message m) {
        if (!m.mayHave(r.note(Remark.STEP))) {
            String what = r.id() + " came with the headers of " + r.note(Remark.STEP) + ", settled as " + m.last().step;
            suspicions.add(Rule.OUTCOME, r.who(), null, what);
        }
    }

    private void delivered(Delivered d, Message m) {
        Settle last = m.last();
        if (last == null || !last.stands) {
            return;
        }
        long early = last.until - TOLERANCE - d.time();
        if (last.is("ack") || last.is("dead-letter")) {
            suspicions.add(Rule.OUTCOME, d.consumer(), null, d.id() + " came after its " + last.outcome);
        } else if (early > 0 && last.is("defer") && !m.fetched) {
            suspicions.add(Rule.DEFERRED, d.consumer(), null, d.id() + " was put aside and came to " + d.consumer());
        } else if (early > 0 && !last.is("defer")) {
            suspicions.add(Rule.EARLY, d.consumer(), null, d.id() + " came before its rest was over");
        }
    }

    @Override
    public void end() {
        suspicions.end();
        messages.forEach((id, m) -> {
            if (m.last() != null && m.last().is("dead-letter") && m.last().stands && !m.dead) {
                findings.broken(Rule.OUTCOME, id + " was to be a dead letter and is none");
            }
        });
        findings.count("stand", stood);
        findings.count("fetched", fetched);
    }
}
