package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Inquiring;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryEvent.Told;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Judges names that the broker remembers for a short time only, by the log's time: it forgets what it may, and nothing before; a publish that comes again is
 * stored once while it is remembered, and again afterwards; what it says of a time is true. What happened is collected here, {@link WindowLives} judges it.
 */
final class WindowJudge implements Judge {
    private static final Set<String> FINAL = Set.of(ReceiptJudge.STORED, ReceiptJudge.VOID);

    private record Question(long time, String name, long askedAt) {}

    private final Findings findings;
    private final Memory memory;
    private final WallTimes times = new WallTimes();
    private final Map<String, NamedPublish> names = new LinkedHashMap<>();
    private final Map<MessageId, NamedPublish.Try> messages = new HashMap<>();
    private final Map<String, Question> questions = new HashMap<>();
    private final Map<String, Long> outcomes = new TreeMap<>();
    private long began = -1;
    private long asked;
    private long answered;
    private long askedAt = -1;

    WindowJudge(Findings findings, Memory memory) {
        this.findings = findings;
        this.memory = memory;
    }

    @Override
    public void accept(HistoryEvent event) {
        began = began < 0 ? event.time() : began;
        switch (event.kind()) {
            case PUBLISHED -> published((Published) event);
            case RETURNED, CONFIRMED -> answered((Answered) event);
            case DELIVERED -> {
                Delivered d = (Delivered) event;
                NamedPublish.Try t = messages.get(d.id());
                if (t != null) {
                    t.came.putIfAbsent(d.queue(), d.time());
                }
            }
            case INQUIRED, VOIDING -> asked((Inquiring) event);
            case TOLD, VOIDED -> told((Told) event);
            default -> {}
        }
    }

    private NamedPublish name(String name) {
        return names.computeIfAbsent(name, NamedPublish::new);
    }

    private void published(Published p) {
        String key = p.note(Published.KEY);
        if (key != null) {
            messages.put(p.id(), name(key).tried(p));
        }
    }

    private void answered(Answered a) {
        NamedPublish.Try t = messages.get(a.id());
        if (a.kind() == Kind.CONFIRMED) {
            times.confirmed(a.time());
        }
        if (t == null) {
            return;
        }
        if (a.kind() == Kind.CONFIRMED) {
            t.confirmed = Math.min(t.confirmed, a.time());
        } else {
            t.returned = true;
        }
    }

    private void asked(Inquiring i) {
        asked++;
        NamedPublish n = name(i.name());
        n.voiding |= i.kind() == Kind.VOIDING;
        questions.put(i.who(), new Question(i.time(), i.name(), askedAt));
    }

    private void told(Told t) {
        Question q = questions.remove(t.who());
        if (q == null || !q.name.equals(t.name())) {
            broken(Rule.RECEIPT, t, "was not asked for: the history is damaged");
            return;
        }
        answered++;
        outcomes.merge(t.outcome(), 1L, Long::sum);
        if (t.outcome().equals(Told.DONE) || t.outcome().equals(Told.CAME)) {
            return;
        }
        times.noted(t.time(), t.times().now());
        if (t.askedAt() < q.askedAt) {
            broken(Rule.RECEIPT, t, "knows of entry " + t.askedAt() + ", and an answer before of " + q.askedAt);
        }
        askedAt = Math.max(askedAt, t.askedAt());
        boolean isFinal = FINAL.contains(t.outcome());
        if (t.isFinal() != isFinal) {
            broken(Rule.RECEIPT, t, "final: " + t.isFinal());
        }
        NamedPublish n = name(t.name());
        if (isFinal) {
            decided(n, t);
        } else {
            n.open.add(new NamedPublish.Open(t, q.time));
        }
    }

    private void decided(NamedPublish n, Told t) {
        if (t.outcome().equals(ReceiptJudge.STORED) ? n.tries.isEmpty() : !n.voiding) {
            broken(Rule.RECEIPT, t, "nobody wanted that");
        }
        if (t.entry() < 0 && t.outcome().equals(ReceiptJudge.VOID)) {
            return; // that it is stays known of a producer that was forgotten, and not since when
        }
        NamedPublish.Life now = new NamedPublish.Life(t.entry(), t.times().decided(), t.outcome());
        NamedPublish.Life before = n.lives.putIfAbsent(t.entry(), now);
        if (before != null && !before.equals(now)) {
            broken(Rule.FICKLE, t, "the same entry was told as " + before);
        }
    }

    private void broken(Rule rule, Told t, String what) {
        findings.broken(rule, t.name() + ", " + t.outcome() + " as told to " + t.who() + ": " + what);
    }

    @Override
    public void end() {
        for (NamedPublish n : names.values()) {
            n.lives.values().forEach(l -> memory.used(n.producer, l.decided(), l.decided()));
            n.tries.stream()
                    .filter(t -> t.confirmed != NamedPublish.NEVER)
                    .forEach(t -> memory.used(n.producer, times.earliest(t.published), times.latest(t.confirmed)));
        }
        memory.end();
        WindowLives lives = new WindowLives(findings, memory, times, times.latest(Math.max(0, began)));
        names.values().forEach(lives::judge);
        findings.count("names", names.size());
        findings.count("asked", asked);
        findings.count("without answer", asked - answered);
        outcomes.forEach((outcome, number) -> findings.count("told " + outcome, number));
        lives.end();
    }
}
