package io.tallymq.node.proof;

import io.tallymq.node.proof.HistoryEvent.Answered;
import io.tallymq.node.proof.HistoryEvent.Answering;
import io.tallymq.node.proof.HistoryEvent.Channel;
import io.tallymq.node.proof.HistoryEvent.DeadLettered;
import io.tallymq.node.proof.HistoryEvent.Delivered;
import io.tallymq.node.proof.HistoryEvent.Drained;
import io.tallymq.node.proof.HistoryEvent.Published;
import io.tallymq.node.proof.Verdict.Outcome;
import io.tallymq.node.proof.Verdict.Violations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Judges a history by the rules of {@link Rule}. Takes the events one after the other, in the order in which they were noted;
 * its memory is proportional to the number of messages, its time to n log n. One thread.
 *
 * <p>A publish without an answer may or may not have been stored, an ack that was not followed by a reply may or may not have
 * been applied: neither counts as a violation, whatever became of it. And what was on its way to a channel when the broker gave the
 * channel up may still arrive, long after others got it: such a delivery counts only if the channel turns out to live, because a
 * reply comes on it afterwards or because it is never lost.
 */
final class HistoryChecker {
    private static final long NEVER = Long.MAX_VALUE;

    /** What is known of one message. */
    private static final class Message {
        final Published published;
        long confirmed = NEVER;
        boolean answered;
        boolean returned;
        boolean deadLettered;
        /** The ack is known to be applied. */
        boolean settled;
        /** Time and place of the first delivery; -1: none. */
        long firstTime = -1;

        long firstPlace;
        long lastCount = -1;
        String holder;
        /** The channel of the last delivery; null: none. */
        String last;

        Message(Published published) {
            this.published = published;
        }
    }

    /** What is known of one consuming channel. */
    private static final class Consumer {
        final Set<MessageId> held = new HashSet<>();
        /** Acked since the last reply. */
        final List<Message> acked = new ArrayList<>();
        /** The highest sequence delivered unflagged, per publisher and queue. */
        final Map<String, Long> order = new HashMap<>();
        /** Deliveries that are violations if this channel lives. */
        final List<Suspect> suspects = new ArrayList<>();

        boolean gone;
    }

    /**
     * A delivery that should not be.
     *
     * @param holder the channel that held the message, for {@link Rule#TWOHOLDERS}, else null: its death is an excuse as well
     */
    private record Suspect(Rule rule, String holder, String what) {}

    /** What is known of the order in which messages come out. */
    enum Order {
        /** Each queue had one consumer at a time, and none was lost: RTORDER is checked. */
        REAL_TIME,
        /** Those of one publisher come in order to each consumer: REORDER is checked. */
        PER_PUBLISHER,
        /** None: they take ways that differ in length. */
        NONE
    }

    private final Order order;
    /** What is a violation unless the former holder turns out to be lost. */
    private final List<Suspect> robberies = new ArrayList<>();

    private final Map<MessageId, Message> messages = new HashMap<>();
    private final Map<String, Consumer> consumers = new HashMap<>();
    private final Map<String, Long> depths = new HashMap<>();
    private final Map<Rule, Violations> violations = new EnumMap<>(Rule.class);
    private long events;
    private long confirms;
    private long deliveries;
    private long redeliveries;
    private long acks;
    private long late;

    HistoryChecker(Order order) {
        this.order = order;
    }

    private static Order order(boolean singleConsumer) {
        return singleConsumer ? Order.REAL_TIME : Order.PER_PUBLISHER;
    }

    /** Judges a file in the format of {@link HistoryFormat}. */
    static Verdict check(Path file, boolean singleConsumer) {
        return check(file, order(singleConsumer));
    }

    /** Judges a file in the format of {@link HistoryFormat}. */
    static Verdict check(Path file, Order order) {
        HistoryChecker checker = new HistoryChecker(order);
        try (Stream<String> lines = Files.lines(file)) {
            lines.filter(line -> !line.isBlank()).map(HistoryFormat::event).forEach(checker::accept);
        } catch (IOException e) {
            throw new UncheckedIOException("the history " + file + " can not be read", e);
        }
        return checker.verdict();
    }

    static Verdict check(List<HistoryEvent> events, boolean singleConsumer) {
        return check(events, order(singleConsumer));
    }

    static Verdict check(List<HistoryEvent> events, Order order) {
        HistoryChecker checker = new HistoryChecker(order);
        events.forEach(checker::accept);
        return checker.verdict();
    }

    void accept(HistoryEvent event) {
        events++;
        switch (event.kind()) {
            case PUBLISHED -> published((Published) event);
            case CONFIRMED, NACKED -> answered((Answered) event);
            case RETURNED -> returned((Answered) event);
            case DELIVERED -> delivered((Delivered) event);
            case ACKED, REQUEUED, REJECTED -> answering((Answering) event);
            case GONE -> gone((Channel) event);
            case SETTLED -> settled((Channel) event);
            case DEAD_LETTERED -> deadLettered((DeadLettered) event);
            case DRAINED -> {
                Drained d = (Drained) event;
                depths.merge(d.queue(), d.depth(), Math::max);
            }
            case FAULT -> {}
        }
    }

    private void broken(Rule rule, String what) {
        violations.computeIfAbsent(rule, r -> new Violations()).add(what);
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
        if (a.kind() == HistoryEvent.Kind.CONFIRMED && m.confirmed == NEVER) {
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
            suspect(d, Rule.ACKEDAGAIN, null, "came to " + d.consumer() + " after its ack was applied");
        }
        first(m, d);
        count(m, d);
        hold(m, d);
        m.last = d.consumer();
    }

    private void suspect(Delivered d, Rule rule, String holder, String what) {
        Suspect suspect = new Suspect(rule, holder, d.id() + " " + what);
        if (d.consumer().equals(messages.get(d.id()).last)) {
            broken(rule, suspect.what); // Nothing came in between that could have overtaken it.
        } else {
            consumer(d.consumer()).suspects.add(suspect);
        }
    }

    /** The channel lives. */
    private void convict(Consumer c) {
        for (Suspect s : c.suspects) {
            if (s.holder == null) {
                broken(s.rule, s.what);
            } else {
                robberies.add(s);
            }
        }
        c.suspects.clear();
    }

    private void first(Message m, Delivered d) {
        if (m.firstTime >= 0) {
            redeliveries++;
            if (!d.redelivered()) {
                suspect(d, Rule.SILENTDUP, null, "came again to " + d.consumer() + " without the flag");
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
                broken(Rule.COUNT, d.id() + " came with count " + d.count() + " after " + m.lastCount);
            }
            m.lastCount = d.count();
        }
    }

    private void hold(Message m, Delivered d) {
        if (m.holder != null && !m.holder.equals(d.consumer())) {
            consumer(m.holder).held.remove(d.id());
            suspect(d, Rule.TWOHOLDERS, m.holder, "held by " + m.holder + " came to " + d.consumer());
        }
        m.holder = d.consumer();
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
        if (a.kind() != HistoryEvent.Kind.REQUEUED) {
            acks++;
            c.acked.add(m);
        }
    }

    private void settled(Channel channel) {
        Consumer c = consumer(channel.consumer());
        c.acked.forEach(m -> m.settled = true);
        c.acked.clear();
        convict(c);
    }

    private void gone(Channel channel) {
        Consumer c = consumer(channel.consumer());
        c.gone = true;
        late += c.suspects.size();
        c.suspects.clear();
        for (MessageId id : c.held) {
            messages.get(id).holder = null;
        }
        c.held.clear();
        // An ack still on its way when the channel died may be lost.
        c.acked.clear();
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

    /** Call once, after the last event. */
    Verdict verdict() {
        boolean drained = true;
        long unanswered = 0;
        long recovered = 0;
        long returned = 0;
        for (Map.Entry<MessageId, Message> entry : messages.entrySet()) {
            Message m = entry.getValue();
            returned += m.returned ? 1 : 0;
            if (!m.answered) {
                unanswered++;
                recovered += m.firstTime >= 0 ? 1 : 0;
            }
            if (m.confirmed != NEVER && !m.returned) {
                drained &= depths.containsKey(m.published.queue());
                if (m.firstTime < 0 && !m.deadLettered) {
                    broken(Rule.LOST, entry.getKey() + " confirmed at " + m.confirmed + " never came out");
                }
            }
        }
        // Who lost its channel may learn of it later than the next holder learns of the message.
        consumers.values().forEach(this::convict);
        robberies.stream().filter(s -> !consumer(s.holder).gone).forEach(s -> broken(s.rule, s.what));
        if (order == Order.REAL_TIME) {
            realTimeOrder();
        }
        depths.forEach((queue, depth) -> {
            if (depth != 0) {
                broken(Rule.LEFTOVER, depth + " in " + queue);
            }
        });
        Outcome outcome =
                !violations.isEmpty() ? Outcome.INVALID : drained && confirms > 0 ? Outcome.VALID : Outcome.UNKNOWN;
        return new Verdict(outcome, violations, counts(unanswered, recovered, returned));
    }

    private Map<String, Long> counts(long unanswered, long recovered, long returned) {
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("events", events);
        counts.put("published", (long) messages.size());
        counts.put("confirmed", confirms);
        counts.put("returned", returned);
        counts.put("unanswered", unanswered);
        counts.put("recovered", recovered);
        counts.put("delivered", deliveries);
        counts.put("redelivered", redeliveries);
        counts.put("late", late);
        counts.put("acked", acks);
        return counts;
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
