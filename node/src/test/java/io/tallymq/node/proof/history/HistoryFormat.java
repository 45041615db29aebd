package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.DeadLettered;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Drained;
import io.tallymq.node.proof.history.HistoryEvent.Fault;
import io.tallymq.node.proof.history.HistoryEvent.Inquiring;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryEvent.Read;
import io.tallymq.node.proof.history.HistoryEvent.Reading;
import io.tallymq.node.proof.history.HistoryEvent.Remark;
import io.tallymq.node.proof.history.HistoryEvent.Reported;
import io.tallymq.node.proof.history.HistoryEvent.Times;
import io.tallymq.node.proof.history.HistoryEvent.Told;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * One event per line, fields separated by blanks:
 *
 * <pre>
 * P time publisher sequence queue crc [name=value ...]
 * C, N, R time publisher sequence
 * D time consumer queue publisher sequence redelivered(0, 1) count crc
 * A, Q, B, X time consumer publisher sequence
 * G, E, K, U, Y time consumer
 * S time consumer offset
 * O time consumer offset publisher sequence crc
 * I, V, H, M time who name
 * T, W time who name outcome final(0, 1) entry asked-at [decided since now]
 * J time who event queue publisher sequence entry redelivered(0, 1)
 * s, k, m, f, n time who publisher sequence [name=value ...]
 * L time queue publisher sequence           F time text      Z time queue depth
 * </pre>
 */
public final class HistoryFormat {
    private static final Map<Character, Kind> KINDS = kinds();

    private HistoryFormat() {}

    private static Map<Character, Kind> kinds() {
        Map<Character, Kind> kinds = new HashMap<>();
        for (Kind kind : Kind.values()) {
            kinds.put(kind.letter, kind);
        }
        return Map.copyOf(kinds);
    }

    public static String line(HistoryEvent event) {
        StringBuilder line = new StringBuilder(96);
        line.append(event.kind().letter).append(' ').append(event.time());
        switch (event.kind()) {
            case PUBLISHED -> {
                Published p = (Published) event;
                id(line, p.id()).append(' ').append(p.queue()).append(' ').append(p.crc());
                notes(line, p.notes());
            }
            case CONFIRMED, NACKED, RETURNED -> id(line, ((Answered) event).id());
            case DELIVERED -> {
                Delivered d = (Delivered) event;
                line.append(' ').append(d.consumer()).append(' ').append(d.queue());
                id(line, d.id()).append(d.redelivered() ? " 1 " : " 0 ");
                line.append(d.count()).append(' ').append(d.crc());
            }
            case ACKED, REQUEUED, FAILED, REJECTED -> {
                Answering a = (Answering) event;
                id(line.append(' ').append(a.consumer()), a.id());
            }
            case GONE, CLOSED, CANCELLED, ASKED, SETTLED -> line.append(' ').append(((Channel) event).consumer());
            case READING -> {
                Reading r = (Reading) event;
                line.append(' ').append(r.consumer()).append(' ').append(r.from());
            }
            case READ -> {
                Read r = (Read) event;
                line.append(' ').append(r.consumer()).append(' ').append(r.offset());
                id(line, r.id()).append(' ').append(r.crc());
            }
            case DEAD_LETTERED -> {
                DeadLettered d = (DeadLettered) event;
                id(line.append(' ').append(d.queue()), d.id());
            }
            case INQUIRED, VOIDING, TAKING, TAKEN -> {
                Inquiring i = (Inquiring) event;
                line.append(' ').append(i.who()).append(' ').append(i.name());
            }
            case TOLD, VOIDED -> told(line, (Told) event);
            case REPORTED -> {
                Reported r = (Reported) event;
                line.append(' ')
                        .append(r.who())
                        .append(' ')
                        .append(r.event())
                        .append(' ')
                        .append(r.queue());
                id(line, r.id()).append(' ').append(r.entry()).append(r.redelivered() ? " 1" : " 0");
            }
            case SETTLING, STANDS, MARKED, FETCHING, MISSED -> {
                Remark r = (Remark) event;
                notes(id(line.append(' ').append(r.who()), r.id()), r.notes());
            }
            case FAULT -> line.append(' ').append(((Fault) event).what());
            case DRAINED -> {
                Drained d = (Drained) event;
                line.append(' ').append(d.queue()).append(' ').append(d.depth());
            }
        }
        return line.toString();
    }

    private static void notes(StringBuilder line, Map<String, String> notes) {
        new TreeMap<>(notes)
                .forEach((name, value) ->
                        line.append(' ').append(name).append('=').append(value));
    }

    private static void told(StringBuilder line, Told t) {
        line.append(' ')
                .append(t.who())
                .append(' ')
                .append(t.name())
                .append(' ')
                .append(t.outcome());
        line.append(t.isFinal() ? " 1 " : " 0 ").append(t.entry()).append(' ').append(t.askedAt());
        if (!t.times().equals(Times.NONE)) {
            line.append(' ').append(t.times().decided());
            line.append(' ')
                    .append(t.times().since())
                    .append(' ')
                    .append(t.times().now());
        }
    }

    private static StringBuilder id(StringBuilder line, MessageId id) {
        return line.append(' ').append(id.publisher()).append(' ').append(id.sequence());
    }

    /** What a line says; an {@link IllegalArgumentException} names one that is none of the format. */
    public static HistoryEvent event(String line) {
        String[] f = line.split(" ", -1);
        Kind kind = f[0].length() == 1 ? KINDS.get(f[0].charAt(0)) : null;
        if (kind == null) {
            throw new IllegalArgumentException("not a line of a history: " + line);
        }
        try {
            return event(kind, Long.parseLong(f[1]), f, line);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException("not a line of a history: " + line, e);
        }
    }

    private static HistoryEvent event(Kind kind, long time, String[] f, String line) {
        return switch (kind) {
            case PUBLISHED -> new Published(time, id(f, 2), f[4], f[5], notes(f, 6));
            case CONFIRMED, NACKED, RETURNED -> new Answered(kind, time, id(f, 2));
            case DELIVERED -> new Delivered(time, f[2], f[3], id(f, 4), f[6].equals("1"), Long.parseLong(f[7]), f[8]);
            case ACKED, REQUEUED, FAILED, REJECTED -> new Answering(kind, time, f[2], id(f, 3));
            case GONE, CLOSED, CANCELLED, ASKED, SETTLED -> new Channel(kind, time, f[2]);
            case READING -> new Reading(time, f[2], Long.parseLong(f[3]));
            case READ -> new Read(time, f[2], Long.parseLong(f[3]), id(f, 4), f[6]);
            case DEAD_LETTERED -> new DeadLettered(time, f[2], id(f, 3));
            case INQUIRED, VOIDING, TAKING, TAKEN -> new Inquiring(kind, time, f[2], f[3]);
            case TOLD, VOIDED -> {
                long askedAt = Long.parseLong(f[7]);
                yield new Told(
                        kind, time, f[2], f[3], f[4], f[5].equals("1"), Long.parseLong(f[6]), askedAt, times(f, 8));
            }
            case REPORTED -> new Reported(time, f[2], f[3], f[4], id(f, 5), Long.parseLong(f[7]), f[8].equals("1"));
            case SETTLING, STANDS, MARKED, FETCHING, MISSED -> new Remark(kind, time, f[2], id(f, 3), notes(f, 5));
            case FAULT -> new Fault(time, line.substring(f[0].length() + f[1].length() + 2));
            case DRAINED -> new Drained(time, f[2], Long.parseLong(f[3]));
        };
    }

    private static Times times(String[] fields, int at) {
        return fields.length == at
                ? Times.NONE
                : new Times(Long.parseLong(fields[at]), Long.parseLong(fields[at + 1]), Long.parseLong(fields[at + 2]));
    }

    private static MessageId id(String[] fields, int at) {
        return new MessageId(fields[at], Long.parseLong(fields[at + 1]));
    }

    private static Map<String, String> notes(String[] fields, int from) {
        if (fields.length == from) {
            return Map.of();
        }
        Map<String, String> notes = new HashMap<>();
        for (int i = from; i < fields.length; i++) {
            String[] note = fields[i].split("=", 2);
            notes.put(note[0], note[1]);
        }
        return notes;
    }
}
