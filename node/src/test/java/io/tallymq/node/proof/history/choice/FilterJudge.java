package io.tallymq.node.proof.history.choice;

import io.tallymq.node.proof.history.Findings;
import io.tallymq.node.proof.history.HistoryEvent;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.Judge;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.history.Rule;
import java.util.HashMap;
import java.util.Map;

/**
 * Judges x-filter: a message notes whose filter lets it through, which is the last part of the names of those who have it, as in
 * {@code filters-c10-odd.1}. Who is called {@link #ANYBODY} has none. That all of it comes, and soon, is for others to judge.
 */
public final class FilterJudge implements Judge {
    public static final String ANYBODY = "any";

    private final Findings findings;
    private final Map<MessageId, String> wanted = new HashMap<>();
    private long filtered;

    public FilterJudge(Findings findings) {
        this.findings = findings;
    }

    @Override
    public void accept(HistoryEvent event) {
        if (event instanceof Published p && p.note(Published.FOR) != null) {
            wanted.put(p.id(), p.note(Published.FOR));
        } else if (event instanceof Delivered d && wanted.containsKey(d.id())) {
            String has = has(d.consumer());
            filtered += has.equals(ANYBODY) ? 0 : 1;
            if (!has.equals(ANYBODY) && !has.equals(wanted.get(d.id()))) {
                findings.broken(Rule.FILTER, d.id() + " is for " + wanted.get(d.id()) + " and came to " + d.consumer());
            }
        }
    }

    private static String has(String consumer) {
        return consumer.substring(consumer.lastIndexOf('-') + 1, consumer.lastIndexOf('.'));
    }

    @Override
    public void end() {
        findings.count("filtered", filtered);
    }
}
