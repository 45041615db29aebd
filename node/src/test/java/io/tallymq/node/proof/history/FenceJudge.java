package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Inquiring;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Judges that nobody publishes as a producer whose place somebody took after he came: what he publishes then is neither confirmed nor stored. He came
 * with his first publish at the latest; a publisher who connects again is another one.
 */
final class FenceJudge implements Judge {
    private final Findings findings;
    /** When each publisher published first. */
    private final Map<String, Long> came = new HashMap<>();
    /** By who asks: when. */
    private final Map<String, Long> asked = new HashMap<>();
    /** Of each producer, when that taker began to ask who has got the place last. */
    private final Map<String, Long> taken = new HashMap<>();

    private final Set<MessageId> late = new HashSet<>();
    private long takes;

    FenceJudge(Findings findings) {
        this.findings = findings;
    }

    @Override
    public void accept(HistoryEvent event) {
        switch (event.kind()) {
            case TAKING -> asked.put(((Inquiring) event).who(), event.time());
            case TAKEN -> {
                Inquiring i = (Inquiring) event;
                takes++;
                taken.merge(i.name(), asked.get(i.who()), Math::max);
            }
            case PUBLISHED -> published((Published) event);
            case CONFIRMED -> {
                Answered a = (Answered) event;
                if (late.contains(a.id())) {
                    findings.broken(Rule.FENCED, a.id() + " was confirmed to somebody whose place was taken");
                }
            }
            case DELIVERED -> {
                Delivered d = (Delivered) event;
                if (late.contains(d.id())) {
                    findings.broken(Rule.FENCED, d.id() + " of somebody whose place was taken came");
                }
            }
            default -> {}
        }
    }

    private void published(Published p) {
        came.putIfAbsent(p.id().publisher(), p.time());
        String key = p.note(Published.KEY);
        Long by = key == null ? null : taken.get(ReceiptJudge.producer(key));
        if (by != null && came.get(p.id().publisher()) < by) {
            late.add(p.id());
        }
    }

    @Override
    public void end() {
        findings.count("places taken", takes);
        findings.count("published too late", late.size());
    }
}
