package io.tallymq.broker.logs;

import static io.tallymq.broker.logs.Ledger.check;

import io.tallymq.broker.logs.EntryNotes.Published;
import io.tallymq.broker.settings.Deduplication;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** What exchanges and queues remember is what they were published: keys of duplicates, the last messages, how far readers are. */
final class AuditMemories implements AuditCheck {
    /** Keys that are over go where one comes, as many. */
    private static final int AT_ONCE = 2;

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
                keys(e, q.number, d, p -> p.landed.contains(q.number));
            }
        }
        for (Stored.Exchange x : e.after().exchanges.values()) {
            Deduplication d = x.deduplication();
            if (d != null && e.before().exchanges.containsKey(x.number())) {
                keys(e, x.number(), d, p -> p.route.exchange().equals(x.name()) && hasCome(e, p));
            }
            if (x.spec().type().equals("x-recent-history")) {
                history(e, x);
            }
        }
    }

    private static boolean hasCome(AuditEntry e, Published p) {
        return !p.landed.isEmpty()
                || e.scheduled().stream().anyMatch(w -> w.message().id() == p.message.id());
    }

    private static void keys(AuditEntry e, long owner, Deduplication d, Predicate<Published> comes) {
        LinkedHashMap<String, Long> keys =
                new LinkedHashMap<>(e.before().seen.getOrDefault(owner, new LinkedHashMap<>()));
        for (Published p : e.notes().published) {
            Object value = p.message.headers().get(d.header());
            if (value != null && !p.operators && comes.test(p)) {
                String key = "S" + value;
                Long expires = keys.remove(key);
                check(expires == null || isOver(expires, e.now()), p + " was seen before by " + owner + ": " + key);
                forget(keys, d.size(), e.now());
                Object own = p.message.headers().get(Deduplication.TIME_TO_LIVE_HEADER);
                long ttl = own instanceof Long n ? n : d.timeToLive();
                keys.put(key, ttl < 0 ? 0 : e.now() + Math.max(1, ttl));
            }
        }
        Map<String, Long> stored = e.after().seen.getOrDefault(owner, new LinkedHashMap<>());
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
                        e.after().queues.values().stream()
                                .anyMatch(q -> q.offsets.getOrDefault(tag, -1L).equals(offset)),
                        "offset " + offset + " of " + tag + " is not kept"));
    }
}
