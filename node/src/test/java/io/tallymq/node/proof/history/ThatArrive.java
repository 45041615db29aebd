package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.HashSet;
import java.util.Set;

/** Tells another judge only of messages that come out somewhere: others expire, and are for the queue {@link #NOWHERE}. */
final class ThatArrive implements Judge {
    static final String NOWHERE = "-";

    private final Judge judge;
    private final Set<MessageId> others = new HashSet<>();

    ThatArrive(Judge judge) {
        this.judge = judge;
    }

    @Override
    public void accept(HistoryEvent event) {
        if (event instanceof Published p && p.queue().equals(NOWHERE)) {
            others.add(p.id());
        } else if (!(event instanceof Answered a && others.contains(a.id()))) {
            judge.accept(event);
        }
    }

    @Override
    public void end() {
        judge.end();
    }
}
