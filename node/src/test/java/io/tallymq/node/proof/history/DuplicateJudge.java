package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.HashMap;
import java.util.Map;

/** Judges that of the messages with one deduplication key, for one queue, one comes out, however often that one comes. */
final class DuplicateJudge implements Judge {
    private final Findings findings;
    /** The queue and key of each message. */
    private final Map<MessageId, String> keys = new HashMap<>();

    private final Map<String, MessageId> came = new HashMap<>();

    DuplicateJudge(Findings findings) {
        this.findings = findings;
    }

    @Override
    public void accept(HistoryEvent event) {
        if (event instanceof Published p && p.note(Published.KEY) != null) {
            keys.put(p.id(), p.queue() + " " + p.note(Published.KEY));
        } else if (event instanceof Delivered d && keys.containsKey(d.id())) {
            String key = keys.get(d.id());
            MessageId first = came.putIfAbsent(key, d.id());
            if (first != null && !first.equals(d.id())) {
                findings.broken(Rule.DUPLICATE, key + " came as " + first + " and as " + d.id());
            }
        }
    }

    @Override
    public void end() {
        findings.count("keys", keys.values().stream().distinct().count());
    }
}
