package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Fault;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Judges that what every node has to have is not confirmed before: nothing that was published while a node was away, as long as it was. That all
 * that is confirmed is there is {@link Rule#LOST}.
 */
final class CopiesJudge implements Judge {
    private static final long NOBODY = Long.MAX_VALUE;

    private final Findings findings;
    /** When each of them was published. */
    private final Map<MessageId, Long> published = new HashMap<>();
    /** Those of them that were published while a node was away. */
    private final Set<MessageId> waiting = new HashSet<>();
    /** Since when a node is away. */
    private long away = NOBODY;

    private long confirmed;
    private long waited;

    CopiesJudge(Findings findings) {
        this.findings = findings;
    }

    @Override
    public void accept(HistoryEvent event) {
        if (event instanceof Published p && "all".equals(p.note(Published.CONFIRM))) {
            published.put(p.id(), p.time());
            if (away != NOBODY) {
                waiting.add(p.id());
            }
        } else if (event instanceof Fault f) {
            fault(f);
        } else if (event instanceof Answered a && a.kind() == Kind.CONFIRMED && published.containsKey(a.id())) {
            confirmed(a, published.get(a.id()));
        }
    }

    private void fault(Fault f) {
        if (f.what().startsWith(Fault.AWAY)) {
            away = f.time();
        } else if (f.what().startsWith(Fault.BACK) || f.what().startsWith(Fault.OVER)) {
            away = NOBODY;
        }
    }

    private void confirmed(Answered a, long at) {
        confirmed++;
        if (at > away) {
            findings.broken(
                    Rule.NOTALL,
                    a.id() + " was published at " + at + " and confirmed though a node was away since " + away);
        } else if (waiting.contains(a.id())) {
            waited++;
        }
    }

    @Override
    public void end() {
        if (confirmed == 0) {
            findings.provesNothing();
        }
        findings.count("confirmed by all", confirmed);
        findings.count("after a wait", waited);
    }
}
