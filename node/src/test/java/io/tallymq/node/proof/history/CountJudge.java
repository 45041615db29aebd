package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.DeadLettered;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Judges x-delivery-count of a queue with x-delivery-limit: each reject counts, and each channel that is lost or closed with the message;
 * nothing else does. Nobody knows whether a node that died had sent what it was assigned: each channel that was lost while the message was
 * there may be one more. What lies beyond the limit is a dead letter, and nothing else is.
 */
final class CountJudge implements Judge {
    private static final class Message {
        final long published;
        /** Attempts that have failed, and those that may have failed as well. */
        long least;

        long most;

        Message(long published) {
            this.published = published;
        }
    }

    private static final class Consumer {
        final Set<MessageId> held = new HashSet<>();
        /** Acked or given back since the last question, and before one that has no answer yet: that may be lost with the channel. */
        final List<Message> answered = new ArrayList<>();

        final List<Message> asked = new ArrayList<>();
    }

    /** More failures than are known of: some may be those of channels that were lost. */
    private record Excess(Message message, long time, long failures, String what) {}

    private final Findings findings;
    private final int limit;
    private final Suspicions suspicions;
    private final Lives lives = new Lives();
    private final Map<MessageId, Message> messages = new HashMap<>();
    private final Map<String, Consumer> consumers = new HashMap<>();
    private final List<Excess> excesses = new ArrayList<>();
    private final Set<MessageId> dead = new HashSet<>();

    CountJudge(Findings findings, int limit) {
        this.findings = findings;
        this.limit = limit;
        this.suspicions = new Suspicions(findings);
    }

    @Override
    public void accept(HistoryEvent event) {
        lives.accept(event);
        switch (event.kind()) {
            case PUBLISHED -> messages.put(((Published) event).id(), new Message(event.time()));
            case DELIVERED -> delivered((Delivered) event);
            case ACKED, REQUEUED, FAILED, REJECTED -> answering((Answering) event);
            case ASKED -> {
                suspicions.asked(((Channel) event).consumer());
                consumer(event).asked.addAll(consumer(event).answered);
                consumer(event).answered.clear();
            }
            case SETTLED -> {
                suspicions.settled(((Channel) event).consumer());
                consumer(event).asked.clear();
            }
            case GONE -> {
                suspicions.gone(((Channel) event).consumer());
                consumer(event).answered.forEach(m -> m.most++);
                consumer(event).asked.forEach(m -> m.most++);
                failAll(consumer(event));
            }
            case CLOSED -> failAll(consumer(event));
            case DEAD_LETTERED -> {
                DeadLettered d = (DeadLettered) event;
                Message m = messages.get(d.id());
                if (m != null && dead.add(d.id()) && m.most <= limit) {
                    excesses.add(new Excess(m, d.time(), limit + 1 - m.most, d.id() + " is a dead letter"));
                }
            }
            default -> {}
        }
    }

    private Consumer consumer(HistoryEvent event) {
        return consumers.computeIfAbsent(((Channel) event).consumer(), c -> new Consumer());
    }

    private void delivered(Delivered d) {
        Message m = messages.get(d.id());
        if (m == null) {
            return;
        }
        long count = Math.max(0, d.count());
        String what = d.id() + " came to " + d.consumer() + " with count " + count;
        if (count > limit) {
            findings.broken(Rule.MISCOUNT, what + " beyond the limit " + limit);
        }
        if (count < m.least) {
            suspicions.add(Rule.MISCOUNT, d.consumer(), null, what + ", and " + m.least + " attempts had failed");
        }
        if (count > m.most) {
            excesses.add(new Excess(m, d.time(), count - m.most, what));
        }
        boolean unused = consumers
                .computeIfAbsent(d.consumer(), c -> new Consumer())
                .held
                .add(d.id());
    }

    private void answering(Answering a) {
        Message m = messages.get(a.id());
        Consumer c = consumers.get(a.consumer());
        if (m == null || c == null || !c.held.remove(a.id())) {
            return;
        }
        if (a.kind() == Kind.FAILED) {
            m.least++;
            m.most++;
        } else {
            c.answered.add(m);
        }
    }

    private void failAll(Consumer c) {
        for (MessageId id : c.held) {
            Message m = messages.get(id);
            m.least++;
            m.most++;
        }
        c.held.clear();
        c.answered.clear();
        c.asked.clear();
    }

    @Override
    public void end() {
        suspicions.end();
        for (Excess e : excesses) {
            long unseen = lives.lostBetween(e.message.published, e.time);
            if (e.failures > unseen) {
                findings.broken(
                        Rule.MISCOUNT,
                        e.what + ", which is " + e.failures + " failures more than clients know of; " + unseen
                                + " channels were lost");
            }
        }
        findings.count("dead letters", dead.size());
        findings.count("counted unseen", excesses.size());
    }
}
