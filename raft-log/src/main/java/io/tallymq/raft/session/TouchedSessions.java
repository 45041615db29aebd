package io.tallymq.raft.session;

import io.tallymq.broker.effect.Reply;
import io.tallymq.raft.anatomy.Phase;
import io.tallymq.raft.anatomy.Times;
import io.tallymq.raft.pace.Pacer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/** Who has to hear of something, and of what, when the entries in hand are applied. The applying thread. */
final class TouchedSessions {
    private final Pacer pacer;
    private final RuntimeMetrics metrics;
    private final Tracing tracing;
    private final Executor answering;
    private final List<ClientSession> touched = new ArrayList<>();
    private final List<Runnable> answers = new ArrayList<>();
    private final Map<ClientSession, List<HeldConfirm>> confirms = new LinkedHashMap<>();
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

    /**
     * A confirm that is told later than what else its session hears: of a refusal among the publishes that it stands for, before all.
     *
     * @param told to be run when it is told; null for nothing
     */
    private record HeldConfirm(long queue, int messages, SessionEvent.Confirmed event, Runnable told) {}

    /** Whether nobody has to. */
    boolean isEmpty() {
        return touched.isEmpty() && answers.isEmpty() && confirms.isEmpty();
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

    /** Whether a confirm of this session waits, so that later ones wait behind it. */
    boolean holds(ClientSession session) {
        return confirms.containsKey(session) || pacer.holds(session);
    }

    /**
     * A session hears of a confirm when the {@link Pacer} lets it go, who gets it behind all that the session is told now: he may let it go at
     * any time, and nobody may hear that a publish is confirmed before he hears that one before it is refused.
     *
     * @param queue whose consumers it waits for
     * @param messages how many it stands for in the eyes of that queue
     * @param told to be run when it is told; null for nothing
     */
    void hold(long queue, ClientSession session, int messages, SessionEvent.Confirmed event, Runnable told) {
        confirms.computeIfAbsent(session, s -> new ArrayList<>()).add(new HeldConfirm(queue, messages, event, told));
    }

    /** What this session is told next has to come behind its confirms. */
    private void release(ClientSession session) {
        pacer.release(session);
        List<HeldConfirm> held = confirms.remove(session);
        if (held == null) {
            return;
        }
        for (HeldConfirm c : held) {
            tell(session, c.event);
            if (c.told != null) {
                answers.add(() -> session.post(List.of(), c.told));
            }
        }
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
            release(pending.session()); // what it asked before is answered before
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
        answers.clear();
        confirms.forEach((session, held) -> {
            for (HeldConfirm c : held) {
                pacer.hold(c.queue, session, c.messages, () -> session.post(List.of(c.event), c.told));
            }
        });
        confirms.clear();
        pacer.release();
    }
}
