package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Judges the order within message groups, each of which has one publisher: messages come for the first time in the order of
 * publishing, to each channel in that order, and nobody gets one while an earlier one waits for its next delivery.
 */
final class GroupOrder implements Judge {
    private static final class Message {
        final String group;
        /** Its place among the messages of its publisher. */
        final long place;

        boolean came;
        boolean acked;
        /** Who has it: several, if it came late to one of them. */
        final Set<String> holders = new HashSet<>();
        /** Who gave it back last, null for nobody. */
        String returnedBy;

        Message(String group, long place) {
            this.group = group;
            this.place = place;
        }
    }

    private static final class Group {
        /** The place of the last one that came for the first time. */
        long last = -1;
        /** What came and was not acked, by place. */
        final TreeMap<Long, Message> open = new TreeMap<>();
    }

    private final Findings findings;
    private final Suspicions suspicions;
    private final Map<MessageId, Message> messages = new HashMap<>();
    private final Map<String, Group> groups = new HashMap<>();
    /** The last place that a channel got of a group, by the names of both. */
    private final Map<String, Long> lasts = new HashMap<>();

    private final Set<String> gone = new HashSet<>();

    GroupOrder(Findings findings) {
        this.findings = findings;
        this.suspicions = new Suspicions(findings);
    }

    @Override
    public void accept(HistoryEvent event) {
        switch (event.kind()) {
            case PUBLISHED -> {
                Published p = (Published) event;
                String group = p.note(Published.GROUP);
                if (group != null) {
                    messages.put(p.id(), new Message(group, p.id().place()));
                }
            }
            case DELIVERED -> delivered((Delivered) event);
            case ACKED, REQUEUED, FAILED, REJECTED -> answering((Answering) event);
            case GONE -> {
                suspicions.gone(((Channel) event).consumer());
                boolean unused = gone.add(((Channel) event).consumer());
            }
            case ASKED -> suspicions.asked(((Channel) event).consumer());
            case SETTLED -> suspicions.settled(((Channel) event).consumer());
            default -> {}
        }
    }

    private void delivered(Delivered d) {
        Message m = messages.get(d.id());
        if (m == null) {
            return;
        }
        Group g = groups.computeIfAbsent(m.group, n -> new Group());
        String what = d.id() + " of " + m.group + " came to " + d.consumer();
        if (!m.came && m.place < g.last) {
            findings.broken(Rule.GROUPORDER, what + " for the first time, after one that was published later");
        }
        g.last = Math.max(g.last, m.place);
        String stream = d.consumer() + " " + m.group;
        Long before = lasts.merge(stream, m.place, Math::max);
        if (before > m.place && !d.consumer().equals(m.returnedBy)) {
            suspicions.add(Rule.GROUPORDER, d.consumer(), null, what + " after one that was published later");
        }
        g.open.headMap(m.place).forEach((place, earlier) -> {
            if (waits(earlier, d.consumer())) {
                suspicions.add(
                        Rule.GROUPORDER, d.consumer(), null, what + " before an earlier one came again: " + place);
            }
        });
        m.came = true;
        boolean unused = m.holders.add(d.consumer());
        if (!m.acked) {
            g.open.put(m.place, m);
        }
    }

    /** Whether the broker has to deliver it again, before anything later comes to this channel. */
    private boolean waits(Message earlier, String channel) {
        boolean held = earlier.holders.stream().anyMatch(h -> !gone.contains(h));
        // What a channel gave back itself may be behind what was on its way to it.
        return !held && !channel.equals(earlier.returnedBy);
    }

    private void answering(Answering a) {
        Message m = messages.get(a.id());
        if (m == null || !m.holders.remove(a.consumer())) {
            return;
        }
        if (a.kind() == HistoryEvent.Kind.REQUEUED || a.kind() == HistoryEvent.Kind.FAILED) {
            m.returnedBy = a.consumer();
        } else {
            m.acked = true;
            groups.get(m.group).open.remove(m.place);
        }
    }

    @Override
    public void end() {
        suspicions.end();
    }
}
