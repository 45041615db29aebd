package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Judges that a message for several queues comes out of all of them or out of none, whether it was answered or not. That what was confirmed comes out of
 * each is {@link Rule#LOST}, and that what was nacked comes out of none {@link Rule#REFUSED}.
 */
final class RoutesJudge implements Judge {
    private final Findings findings;
    private final Map<MessageId, Published> published = new LinkedHashMap<>();
    /** The queues out of which each came. */
    private final Map<MessageId, Set<String>> came = new HashMap<>();

    RoutesJudge(Findings findings) {
        this.findings = findings;
    }

    @Override
    public void accept(HistoryEvent event) {
        if (event instanceof Published p) {
            published.put(p.id(), p);
        } else if (event instanceof Delivered d) {
            came.computeIfAbsent(d.id(), i -> new TreeSet<>()).add(d.queue());
        }
    }

    @Override
    public void end() {
        came.forEach((id, queues) -> {
            Published p = published.get(id);
            if (p != null && queues.size() < EachQueue.of(p).length) {
                findings.broken(Rule.TORN, id + " is for " + p.queue() + " and came out of " + queues);
            }
        });
        findings.count(
                "for several",
                published.values().stream()
                        .filter(p -> EachQueue.of(p).length > 1)
                        .count());
    }
}
