package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Inquiring;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryEvent.Told;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Judges what is told of publishes that have names, or ids, by all nodes: what is stored comes out of each of its queues and was published; what is void never
 * comes; what is final stays so and is told alike by all; what was confirmed before it was asked for is told; only what is too old is forgotten.
 * That one comes once is {@link Rule#DUPLICATE}.
 */
final class ReceiptJudge implements Judge {
    /** Numbers so far below another one of the producer's may be forgotten. */
    static final long WINDOW = 4_096;
    /** In its place: of ids that are remembered for longer than a run. */
    static final long NOTHING_FORGOTTEN = Long.MAX_VALUE;

    static final String STORED = "stored";
    static final String VOID = "void";
    static final String UNSEEN = "unseen";
    static final String FORGOTTEN = "forgotten";
    /** Told of what may still become something else. */
    private static final Set<String> OPEN = Set.of(UNSEEN, "refused", "unroutable");

    private static final long NEVER = Long.MAX_VALUE;

    /** What is known of one name. */
    private static final class Name {
        final String name;
        final String producer;
        final long number;
        final Set<String> queues = new TreeSet<>();
        final Set<String> came = new TreeSet<>();
        boolean published;
        /** Somebody was about to make it void. */
        boolean voiding;

        long confirmed = NEVER;
        /** What it is for good, null: nobody was told. */
        String outcome;

        long told = NEVER;
        long entry = -1;
        long forgotten = NEVER;

        Name(String name) {
            this.name = name;
            producer = producer(name);
            number = Long.parseLong(name.substring(producer.length() + 1));
        }
    }

    /** @param askedAt of the latest answer that had come before */
    private record Question(long time, String name, long askedAt) {}

    private final Findings findings;
    private final long window;
    private final Map<String, Name> names = new LinkedHashMap<>();
    private final Map<MessageId, Name> messages = new HashMap<>();
    private final Set<MessageId> returned = new HashSet<>();
    private final Map<String, Question> questions = new HashMap<>();
    /** The highest number of each producer that was published or made void so far, perhaps. */
    private final Map<String, Long> sent = new HashMap<>();

    private final Map<String, Long> outcomes = new TreeMap<>();
    private long asked;
    private long answered;
    private long askedAt = -1;

    ReceiptJudge(Findings findings, long window) {
        this.findings = findings;
        this.window = window;
    }

    /** Of a publish's name. */
    static String producer(String name) {
        return name.substring(0, name.lastIndexOf('.'));
    }

    @Override
    public void accept(HistoryEvent event) {
        switch (event.kind()) {
            case PUBLISHED -> published((Published) event);
            case RETURNED -> returned.add(((Answered) event).id());
            case CONFIRMED -> confirmed((Answered) event);
            case DELIVERED -> {
                Delivered d = (Delivered) event;
                Name n = messages.get(d.id());
                if (n != null) {
                    n.came.add(d.queue());
                }
            }
            case INQUIRED, VOIDING -> asked((Inquiring) event);
            case TOLD, VOIDED -> told((Told) event);
            default -> {}
        }
    }

    private Name name(String name) {
        return names.computeIfAbsent(name, Name::new);
    }

    private void published(Published p) {
        String key = p.note(Published.KEY);
        if (key == null) {
            return;
        }
        Name n = name(key);
        n.published = true;
        n.queues.addAll(Set.of(EachQueue.of(p)));
        sent.merge(n.producer, n.number, Math::max);
        messages.put(p.id(), n);
    }

    private void confirmed(Answered a) {
        Name n = messages.get(a.id());
        if (n != null && !returned.contains(a.id())) {
            n.confirmed = Math.min(n.confirmed, a.time());
        }
    }

    private void asked(Inquiring i) {
        asked++;
        Name n = name(i.name());
        if (i.kind() == Kind.VOIDING) {
            n.voiding = true;
            sent.merge(n.producer, n.number, Math::max);
        }
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
        Name n = name(t.name());
        switch (t.outcome()) {
            case Told.DONE -> isFor(n, VOID, t);
            case Told.CAME -> {
                if (!mayBeForgotten(n)) {
                    isFor(n, STORED, t);
                }
            }
            default -> receipt(n, q, t);
        }
    }

    private boolean mayBeForgotten(Name n) {
        return sent.getOrDefault(n.producer, -1L) - n.number >= window;
    }

    private void receipt(Name n, Question q, Told t) {
        if (t.askedAt() < q.askedAt) {
            broken(Rule.RECEIPT, t, "knows of entry " + t.askedAt() + ", and an answer before of " + q.askedAt);
        }
        askedAt = Math.max(askedAt, t.askedAt());
        boolean isFinal = t.outcome().equals(STORED) || t.outcome().equals(VOID);
        if (t.isFinal() != isFinal) {
            broken(Rule.RECEIPT, t, "final: " + t.isFinal());
        }
        if (t.outcome().equals(FORGOTTEN)) {
            forgotten(n, t);
            return;
        }
        if (n.forgotten < q.time) {
            broken(Rule.FICKLE, t, "was forgotten before");
        }
        if (isFinal) {
            isFor(n, t.outcome(), t);
        } else {
            isOpen(n, q, t);
        }
    }

    private void forgotten(Name n, Told t) {
        if (!mayBeForgotten(n)) {
            broken(Rule.FORGOTTEN, t, "and no number above " + sent.getOrDefault(n.producer, -1L) + " was published");
        }
        n.forgotten = Math.min(n.forgotten, t.time());
    }

    private void isOpen(Name n, Question q, Told t) {
        if (n.told < q.time) {
            broken(Rule.FICKLE, t, "was " + n.outcome + " before");
        } else if (n.confirmed < q.time) {
            broken(Rule.RECEIPT, t, "was confirmed at " + n.confirmed + ", before it was asked for");
        } else if (!OPEN.contains(t.outcome()) || !t.outcome().equals(UNSEEN) && !n.published) {
            broken(Rule.RECEIPT, t, "can't be");
        }
    }

    /** It is said what it is for good. */
    private void isFor(Name n, String outcome, Told t) {
        if (outcome.equals(STORED) && !n.published) {
            broken(Rule.RECEIPT, t, "was never published");
        } else if (outcome.equals(VOID) && !n.voiding) {
            broken(Rule.RECEIPT, t, "was never made void");
        }
        if (n.outcome == null) {
            n.outcome = outcome;
            n.told = t.time();
        } else if (!n.outcome.equals(outcome)) {
            broken(Rule.FICKLE, t, "was " + n.outcome + " before");
        }
        if (n.entry >= 0 && t.entry() >= 0 && n.entry != t.entry()) {
            broken(Rule.FICKLE, t, "by entry " + t.entry() + " was decided by " + n.entry + " before");
        }
        n.entry = Math.max(n.entry, t.entry());
    }

    private void broken(Rule rule, Told t, String what) {
        findings.broken(rule, t.name() + ", " + t.outcome() + " as told to " + t.who() + ": " + what);
    }

    @Override
    public void end() {
        long finals = 0;
        for (Name n : names.values()) {
            finals += n.outcome != null ? 1 : 0;
            if (VOID.equals(n.outcome)) {
                isVoid(n);
            } else if (STORED.equals(n.outcome) && !n.came.containsAll(n.queues)) {
                findings.broken(
                        Rule.RECEIPT,
                        n.name + " is stored as told at " + n.told + ", and came out of " + n.came + " instead of "
                                + n.queues);
            }
        }
        if (finals == 0) {
            findings.provesNothing();
        }
        findings.count("names", names.size());
        findings.count("asked", asked);
        findings.count("without answer", asked - answered);
        outcomes.forEach((outcome, times) -> findings.count("told " + outcome, times));
        findings.count("final", finals);
    }

    private void isVoid(Name n) {
        if (!n.came.isEmpty()) {
            findings.broken(Rule.VOIDCAME, n.name + " is void as told at " + n.told + ", and came out of " + n.came);
        }
        if (n.confirmed != NEVER) {
            findings.broken(
                    Rule.RECEIPT,
                    n.name + " is void as told at " + n.told + ", and its publish was confirmed at " + n.confirmed);
        }
    }
}
