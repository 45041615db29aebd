package io.tallymq.node.proof.history.choice;

import io.tallymq.node.proof.history.Findings;
import io.tallymq.node.proof.history.HistoryEvent;
import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.Judge;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.history.Rule;
import io.tallymq.node.proof.history.Suspicions;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Judges x-last-value: of the messages with one value, which all have one publisher, the newest that was confirmed comes and is acked, or one that is
 * newer, or one that was never answered and so may be. Nobody gets an older one once it is known that a newer one is there: on a channel that began after
 * the newer one's confirm, or behind the newer one on the same channel.
 */
public final class ValueJudge implements Judge {
    private static final long NEVER = Long.MAX_VALUE;

    private static final class Message {
        final Published published;
        long confirmed = NEVER;
        boolean answered;
        boolean came;
        boolean acked;

        Message(Published published) {
            this.published = published;
        }

        long place() {
            return published.id().place();
        }
    }

    private final Findings findings;
    private final Suspicions suspicions;
    private final Map<MessageId, Message> messages = new HashMap<>();
    /** Of each queue and value what was published, in its order. */
    private final Map<String, TreeMap<Long, Message>> values = new HashMap<>();
    /** When the channels began. */
    private final Map<String, Long> began = new HashMap<>();
    /** Of each channel, queue and value the newest that it got. */
    private final Map<String, Message> latest = new HashMap<>();

    public ValueJudge(Findings findings) {
        this.findings = findings;
        this.suspicions = new Suspicions(findings);
    }

    @Override
    public void accept(HistoryEvent event) {
        if (event instanceof Published p && p.note(Published.VALUE) != null) {
            Message m = new Message(p);
            messages.put(p.id(), m);
            values.computeIfAbsent(value(p), v -> new TreeMap<>()).put(m.place(), m);
        } else if (event instanceof Answered a && messages.containsKey(a.id())) {
            Message m = messages.get(a.id());
            m.answered = true;
            m.confirmed = a.kind() == Kind.CONFIRMED ? a.time() : m.confirmed;
        } else if (event instanceof Delivered d && messages.containsKey(d.id())) {
            delivered(d, messages.get(d.id()));
        } else if (event instanceof Answering a && a.kind() == Kind.ACKED && messages.containsKey(a.id())) {
            messages.get(a.id()).acked = true;
        } else if (event instanceof Channel c) {
            channel(c);
        }
    }

    private static String value(Published p) {
        return p.queue() + " " + p.note(Published.VALUE);
    }

    private void channel(Channel c) {
        switch (c.kind()) {
            case ASKED -> suspicions.asked(c.consumer());
            case SETTLED -> {
                began.putIfAbsent(c.consumer(), c.time());
                suspicions.settled(c.consumer());
            }
            case GONE -> suspicions.gone(c.consumer());
            default -> {}
        }
    }

    private void delivered(Delivered d, Message m) {
        m.came = true;
        String value = value(m.published);
        Message before = latest.get(d.consumer() + " " + value);
        if (before != null && isNewer(before, m)) {
            stale(d, before, "which this channel had got");
        } else {
            latest.put(d.consumer() + " " + value, m);
        }
        Long since = began.getOrDefault(d.consumer(), 0L);
        values.get(value).tailMap(m.place(), false).values().stream()
                .filter(other -> other.confirmed < since && isNewer(other, m))
                .findFirst()
                .ifPresent(other -> stale(d, other, "which was confirmed before this channel began"));
    }

    /** Whether one was certainly stored behind another: what was lost with its answer may be stored late. */
    private static boolean isNewer(Message one, Message other) {
        boolean together =
                one.published.id().publisher().equals(other.published.id().publisher());
        return one.place() > other.place() && (together || other.confirmed < one.published.time());
    }

    private void stale(Delivered d, Message newer, String why) {
        String what = d.id() + " came to " + d.consumer() + " after " + newer.published.id() + ", " + why;
        suspicions.add(Rule.STALE, d.consumer(), null, what);
    }

    @Override
    public void end() {
        suspicions.end();
        long replaced = 0;
        for (Map.Entry<String, TreeMap<Long, Message>> value : values.entrySet()) {
            TreeMap<Long, Message> all = value.getValue();
            replaced += all.values().stream()
                    .filter(m -> m.confirmed != NEVER && !m.came)
                    .count();
            all.values().stream()
                    .filter(m -> m.confirmed != NEVER)
                    .reduce((a, b) -> b)
                    .filter(newest -> !isThere(all, newest))
                    .ifPresent(newest -> findings.broken(
                            Rule.STALE,
                            newest.published.id() + " is the newest of " + value.getKey()
                                    + " and was not acked, and no newer one"));
        }
        findings.count("replaced", replaced);
    }

    private static boolean isThere(TreeMap<Long, Message> all, Message newest) {
        return all.tailMap(newest.place(), true).values().stream().anyMatch(m -> m.acked)
                || all.values().stream().anyMatch(m -> m.acked && !m.answered);
    }
}
