package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.Verdict.Outcome;
import io.tallymq.node.proof.history.Verdict.Violations;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the judges of one history find. One thread. */
public final class Findings {
    private final Map<Rule, Violations> violations = new EnumMap<>(Rule.class);
    private final Map<String, Long> counts = new LinkedHashMap<>();
    private boolean provesNothing;

    public void broken(Rule rule, String what) {
        violations.computeIfAbsent(rule, r -> new Violations()).add(what);
    }

    /** For the reader; of several judges with one name the numbers are added. */
    public void count(String name, long number) {
        counts.merge(name, number, Long::sum);
    }

    /** For the reader: the greatest of them. */
    public void most(String name, long number) {
        counts.merge(name, number, Math::max);
    }

    /** Too little has happened for a judgement. */
    public void provesNothing() {
        provesNothing = true;
    }

    Verdict verdict() {
        Outcome outcome = !violations.isEmpty() ? Outcome.INVALID : provesNothing ? Outcome.UNKNOWN : Outcome.VALID;
        return new Verdict(outcome, violations, counts);
    }
}
