package io.tallymq.node.proof.history;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The judgement of a history.
 *
 * @param violations per broken rule
 * @param counts what happened, for the reader
 */
public record Verdict(Outcome outcome, Map<Rule, Violations> violations, Map<String, Long> counts) {
    public enum Outcome {
        VALID,
        INVALID,
        /** Nothing was confirmed, or a queue was not drained: it proves nothing, so it counts as failed. */
        UNKNOWN
    }

    /** How often a rule was broken, and the first few messages it was broken for. */
    public static final class Violations {
        private static final int SHOWN = 8;

        private final List<String> samples = new ArrayList<>();
        private long count;

        void add(String what) {
            count++;
            if (samples.size() < SHOWN) {
                samples.add(what);
            }
        }

        long count() {
            return count;
        }

        @Override
        public String toString() {
            return count + " " + samples;
        }
    }

    public Verdict {
        violations = violations.isEmpty() ? Map.of() : new EnumMap<>(violations);
    }

    public boolean valid() {
        return outcome == Outcome.VALID;
    }

    public long count(String what) {
        return counts.getOrDefault(what, 0L);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(outcome.toString()).append(' ').append(counts);
        violations.forEach(
                (rule, what) -> text.append("\n  ").append(rule).append(": ").append(what));
        return text.toString();
    }
}
