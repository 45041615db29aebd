package io.tallymq.node.proof.history;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A history in which a promise is broken; {@code of} changes a faultless one.
 *
 * @param feature whose load it is, null for a queue without any
 * @param also what can not hold either, if the rule does not
 */
public record Mutation(Feature feature, Rule rule, String name, Consumer<List<HistoryEvent>> of, Set<Rule> also) {
    public Mutation(Feature feature, Rule rule, String name, Consumer<List<HistoryEvent>> of) {
        this(feature, rule, name, of, Set.of());
    }

    @Override
    public String toString() {
        return (feature == null ? "" : feature + " ") + rule + ": " + name;
    }
}
