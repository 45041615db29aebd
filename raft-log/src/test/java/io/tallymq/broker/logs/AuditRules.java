package io.tallymq.broker.logs;

import static io.tallymq.broker.logs.Ledger.check;

import io.tallymq.broker.settings.QueueSettings;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a queue's arguments and policies promise: its limits, one value once, a group to one alone, one active consumer. */
final class AuditRules implements AuditCheck {
    private static final int GROUPS = 128;
    private static final int TENANTS = 192;

    @Override
    public void look(AuditEntry e) {
        TreeSet<Long> holders = e.ledger().holders();
        for (Stored.Queue q : e.after().queues.values()) {
            TreeSet<Long> free = q.free(holders);
            if (q.settings.dropsHead(e.machine().level()) && !e.machine().owes()) {
                holdsItsLimit(q, free);
            }
            Stored.Queue was = e.before(q);
            if (was != null
                    && q.settings.refuses(e.machine().level())
                    && was.settings.equals(q.settings)
                    && !e.notes().redeclared) {
                takesNoMore(e, q, free, was, was.free(holders));
            }
            if (q.settings.lastValue() != null) {
                valuesOnce(q, holders);
            }
            if (!(q.info.spec().arguments().get("x-max-priority") instanceof Long n) || n < GROUPS) {
                groupsAlone(q, holders); // else these lanes are priorities
            }
            if (q.settings.singleActiveConsumer()) {
                check(q.held.size() <= 1 || consumersOf(e, q) <= 1, "two hold messages of " + q.info.name());
            }
            check(!q.stream || q.held.isEmpty(), q.info.name() + " is a stream, and " + q.held + " hold some of it");
        }
    }

    private static long consumersOf(AuditEntry e, Stored.Queue q) {
        return q.held.keySet().stream()
                .map(e.ledger()::of)
                .filter(a -> a != null && !a.takes)
                .count();
    }

    private static long bytes(Stored.Queue q, TreeSet<Long> of) {
        return of.stream().mapToLong(s -> q.live.get(s).bytes()).sum();
    }

    /** What is too much is gone. Of a stream a whole chunk goes or nothing. */
    private static void holdsItsLimit(Stored.Queue q, TreeSet<Long> free) {
        QueueSettings s = q.settings;
        long more = q.stream ? Math.max(0, q.firstChunk - 1) : 0;
        check(
                s.maxLength() < 0 || free.size() <= s.maxLength() + more,
                q.info.name() + " has " + free.size() + " messages, and at most " + s.maxLength());
        check(
                s.maxBytes() < 0 || q.stream || bytes(q, free) <= s.maxBytes(),
                q.info.name() + " has " + bytes(q, free) + " bytes, and at most " + s.maxBytes());
    }

    /** What comes has room; only what comes back may be more. */
    private static void takesNoMore(
            AuditEntry e, Stored.Queue q, TreeSet<Long> free, Stored.Queue was, TreeSet<Long> before) {
        QueueSettings s = q.settings;
        TreeSet<Long> back = new TreeSet<>(was.live.keySet());
        back.addAll(EntryNotes.of(e.notes().returned, q.number)); // what came in this entry, too
        back.retainAll(free);
        back.removeAll(before);
        long most = Math.max(s.maxLength(), before.size()) + back.size();
        check(
                s.maxLength() < 0 || free.size() <= most,
                q.info.name() + " takes up to " + free.size() + " messages, and at most " + most);
        long mostBytes = Math.max(s.maxBytes(), bytes(was, before)) + bytes(q, back);
        check(
                s.maxBytes() < 0 || bytes(q, free) <= mostBytes,
                q.info.name() + " takes up to " + bytes(q, free) + " bytes, and at most " + mostBytes);
    }

    private static void valuesOnce(Stored.Queue q, TreeSet<Long> holders) {
        Map<String, Long> waits = new TreeMap<>();
        for (long seq : q.free(holders)) {
            String value = q.live.get(seq).text(q.settings.lastValue());
            boolean leaves = q.held.values().stream().anyMatch(its -> its.contains(seq));
            if (value != null && !leaves) {
                Long other = waits.put(value, seq);
                check(other == null, other + " and " + seq + " of " + q.info.name() + " wait with " + value);
            }
        }
    }

    private static void groupsAlone(Stored.Queue q, TreeSet<Long> holders) {
        Map<Long, Long> by = new TreeMap<>();
        q.held.forEach((holder, its) -> {
            if (holders.contains(holder)) {
                for (long seq : its) {
                    long lane = seq >>> ModelQueue.LANE;
                    Long other = lane >= GROUPS && lane < TENANTS ? by.put(lane, holder) : null;
                    check(
                            other == null || other.equals(holder),
                            holder + " and " + other + " hold messages of group lane " + lane + " of " + q.info.name());
                }
            }
        });
    }
}
