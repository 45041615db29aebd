package io.tallymq.raft.session;

import java.util.List;
import java.util.Objects;

/** Whether publishers are blocked, and that every session hears so in the right order. Any thread. */
public final class Blocking {
    private final Outbox outbox;
    private final RuntimeMetrics metrics;
    private String stuck;
    private String alarm;
    private String told;

    /** Publishers are not blocked yet. */
    public Blocking(Outbox outbox, RuntimeMetrics metrics) {
        this.outbox = outbox;
        this.metrics = metrics;
    }

    /** Nothing goes through for this reason; null: it does. */
    public synchronized void stuck(String reason) {
        stuck = reason;
        tell();
    }

    /** The node must not take more for this reason; null: it may. */
    public synchronized void alarm(String reason) {
        alarm = reason;
        tell();
    }

    private void tell() {
        String now = alarm != null ? alarm : stuck;
        if (Objects.equals(now, told)) {
            return;
        }
        if (now != null && told == null) {
            metrics.blockings.increment();
        }
        told = now;
        outbox.sessions().forEach(this::joined);
    }

    /** Tells a session what it has not heard, as one that was just added. */
    public synchronized void joined(ClientSession session) {
        if (session.blocked == (told != null)) {
            return;
        }
        session.blocked = told != null;
        session.post(List.of(told != null ? new SessionEvent.Blocked(told) : new SessionEvent.Unblocked()));
    }

    /** Whether nothing goes through at the moment; an alarm is no such reason. */
    public synchronized boolean isStuck() {
        return stuck != null;
    }

    /** Why publishers are blocked, null when they are not. */
    public synchronized String reason() {
        return told;
    }
}
