package io.tallymq.broker.logs;

import static io.tallymq.broker.logs.Ledger.check;

import io.tallymq.broker.settings.QueueSettings;
import io.tallymq.broker.view.BrokerView;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Dead letters stay until they go on, and go on once: each copy has died somewhere, and what died has its copies or was dropped. */
final class AuditLetters implements AuditCheck {
    /** From which on there is a limit for letters that are stuck. */
    private static final int LIMITED = 5;

    @Override
    public void look(AuditEntry e) {
        for (Stored.Queue q : e.after().queues.values()) {
            stay(e, q);
            counts(e, q);
        }
        copies(e);
    }

    private static void stay(AuditEntry e, Stored.Queue q) {
        Set<Long> risen = new TreeSet<>(e.before(q) == null ? Set.of() : e.before(q).dead);
        risen.removeAll(e.gone(q));
        risen.removeAll(q.dead);
        check(risen.isEmpty(), risen + " of " + q.info.name() + " were dead, and are alive again");
        Set<Long> fresh = new TreeSet<>(q.dead);
        fresh.removeAll(e.before(q) == null ? Set.of() : e.before(q).dead);
        check(fresh.size() <= e.died(q), fresh + " of " + q.info.name() + " are dead, and not counted");
    }

    private static boolean sends(Stored.Queue q) {
        return q.settings.deadLetter() != null;
    }

    /** Letters wait for where they go, and only one that has died before may come round. */
    private static boolean isSure(AuditEntry e, Stored.Queue q) {
        QueueSettings.DeadLetter to = q.settings.deadLetter();
        boolean toAnother = to.exchange().isEmpty()
                && to.routingKey() != null
                && !to.routingKey().equals(q.info.name());
        return to.atLeastOnce()
                && !e.notes().policies
                && (toAnother || to.exchange().equals("nowhere"));
    }

    /** It drops its oldest letters when as many are stuck as may be. */
    private static boolean letsGo(AuditEntry e, Stored.Queue q) {
        return e.machine().level() >= LIMITED
                && q.settings.dropsHead(e.machine().level())
                && !q.dead.isEmpty();
    }

    /** What it had no room for, and sent on. */
    private static List<StoredMessage> refused(AuditEntry e, Stored.Queue q) {
        Stored.Queue was = e.before(q) == null ? q : e.before(q);
        return was.settings.refusedAreDeadLetters()
                ? e.notes().refusedBy.getOrDefault(q.info.name(), List.of())
                : List.of();
    }

    private static boolean isSame(AuditEntry e, Stored.Queue q) {
        Stored.Queue was = e.before(q) == null ? q : e.before(q);
        return !e.notes().redeclared && was.settings.equals(q.settings);
    }

    private static void counts(AuditEntry e, Stored.Queue q) {
        if (!isSame(e, q) || !sends(q)) {
            return;
        }
        long dead = q.dead.size() - (e.before(q) == null ? 0 : e.before(q).dead.size());
        long buried = e.died(q) - dead;
        long sent = e.more(q, c -> c.deaths().deadLettered());
        long dropped = e.more(q, c -> c.deaths().deadDropped());
        int refused = refused(e, q).size();
        String name = q.info.name();
        long again = diedAgain(e, q);
        check(
                again == 0
                        || again > 0
                                && q.settings.refusedAreDeadLetters()
                                && e.machine().level() >= LIMITED,
                name + " has sent " + sent + " and dropped " + dropped + " of " + buried + " and " + refused);
        if (isSure(e, q) && !letsGo(e, q)) {
            Set<Long> eaten = EntryNotes.of(e.notes().acked, q.number);
            long cycles = e.gone(q).stream()
                    .filter(s -> !eaten.contains(s) && e.message(q, s).died())
                    .count();
            check(dropped <= cycles + refused, name + " has dropped " + dropped + ", which were to wait");
        }
        boolean lost = e.notes().purged.containsKey(q.number) || e.more(q, BrokerView.Counters::replaced) > 0;
        if (lost) {
            return; // which ones were letters, numbers do not tell
        }
        Set<Long> acked = EntryNotes.of(e.notes().acked, q.number);
        List<Long> letters = Stream.concat(
                        e.gone(q).stream().filter(s -> !acked.contains(s)).map(s -> e.message(q, s)),
                        refused(e, q).stream())
                .map(StoredMessage::id)
                .toList();
        boolean others = letters.stream().anyMatch(id -> waited(e, name, id) > 0); // came now, and left before
        if (new HashSet<>(letters).size() == letters.size() && !others) {
            long came = letters.stream().filter(id -> hasCome(e, name, id)).count();
            check(
                    came <= sent && sent <= came + diedAgain(e),
                    name + " counts " + sent + " sent of " + letters + ", and " + came + " came");
        }
    }

    /** How many letters of a message waited at an exchange for their time, and do not any more. */
    private static long waited(AuditEntry e, String from, long id) {
        return AuditOutcomes.gone(e).stream()
                .map(Watch.Waiting::message)
                .filter(m -> m.died() && m.id() == id && from.equals(m.diedIn()))
                .count();
    }

    /** How many letters of others a queue had no room for, and handed on. */
    private static long diedAgain(AuditEntry e, Stored.Queue q) {
        long dead = q.dead.size() - (e.before(q) == null ? 0 : e.before(q).dead.size());
        return e.more(q, c -> c.deaths().deadLettered() + c.deaths().deadDropped())
                - (e.died(q) - dead)
                - refused(e, q).size();
    }

    private static long diedAgain(AuditEntry e) {
        return e.after().queues.values().stream()
                .filter(q -> q.settings.refusedAreDeadLetters())
                .mapToLong(q -> isSame(e, q) ? diedAgain(e, q) : Long.MAX_VALUE / 100)
                .sum();
    }

    private static boolean hasCome(AuditEntry e, String from, long id) {
        return Stream.concat(
                        e.arrivals().stream().map(Watch.Arrival::message),
                        e.scheduled().stream().map(Watch.Waiting::message))
                .anyMatch(m -> m.died() && m.id() == id && from.equals(m.diedIn()));
    }

    /** In no queue are more copies of a letter than there were letters. */
    private static void copies(AuditEntry e) {
        Map<String, Long> came = new TreeMap<>();
        for (Watch.Arrival a : e.arrivals()) {
            StoredMessage m = a.message();
            Stored.Queue to = e.after().queues.get(a.queue());
            check(to == null || !isCycle(m, to.info.name()), m + " comes round to " + a.queue());
            boolean here = m.died() && !isGone(e, m.diedIn());
            if (here) {
                long n = came.merge(a.queue() + " " + m.diedIn() + " " + m.id(), 1L, Long::sum);
                check(n <= letters(e, m.diedIn(), m.id()), n + " letters of " + m.id() + " from " + m.diedIn());
            }
        }
    }

    /** It died there before, and nobody has rejected it on its way. */
    static boolean isCycle(StoredMessage m, String queue) {
        List<?> deaths = m.died() && m.headers().get("x-death") instanceof List<?> all ? all : List.of();
        boolean was = deaths.stream().anyMatch(d -> d instanceof Map<?, ?> death && queue.equals(death.get("queue")));
        return was
                && deaths.stream()
                        .noneMatch(d -> d instanceof Map<?, ?> death && "rejected".equals(death.get("reason")));
    }

    private static boolean isGone(AuditEntry e, String queue) {
        return e.after().named(queue) == null;
    }

    private static long letters(AuditEntry e, String from, long id) {
        Stored.Queue q = e.after().named(from);
        Collection<Long> acked = EntryNotes.of(e.notes().acked, q.number);
        long died = e.gone(q).stream()
                .filter(s -> !acked.contains(s) && e.message(q, s).id() == id)
                .count();
        long again = q.settings.refusedAreDeadLetters() ? isSame(e, q) ? diedAgain(e, q) : Long.MAX_VALUE / 100 : 0;
        return died
                + again
                + waited(e, from, id)
                + refused(e, q).stream().filter(m -> m.id() == id).count();
    }
}
