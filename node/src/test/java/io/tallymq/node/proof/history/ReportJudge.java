package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryEvent.Reported;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Judges what publishers are told of their messages: each end of each stored one once, and nothing else. A report may come several times, as any message:
 * flagged then, and of the same entry.
 */
final class ReportJudge implements Judge {
    private static final String ACKED = "acked";

    /** What is known of one message. */
    private static final class Message {
        final List<String> ends;
        final Set<String> told = new HashSet<>();
        boolean confirmed;
        boolean returned;
        boolean nacked;
        boolean came;
        /** Somebody was about to ack it. */
        boolean acked;

        Message(String ends) {
            this.ends = List.of(ends.split("\\+", -1));
        }

        boolean isStored() {
            return confirmed && !returned || came || !told.isEmpty();
        }
    }

    /** How a report came first. */
    private static final class First {
        final long entry;
        boolean unflagged;

        First(long entry) {
            this.entry = entry;
        }
    }

    private final Findings findings;
    private final Map<MessageId, Message> messages = new LinkedHashMap<>();
    private final Map<String, First> reports = new HashMap<>();
    private long came;

    ReportJudge(Findings findings) {
        this.findings = findings;
    }

    @Override
    public void accept(HistoryEvent event) {
        if (event instanceof Published p && p.note(Published.ENDS) != null) {
            messages.put(p.id(), new Message(p.note(Published.ENDS)));
        } else if (event instanceof Answered a && messages.containsKey(a.id())) {
            Message m = messages.get(a.id());
            m.confirmed |= a.kind() == Kind.CONFIRMED;
            m.nacked |= a.kind() == Kind.NACKED;
            m.returned |= a.kind() == Kind.RETURNED;
        } else if (event instanceof Delivered d && messages.containsKey(d.id())) {
            messages.get(d.id()).came = true;
        } else if (event instanceof Answering a && a.kind() == Kind.ACKED && messages.containsKey(a.id())) {
            messages.get(a.id()).acked = true;
        } else if (event instanceof Reported r) {
            reported(r);
        }
    }

    private void reported(Reported r) {
        came++;
        Message m = messages.get(r.id());
        String end = r.event() + "@" + r.queue();
        String what = r.id() + ", " + end + " by entry " + r.entry() + " as told to " + r.who() + ": ";
        if (m == null) {
            findings.broken(Rule.MISREPORTED, what + "was never published");
            return;
        }
        if (!m.ends.contains(end)) {
            findings.broken(Rule.MISREPORTED, what + "its ends are " + m.ends);
        } else if (r.event().equals(ACKED) && !m.acked) {
            findings.broken(Rule.MISREPORTED, what + "nobody had acked it");
        }
        m.told.add(end);
        First first = reports.computeIfAbsent(r.id() + " " + end, k -> new First(r.entry()));
        if (first.entry != r.entry()) {
            findings.broken(Rule.REPORTEDTWICE, what + "was told by entry " + first.entry + " as well");
        } else if (!r.redelivered() && first.unflagged) {
            findings.broken(Rule.REPORTEDTWICE, what + "came twice, and is not flagged");
        }
        first.unflagged |= !r.redelivered();
    }

    @Override
    public void end() {
        messages.forEach((id, m) -> {
            if (m.nacked && !m.told.isEmpty()) {
                findings.broken(Rule.MISREPORTED, id + " was nacked, and told: " + m.told);
            }
            for (String end : m.ends) {
                if (m.isStored() && !m.told.contains(end)) {
                    findings.broken(Rule.UNREPORTED, id + ": nobody was told that it is " + end);
                }
            }
        });
        if (came == 0) {
            findings.provesNothing();
        }
        findings.count("reports", came);
        findings.count("ends told", reports.size());
    }
}
