package io.tallymq.node.proof.history.choice;

import io.tallymq.node.proof.history.Findings;
import io.tallymq.node.proof.history.HistoryEvent;
import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Fault;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.Judge;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.history.Rule;
import io.tallymq.node.proof.history.Troubles;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Judges the order in which queues with priorities give what waits. Each has one consumer at a time, which comes, takes all, and goes; so what was
 * confirmed before it came waits when it begins, and a higher level has to come before a lower one, an earlier message before a later one of
 * its level. What comes in while it is there is judged with the next one. A channel that is lost may have been sent what its client never saw:
 * nothing is said of what may have been.
 */
public final class PriorityJudge implements Judge {
    /** So long after a loss, while all nodes serve, the cluster may go on to send to that channel. */
    private static final long NOTICED = TimeUnit.SECONDS.toNanos(15);

    private static final class Message {
        final Published published;
        final int level;
        long confirmed = Long.MAX_VALUE;
        boolean came;

        Message(Published published) {
            this.published = published;
            this.level = Integer.parseInt(published.note(Published.LEVEL));
        }
    }

    private final Findings findings;
    private final Troubles troubles = new Troubles();
    private final Map<MessageId, Message> messages = new HashMap<>();
    /** What was confirmed and has not come, of each queue and level in the order of the confirms. */
    private final Map<String, TreeMap<Integer, Map<MessageId, Message>>> waiting = new HashMap<>();
    /** When the channels that are there began. */
    private final Map<String, Long> began = new HashMap<>();

    private final Set<String> ended = new HashSet<>();
    private long loss = -1;
    private long judged;

    public PriorityJudge(Findings findings) {
        this.findings = findings;
    }

    @Override
    public void accept(HistoryEvent event) {
        if (event instanceof Published p && p.note(Published.LEVEL) != null) {
            messages.put(p.id(), new Message(p));
        } else if (event instanceof Answered a && a.kind() == Kind.CONFIRMED) {
            confirmed(a);
        } else if (event instanceof Delivered d) {
            delivered(d);
        } else if (event instanceof Channel c) {
            channel(c);
        } else if (event instanceof Fault f) {
            troubles.fault(f);
        }
    }

    private void confirmed(Answered a) {
        Message m = messages.get(a.id());
        if (m == null || m.came || loss >= 0 && troubles.calm(loss, a.time()) < NOTICED) {
            return;
        }
        m.confirmed = a.time();
        waiting.computeIfAbsent(m.published.queue(), q -> new TreeMap<>())
                .computeIfAbsent(m.level, l -> new LinkedHashMap<>())
                .put(a.id(), m);
    }

    private void channel(Channel c) {
        switch (c.kind()) {
            case SETTLED -> began.putIfAbsent(c.consumer(), c.time());
            case CLOSED -> ended.add(c.consumer());
            case GONE -> {
                if (began.containsKey(c.consumer()) && !ended.contains(c.consumer())) {
                    loss = c.time();
                    waiting.clear();
                }
            }
            default -> {}
        }
    }

    private void delivered(Delivered d) {
        Message m = messages.get(d.id());
        if (m == null || m.came) {
            return;
        }
        m.came = true;
        TreeMap<Integer, Map<MessageId, Message>> levels = waiting.getOrDefault(d.queue(), new TreeMap<>());
        Map<MessageId, Message> same = levels.getOrDefault(m.level, new LinkedHashMap<>());
        same.remove(d.id());
        Long since = began.get(d.consumer());
        if (since == null || d.redelivered()) {
            return;
        }
        judged += m.confirmed < since ? 1 : 0;
        levels.tailMap(m.level, false).values().forEach(level -> level.values().stream()
                .filter(other -> other.confirmed < since)
                .findFirst()
                .ifPresent(other -> broken(m, other, "has a higher level")));
        same.values().stream()
                .filter(other -> other.confirmed < since && isBefore(other, m))
                .findFirst()
                .ifPresent(other -> broken(m, other, "was there earlier"));
    }

    private static boolean isBefore(Message one, Message other) {
        MessageId a = one.published.id();
        MessageId b = other.published.id();
        return one.confirmed < other.published.time()
                || a.publisher().equals(b.publisher()) && a.sequence() < b.sequence();
    }

    private void broken(Message m, Message other, String why) {
        findings.broken(
                Rule.PRIORITY,
                m.published.id() + " of level " + m.level + " came before " + other.published.id() + " of level "
                        + other.level + ", which " + why);
    }

    @Override
    public void end() {
        findings.count("came by level", judged);
    }
}
