package io.tallymq.broker.logs;

import static io.tallymq.broker.logs.Ledger.check;

import io.tallymq.broker.logs.EntryNotes.Published;
import io.tallymq.broker.settings.Deduplication;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** What exchanges and queues remember is what they were published: keys of duplicates, the last messages, how far readers are. */
final class AuditMemories implements AuditCheck {
    /** Keys that are over go where one comes, as many. */
    private static final int AT_ONCE = 2;

    /** When the time of a key ends that counts as not seen. */
    private static final long OVER = 1;

    private static final long HISTORY = 20;

    @Override
    public void look(AuditEntry e) {
        offsets(e);
        if (e.notes().redeclared) {
            return; // they may be others of the same name
        }
        for (Stored.Queue q : e.after().queues.values()) {
            Deduplication d = q.settings.deduplication();
            boolean same = e.before(q) != null && e.before(q).settings.equals(q.settings);
            if (same && d != null) {
                queueKeys(e, q.number, d);
            }
        }
        for (Stored.Exchange x : e.after().exchanges.values()) {
            Deduplication d = x.deduplication();
            if (d != null && e.before().exchanges.containsKey(x.number())) {
                Set<String> off = calledOff(e, x.name(), d);
                compare(
                        e,
                        x.number(),
                        keys(e, x.number(), d, p -> p.route.exchange().equals(x.name()) && hasCome(e, p), off),
                        off);
            }
            if (x.spec().type().equals("x-recent-history")) {
                history(e, x);
            }
        }
    }

    private static boolean hasCome(AuditEntry e, Published p) {
        return !p.landed.isEmpty()
                || e.scheduled().stream()
                        .map(Watch.Waiting::message)
                        .anyMatch(m -> m.id() == p.message.id() && !m.died());
    }

    /** Also of what came to the queue when its time had come: behind what was published, or before it in part. */
    private static void queueKeys(AuditEntry e, long queue, Deduplication d) {
        Predicate<Published> lands = p -> p.landed.contains(queue);
        List<StoredMessage> late = late(e, queue, d);
        boolean alone = e.notes().published.stream().noneMatch(lands);
        if (late.isEmpty() || alone && late.size() == 1) {
            LinkedHashMap<String, Long> keys = keys(e, queue, d, lands, Set.of());
            late.forEach(m -> comes(e, keys, queue, d, m, Set.of()));
            compare(e, queue, keys, Set.of());
        }
    }

    /** Messages with keys that have waited for their time and came to the queue, not as a dead letter. */
    private static List<StoredMessage> late(AuditEntry e, long queue, Deduplication d) {
        if (e.machine().level() < AuditOutcomes.KEYS) {
            return List.of();
        }
        Set<Long> waited = new TreeSet<>();
        AuditOutcomes.gone(e).forEach(w -> waited.add(w.message().id()));
        return e.arrivals(queue).stream()
                .map(Watch.Arrival::message)
                .filter(m -> waited.contains(m.id()) && !m.died())
                .filter(m -> m.headers().get(d.header()) != null)
                .toList();
    }

    /** Keys of what was sent to the exchange and may have been called off: it may have forgotten them. */
    private static Set<String> calledOff(AuditEntry e, String exchange, Deduplication d) {
        Set<String> keys = new TreeSet<>();
        for (Watch.Waiting w : AuditOutcomes.gone(e)) {
            Object value = w.message().headers().get(d.header());
            if (e.machine().level() >= AuditOutcomes.KEYS
                    && value != null
                    && w.route().exchange().equals(exchange)
                    && AuditOutcomes.mayBeCalledOff(e, w)) {
                keys.add("S" + value);
            }
        }
        return keys;
    }

    /** @param off keys that the owner may have forgotten */
    private static LinkedHashMap<String, Long> keys(
            AuditEntry e, long owner, Deduplication d, Predicate<Published> comes, Set<String> off) {
        LinkedHashMap<String, Long> keys =
                new LinkedHashMap<>(e.before().seen.getOrDefault(owner, new LinkedHashMap<>()));
        for (Published p : e.notes().published) {
            if (p.message.headers().get(d.header()) != null && !p.operators && comes.test(p)) {
                comes(e, keys, owner, d, p.message, off);
            }
        }
        return keys;
    }

    private static void comes(
            AuditEntry e,
            LinkedHashMap<String, Long> keys,
            long owner,
            Deduplication d,
            StoredMessage m,
            Set<String> off) {
        String key = "S" + m.headers().get(d.header());
        Long expires = keys.remove(key);
        check(
                expires == null || isOver(expires, e.now()) || off.contains(key),
                "message " + m.id() + " was seen before by " + owner + ": " + key);
        forget(keys, d.size(), e.now());
        Object own = m.headers().get(Deduplication.TIME_TO_LIVE_HEADER);
        long ttl = own instanceof Long n ? n : d.timeToLive();
        keys.put(key, ttl < 0 ? 0 : e.now() + Math.max(1, ttl));
    }

    private static void compare(AuditEntry e, long owner, LinkedHashMap<String, Long> keys, Set<String> off) {
        Map<String, Long> stored = e.after().seen.getOrDefault(owner, new LinkedHashMap<>());
        off.stream().filter(k -> stored.getOrDefault(k, 0L) == OVER).forEach(k -> keys.replace(k, OVER));
        off.stream().filter(k -> !stored.containsKey(k)).forEach(keys::remove); // another one has come since
        check(
                new ArrayList<>(keys.entrySet()).equals(new ArrayList<>(stored.entrySet())),
                owner + " is to remember " + keys + ", and does " + stored);
    }

    private static boolean isOver(long expires, long now) {
        return expires != 0 && expires <= now;
    }

    private static void forget(LinkedHashMap<String, Long> keys, long size, long now) {
        Iterator<Map.Entry<String, Long>> oldest = keys.entrySet().iterator();
        for (int n = 0; n < AT_ONCE && oldest.hasNext(); n++) {
            long expires = oldest.next().getValue();
            if (keys.size() < size && !isOver(expires, now)) {
                return;
            }
            oldest.remove();
        }
    }

    private static void history(AuditEntry e, Stored.Exchange x) {
        List<Long> expected = new ArrayList<>(e.before().recent.getOrDefault(x.number(), List.of()));
        boolean certain = true;
        for (Published p : e.notes().published) {
            if (p.route.exchange().equals(x.name()) && isKept(p)) {
                certain &= !p.isSilent() || !p.message.headers().containsKey("x-deduplication-header");
                expected.add(p.message.id());
            }
        }
        List<Long> kept = e.after().recent.getOrDefault(x.number(), List.of());
        check(expected.containsAll(kept), x.name() + " keeps " + kept + ", and was published " + expected);
        long most = x.spec().arguments().get("x-recent-history-length") instanceof Long n ? n : HISTORY;
        int from = (int) Math.max(0, expected.size() - most);
        check(
                !certain || kept.equals(expected.subList(from, expected.size())),
                x.name() + " keeps " + kept + ", and is to keep the last " + most + " of " + expected);
    }

    private static boolean isKept(Published p) {
        boolean store = !Boolean.TRUE.equals(p.message.headers().get("x-recent-history-no-store"));
        return !p.isVoid && !p.refused && !p.later && !p.external && store;
    }

    private static void offsets(AuditEntry e) {
        for (Stored.Queue q : e.after().queues.values()) {
            q.offsets.forEach((tag, offset) -> check(
                    e.before(q) != null && offset.equals(e.before(q).offsets.get(tag))
                            || e.notes().offsets.getOrDefault(tag, -1L).equals(offset),
                    q.info.name() + " has offset " + offset + " of " + tag + ", which nobody told"));
            boolean lost = e.before(q) != null
                    && !q.offsets.keySet().containsAll(e.before(q).offsets.keySet());
            check(!lost, q.info.name() + " has forgotten some of " + (lost ? e.before(q).offsets : ""));
        }
        e.notes()
                .offsets
                .forEach((tag, offset) -> check(
                        e.notes().redeclared // maybe its queue was deleted behind it
                                || e.after().queues.values().stream()
                                        .anyMatch(q ->
                                                q.offsets.getOrDefault(tag, -1L).equals(offset)),
                        "offset " + offset + " of " + tag + " is not kept"));
    }
}
