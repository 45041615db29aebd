package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Drained;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryEvent.Read;
import io.tallymq.node.proof.history.HistoryEvent.Reading;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Judges a stream that keeps everything and what its readers get: every confirmed message is read, has one offset, and all readers agree on
 * that; offsets follow the order of publishing, also of different publishers where one was confirmed before the other was published; each
 * reader gets all there is, in order, goes on where it was, and comes to the end.
 */
final class StreamJudge implements Judge {
    private static final long NEVER = Long.MAX_VALUE;

    private static final class Message {
        final Published published;
        long confirmed = NEVER;
        boolean answered;
        boolean nacked;
        long offset = -1;

        Message(Published published) {
            this.published = published;
        }
    }

    private final Findings findings;
    private final Map<MessageId, Message> messages = new HashMap<>();
    /** What has been read, by offset. */
    private final TreeMap<Long, Message> stream = new TreeMap<>();

    private final Map<String, StreamReading> readings = new LinkedHashMap<>();
    /** How far each reader has acked, -1 for nothing. */
    private final Map<String, Long> acked = new HashMap<>();

    private long depth = -1;
    private long confirms;
    private long reads;

    StreamJudge(Findings findings) {
        this.findings = findings;
    }

    @Override
    public void accept(HistoryEvent event) {
        switch (event.kind()) {
            case PUBLISHED -> {
                Published p = (Published) event;
                messages.put(p.id(), new Message(p));
            }
            case CONFIRMED, NACKED -> answered((Answered) event);
            case READING -> {
                Reading r = (Reading) event;
                readings.put(
                        r.consumer(),
                        new StreamReading(r.consumer(), r.from(), acked.getOrDefault(reader(r.consumer()), -1L)));
            }
            case READ -> read((Read) event);
            case ACKED -> {
                Answering a = (Answering) event;
                Message m = messages.get(a.id());
                if (m != null) {
                    acked.merge(reader(a.consumer()), m.offset, Math::max);
                }
            }
            case DRAINED -> depth = Math.max(depth, ((Drained) event).depth());
            default -> {}
        }
    }

    private static String reader(String channel) {
        return channel.substring(0, channel.lastIndexOf('.'));
    }

    private void answered(Answered a) {
        Message m = messages.get(a.id());
        if (m == null || m.answered) {
            findings.broken(Rule.CONFIRM, a.id() + (m == null ? " answered, but never published" : " answered twice"));
            return;
        }
        m.answered = true;
        m.nacked = a.kind() == Kind.NACKED;
        if (!m.nacked) {
            m.confirmed = a.time();
            confirms++;
        }
    }

    private void read(Read r) {
        reads++;
        StreamReading reading = readings.get(r.consumer());
        Message m = messages.get(r.id());
        if (m == null) {
            findings.broken(Rule.PHANTOM, r.id() + " came to " + r.consumer() + ", but was never published");
            return;
        }
        if (!m.published.crc().equals(r.crc())) {
            findings.broken(Rule.CORRUPT, r.id() + " came to " + r.consumer() + " with another body");
        }
        Message there = stream.putIfAbsent(r.offset(), m);
        if (there != null && there != m) {
            findings.broken(
                    Rule.OFFSET,
                    "at " + r.offset() + " are " + there.published.id() + " and, for " + r.consumer() + ", " + r.id());
        } else if (m.offset >= 0 && m.offset != r.offset()) {
            findings.broken(Rule.OFFSET, r.id() + " is at " + m.offset + " and at " + r.offset());
        }
        m.offset = r.offset();
        reading.read(r.offset(), findings);
    }

    @Override
    public void end() {
        for (Message m : messages.values()) {
            if (m.offset < 0 && m.confirmed != NEVER) {
                findings.broken(Rule.LOST, m.published.id() + " confirmed at " + m.confirmed + " never came out");
            }
            if (m.offset >= 0 && m.nacked) {
                findings.broken(Rule.REFUSED, m.published.id() + " was nacked and came out");
            }
        }
        order();
        readings.values().forEach(r -> r.judge(stream.navigableKeySet(), findings));
        Map<String, StreamReading> lasts = new LinkedHashMap<>();
        readings.forEach((channel, r) -> lasts.put(reader(channel), r));
        lasts.forEach((reader, r) -> {
            if (!stream.isEmpty() && r.last() < stream.lastKey()) {
                findings.broken(
                        Rule.SKIPPED, reader + " came to " + r.last() + " and not to the end, " + stream.lastKey());
            }
        });
        if (depth >= 0 && depth != stream.size()) {
            findings.broken(Rule.LEFTOVER, depth + " messages are in the stream, and " + stream.size() + " came out");
        }
        if (depth < 0 || confirms == 0) {
            findings.provesNothing();
        }
        findings.count("published", messages.size());
        findings.count("confirmed", confirms);
        findings.count("delivered", reads);
        findings.count("readings", readings.size());
    }

    /** Backwards: nothing later may have been confirmed before this one was published, nor come earlier from its publisher. */
    private void order() {
        Message earliest = null;
        Map<String, Long> next = new HashMap<>();
        for (Message m : stream.descendingMap().values()) {
            MessageId id = m.published.id();
            if (earliest != null && earliest.confirmed < m.published.time()) {
                findings.broken(
                        Rule.OFFSET,
                        id + " is before " + earliest.published.id()
                                + ", which was confirmed before the other was published");
            }
            Long later = next.put(id.publisher(), id.sequence());
            if (later != null && later <= id.sequence()) {
                findings.broken(Rule.OFFSET, id + " is before " + later + " of the same publisher");
            }
            if (earliest == null || m.confirmed < earliest.confirmed) {
                earliest = m;
            }
        }
    }
}
