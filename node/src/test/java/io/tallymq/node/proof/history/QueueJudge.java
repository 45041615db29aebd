package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.DeadLettered;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Drained;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Judges what every queue promises.
 *
 * <p>A publish without an answer may or may not have been stored, an ack that was not followed by a reply may or may not have
 * been applied: neither counts as a violation, whatever became of it. What came late: {@link Suspicions}.
 */
final class QueueJudge implements Judge {
    private static final long NEVER = Long.MAX_VALUE;

    /** What is known of one message. */
    private static final class Message {
        final Published published;
        long confirmed = NEVER;
        boolean answered;
        boolean nacked;
        boolean returned;
        boolean deadLettered;
        /** Some client has said that it needs it no more. */
        boolean acked;
        /** The ack is known to be applied. */
        boolean settled;
        /** Time and place of the first delivery; -1: none. */
        long firstTime = -1;

        long firstPlace;
        long lastCount = -1;
        String holder;
        long heldSince;
        /** The channel of the last delivery; null: none. */
        String last;

        Message(Published published) {
            this.published = published;
        }

        boolean came() {
            return firstTime >= 0 || deadLettered;
        }
    }

    /** What is known of one consuming channel. */
    private static final class Consumer {
        final Set<MessageId> held = new HashSet<>();
        /** Acked since the last question. */
        final List<Message> acked = new ArrayList<>();
        /** Acked before a question that has no answer yet. */
        final List<Message> asked = new ArrayList<>();
        /** The highest sequence delivered unflagged, per publisher and queue. */
        final Map<String, Long> order = new HashMap<>();
    }

    private final Findings findings;
    private final Order order;
    private final long timeout;
    private final Excuse excuse;
    private final Suspicions suspicions;
    private final Map<MessageId, Message> messages = new HashMap<>();
    private final Map<String, Consumer> consumers = new HashMap<>();
    private final Map<String, Long> depths = new HashMap<>();
    private long confirms;
    private long deliveries;
    private long redeliveries;
    private long acks;

    QueueJudge(Findings findings, Order order) {
        this(findings, order, NEVER);
    }

    /** @param timeout nanoseconds after which what a client holds may come to others although its channel lives */
    QueueJudge(Findings findings, Order order, long timeout) {
        this(findings, order, timeout, (id, came) -> false);
    }

    /** A queue out of which messages may go without an ack. */
    QueueJudge(Findings findings, Excuse excuse) {
        this(findings, Order.NONE, NEVER, excuse);
    }

    private QueueJudge(Findings findings, Order order, long timeout, Excuse excuse) {
        this.excuse = excuse;
        this.findings = findings;
        this.order = order;
        this.timeout = timeout;
        this.suspicions = new Suspicions(findings);
    }

    @Override
    public void accept(HistoryEvent event) {
        switch (event.kind()) {
            case PUBLISHED -> published((Published) event);
            case CONFIRMED, NACKED -> answered((Answered) event);
            case RETURNED -> returned((Answered) event);
            case DELIVERED -> delivered((Delivered) event);
            case ACKED, REQUEUED, FAILED, REJECTED -> answering((Answering) event);
            case GONE -> {
                suspicions.gone(((Channel) event).consumer());
                released((Channel) event);
            }
            case CLOSED -> released((Channel) event);
            case ASKED -> asked((Channel) event);
            case SETTLED -> settled((Channel) event);
            case DEAD_LETTERED -> deadLettered((DeadLettered) event);
            case DRAINED -> {
                Drained d = (Drained) event;
                depths.merge(d.queue(), d.depth(), Math::max);
            }
            default -> {}
        }
    }

    private void broken(Rule rule, String what) {
        findings.broken(rule, what);
    }

    // ---- publishers

    private void published(Published p) {
        if (messages.putIfAbsent(p.id(), new Message(p)) != null) {
            broken(Rule.CONFIRM, p.id() + " published twice: the history is damaged");
        }
    }

    private void answered(Answered a) {
        Message m = messages.get(a.id());
        if (m == null) {
            broken(Rule.CONFIRM, a.id() + " answered, but never published");
            return;
        }
        if (m.answered) {
            broken(Rule.CONFIRM, a.id() + " answered twice");
        } else if (a.time() < m.published.time()) {
            broken(Rule.CONFIRM, a.id() + " answered before it was published");
        }
        m.answered = true;
        m.nacked |= a.kind() == Kind.NACKED;
        if (a.kind() == Kind.CONFIRMED && m.confirmed == NEVER) {
            m.confirmed = a.time();
            confirms++;
        }
    }

    private void returned(Answered a) {
        Message m = messages.get(a.id());
        if (m == null) {
            broken(Rule.CONFIRM, a.id() + " returned, but never published");
            return;
        }
        if (m.answered) {
            broken(Rule.CONFIRM, a.id() + " returned after its confirm");
        }
        m.returned = true;
        if (m.firstTime >= 0) {
            broken(Rule.NEVERROUTED, a.id() + " returned after it was delivered");
        }
    }

    // ---- consumers

    private Consumer consumer(String name) {
        return consumers.computeIfAbsent(name, n -> new Consumer());
    }

    private void delivered(Delivered d) {
        deliveries++;
        Message m = messages.get(d.id());
        if (m == null) {
            broken(Rule.PHANTOM, d.id() + " delivered to " + d.consumer() + ", but never published");
            return;
        }
        if (!m.published.queue().equals(d.queue())) {
            broken(Rule.PHANTOM, d.id() + " is for " + m.published.queue() + " and came out of " + d.queue());
        }
        if (!m.published.crc().equals(d.crc())) {
            broken(Rule.CORRUPT, d.id() + " was published with crc " + m.published.crc() + " and came with " + d.crc());
        }
        if (m.returned) {
            broken(Rule.NEVERROUTED, d.id() + " was returned and came out");
        }
        if (m.settled) {
            suspect(m, d, Rule.ACKEDAGAIN, null, "came to " + d.consumer() + " after its ack was applied");
        }
        first(m, d);
        count(m, d);
        hold(m, d);
        m.last = d.consumer();
    }

    private void suspect(Message m, Delivered d, Rule rule, String holder, String what) {
        if (d.consumer().equals(m.last)) {
            broken(rule, d.id() + " " + what); // Nothing came in between that could have overtaken it.
        } else {
            suspicions.add(rule, d.consumer(), holder, d.id() + " " + what);
        }
    }

    private void first(Message m, Delivered d) {
        if (m.firstTime >= 0) {
            redeliveries++;
            if (!d.redelivered()) {
                suspect(m, d, Rule.SILENTDUP, null, "came again to " + d.consumer() + " without the flag");
            }
        } else {
            m.firstTime = d.time();
            m.firstPlace = deliveries;
        }
        if (!d.redelivered() && order != Order.NONE) {
            String stream = d.id().publisher() + " " + d.queue();
            Long before = consumer(d.consumer()).order.get(stream);
            if (before != null && before >= d.id().sequence()) {
                broken(Rule.REORDER, d.id() + " came to " + d.consumer() + " after " + before);
            } else {
                consumer(d.consumer()).order.put(stream, d.id().sequence());
            }
        }
    }

    private void count(Message m, Delivered d) {
        if (d.count() >= 0) {
            if (d.count() < m.lastCount) {
                suspect(m, d, Rule.COUNT, null, "came with count " + d.count() + " after " + m.lastCount);
            }
            m.lastCount = Math.max(m.lastCount, d.count());
        }
    }

    private void hold(Message m, Delivered d) {
        if (m.holder != null && !m.holder.equals(d.consumer())) {
            consumer(m.holder).held.remove(d.id());
            if (d.time() - m.heldSince < timeout) {
                suspect(m, d, Rule.TWOHOLDERS, m.holder, "held by " + m.holder + " came to " + d.consumer());
            }
        }
        m.holder = d.consumer();
        m.heldSince = d.time();
        consumer(d.consumer()).held.add(d.id());
    }

    private void answering(Answering a) {
        Message m = messages.get(a.id());
        if (m == null) {
            return; // A phantom, reported when it came.
        }
        Consumer c = consumer(a.consumer());
        if (a.consumer().equals(m.holder)) {
            m.holder = null;
            c.held.remove(a.id());
        }
        if (a.kind() == Kind.ACKED || a.kind() == Kind.REJECTED) {
            acks++;
            m.acked = true;
            if (a.time() - m.heldSince < timeout) {
                c.acked.add(m); // Else it may be too late.
            }
        }
    }

    private void asked(Channel channel) {
        Consumer c = consumer(channel.consumer());
        c.asked.addAll(c.acked);
        c.acked.clear();
        suspicions.asked(channel.consumer());
    }

    private void settled(Channel channel) {
        Consumer c = consumer(channel.consumer());
        c.asked.forEach(m -> m.settled = true);
        c.asked.clear();
        suspicions.settled(channel.consumer());
    }

    /** What the channel held goes back; and an ack still on its way when it died may be lost. */
    private void released(Channel channel) {
        Consumer c = consumer(channel.consumer());
        for (MessageId id : c.held) {
            messages.get(id).holder = null;
        }
        c.held.clear();
        c.acked.clear();
        c.asked.clear();
    }

    private void deadLettered(DeadLettered d) {
        Message m = messages.get(d.id());
        if (m == null) {
            broken(Rule.PHANTOM, d.id() + " among the dead letters, but never published");
        } else {
            m.deadLettered = true;
        }
    }

    // ---- the end

    @Override
    public void end() {
        boolean drained = lost();
        suspicions.end();
        if (order == Order.REAL_TIME) {
            realTimeOrder();
        }
        depths.forEach((queue, depth) -> {
            if (depth != 0) {
                broken(Rule.LEFTOVER, depth + " in " + queue);
            }
        });
        if (!drained || confirms == 0) {
            findings.provesNothing();
        }
        counts();
    }

    /** Whether all queues in which something should have been were drained. */
    private boolean lost() {
        Set<String> keys = keysThatCame();
        boolean drained = true;
        for (Map.Entry<MessageId, Message> entry : messages.entrySet()) {
            Message m = entry.getValue();
            String key = m.published.note(Published.KEY);
            if (m.nacked && m.came()) {
                broken(Rule.REFUSED, entry.getKey() + " was nacked and came out");
            }
            if (m.confirmed == NEVER || m.returned) {
                continue;
            }
            drained &= depths.containsKey(m.published.queue());
            if (excuse.mayBeGone(entry.getKey(), m.came())) {
                continue;
            }
            if (!m.came()) {
                if (key == null || !keys.contains(m.published.queue() + " " + key)) {
                    broken(Rule.LOST, entry.getKey() + " confirmed at " + m.confirmed + " never came out");
                }
            } else if (!m.acked && !m.deadLettered) {
                broken(Rule.LOST, entry.getKey() + " came to " + m.last + ", was not acked, and did not come again");
            }
        }
        return drained;
    }

    private Set<String> keysThatCame() {
        Set<String> keys = new HashSet<>();
        for (Message m : messages.values()) {
            if (m.came() && m.published.note(Published.KEY) != null) {
                keys.add(m.published.queue() + " " + m.published.note(Published.KEY));
            }
        }
        return keys;
    }

    private void counts() {
        long unanswered = 0;
        long recovered = 0;
        long returned = 0;
        for (Message m : messages.values()) {
            returned += m.returned ? 1 : 0;
            unanswered += m.answered ? 0 : 1;
            recovered += !m.answered && m.firstTime >= 0 ? 1 : 0;
        }
        findings.count("published", messages.size());
        findings.count("confirmed", confirms);
        findings.count("returned", returned);
        findings.count("unanswered", unanswered);
        findings.count("recovered", recovered);
        findings.count("delivered", deliveries);
        findings.count("redelivered", redeliveries);
        findings.count("acked", acks);
    }

    /** Backwards through the first deliveries: nothing later may have been confirmed before this one was published. */
    private void realTimeOrder() {
        Map<String, List<Message>> queues = new HashMap<>();
        for (Message m : messages.values()) {
            if (m.firstTime >= 0) {
                queues.computeIfAbsent(m.published.queue(), q -> new ArrayList<>())
                        .add(m);
            }
        }
        Comparator<Message> order =
                Comparator.<Message>comparingLong(m -> m.firstTime).thenComparingLong(m -> m.firstPlace);
        for (List<Message> queue : queues.values()) {
            queue.sort(order);
            Message earliest = null;
            for (int i = queue.size() - 1; i >= 0; i--) {
                Message m = queue.get(i);
                if (earliest != null && earliest.confirmed < m.published.time()) {
                    broken(
                            Rule.RTORDER,
                            m.published.id() + " came before " + earliest.published.id()
                                    + ", which was confirmed before the other was published");
                }
                if (earliest == null || m.confirmed < earliest.confirmed) {
                    earliest = m;
                }
            }
        }
    }
}
