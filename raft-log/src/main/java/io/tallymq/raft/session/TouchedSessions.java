package io.tallymq.raft.session;

import io.tallymq.broker.effect.Reply;
import io.tallymq.raft.anatomy.Phase;
import io.tallymq.raft.anatomy.Times;
import io.tallymq.raft.pace.Pacer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** Who has to hear of something, and of what, when the entries in hand are applied. The applying thread. */
final class TouchedSessions {
    private final Pacer pacer;
    private final RuntimeMetrics metrics;
    private final Tracing tracing;
    private final Executor answering;
    private final List<ClientSession> touched = new ArrayList<>();
    private final List<Runnable> answers = new ArrayList<>();
    /** What a command set off waits until its reply is told. */
    private boolean holdBack;

    private final List<ClientSession> heldSessions = new ArrayList<>();
    private final List<SessionEvent> heldEvents = new ArrayList<>();
    /** One of those who hear of a confirm next: how long its socket takes is measured for all of them. */
    private ClientSession measured;

    /** @param answering where answers that belong to no session are given */
    TouchedSessions(Pacer pacer, RuntimeMetrics metrics, Tracing tracing, Executor answering) {
        this.pacer = pacer;
        this.metrics = metrics;
        this.tracing = tracing;
        this.answering = answering;
    }

    /** Whether nobody has to. */
    boolean isEmpty() {
        return touched.isEmpty() && answers.isEmpty();
    }

    void tell(ClientSession session, SessionEvent event) {
        if (holdBack) {
            heldSessions.add(session);
            heldEvents.add(event);
        } else if (session.add(event)) {
            touched.add(session);
        }
    }

    /** A session hears of a confirm. */
    void confirmed(ClientSession session, SessionEvent.Confirmed event) {
        measured = session;
        tell(session, event);
    }

    /** What is told from now on waits for {@link #letGo}. */
    void holdBack() {
        holdBack = true;
    }

    /** A reply is told, and what was held back behind it. */
    void letGo(PendingReply pending, Reply reply) {
        holdBack = false;
        answer(pending, reply);
        for (int i = 0; i < heldEvents.size(); i++) {
            tell(heldSessions.get(i), heldEvents.get(i));
        }
        heldSessions.clear();
        heldEvents.clear();
    }

    /** Who asked hears the answer. */
    void answer(PendingReply pending, Reply reply) {
        if (pending.session() != null) {
            pacer.release(pending.session()); // what it asked before is answered before
            tell(pending.session(), new SessionEvent.Replied(pending.onReply(), reply));
        } else {
            answerLater(pending, reply);
        }
    }

    /** Somebody hears the answer who is no session. */
    void answerLater(PendingReply pending, Reply reply) {
        answers.add(() -> pending.future().completeAsync(() -> reply, answering));
    }

    /** All hear what they have to. */
    void dispatch() {
        boolean traces = tracing.hasUntold();
        if (traces) {
            tracing.tell();
        }
        for (ClientSession s : touched) {
            Times times = s == measured ? metrics.phases().of(Phase.WRITE) : null;
            s.dispatch(times, traces ? tracing.telling(s) : null);
        }
        measured = null;
        if (traces) {
            tracing.told();
        }
        touched.clear();
        for (Runnable a : answers) {
            a.run();
        }
        pacer.release();
        answers.clear();
    }
}
