package io.tallymq.broker.logs;

import static io.tallymq.broker.logs.Ledger.check;

import io.tallymq.broker.SomeHeaders;
import io.tallymq.broker.message.HeaderOverlay;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What settles added stays with its message, and goes along when it dies; what is put aside stays so until it is taken, due or gone. */
final class AuditAside implements AuditCheck {
    @Override
    public void look(AuditEntry e) {
        Set<String> tokens = new TreeSet<>();
        for (Stored.Queue q : e.after().queues.values()) {
            overlays(e, q);
            stay(e, q);
            areNew(e, q);
            q.deferred.forEach((seq, d) -> {
                check(tokens.add(d.token()), d.token() + " is that of two messages, one in " + q.info.name());
                check(d.bytes() == q.live.get(seq).bytes(), d + " of " + q.info.name() + " has other bytes");
            });
            if (e.before(q) != null && e.notes().purged.containsKey(q.number)) {
                areOut(e, q);
            }
            if (!e.notes().redeclared) {
                letters(e, q);
            }
        }
        told(e);
    }

    private static Map<Long, HeaderOverlay> before(AuditEntry e, Stored.Queue q) {
        Map<Long, HeaderOverlay> all = new TreeMap<>(e.before(q) == null ? Map.of() : e.before(q).overlays);
        all.putAll(e.notes().overlays.getOrDefault(q.number, Map.of()));
        return all;
    }

    private static void overlays(AuditEntry e, Stored.Queue q) {
        Map<Long, HeaderOverlay> expected = before(e, q);
        expected.keySet().retainAll(q.live.keySet());
        check(expected.equals(q.overlays), q.info.name() + " is to have headers " + expected + ", not " + q.overlays);
    }

    private static void stay(AuditEntry e, Stored.Queue q) {
        if (e.before(q) == null) {
            return;
        }
        Set<Long> gone = e.gone(q);
        e.before(q).deferred.forEach((seq, d) -> {
            Stored.Deferral now = q.deferred.get(seq);
            boolean may =
                    EntryNotes.of(e.notes().taken, q.number).contains(seq) || gone.contains(seq) || d.due() <= e.now();
            check(may || d.equals(now), d + " of " + q.info.name() + " is " + now + ", and nobody took it");
        });
    }

    private static void areNew(AuditEntry e, Stored.Queue q) {
        Map<Long, Stored.Deferral> fresh = e.notes().deferred.getOrDefault(q.number, Map.of());
        q.deferred.forEach((seq, d) -> {
            boolean old = e.before(q) != null && d.equals(e.before(q).deferred.get(seq));
            check(
                    old || fresh.containsKey(seq) && isAs(fresh.get(seq), d, q.live.get(seq)),
                    d + " of " + q.info.name() + " is aside, and is to be " + fresh.get(seq));
        });
        Set<Long> gone = e.gone(q);
        Set<Long> taken = EntryNotes.of(e.notes().taken, q.number);
        fresh.forEach((seq, d) -> {
            boolean over = q.settings.messageTtl() >= 0
                    || e.before(q) != null && e.before(q).settings.messageTtl() >= 0 // altered behind that
                    || q.live.containsKey(seq) && q.live.get(seq).expires() <= e.now();
            boolean died = gone.contains(seq) || q.dead.contains(seq); // of the lifetime it was published with, too
            check(
                    q.deferred.containsKey(seq) || taken.contains(seq) || died || over,
                    d + " of " + q.info.name() + " is to be aside");
        });
    }

    /** With its token, and until its time or its end, whichever is first; of some the queue says when that is. */
    private static boolean isAs(Stored.Deferral said, Stored.Deferral is, StoredMessage m) {
        return said.token().equals(is.token())
                && is.due() <= Math.min(said.due(), m.expires())
                && (is.due() == said.due() || is.due() < Long.MAX_VALUE);
    }

    /** A purge takes along what is aside or rests. */
    private static void areOut(AuditEntry e, Stored.Queue q) {
        Set<Long> left = new TreeSet<>(e.before(q).deferred.keySet());
        left.addAll(e.before(q).resting);
        left.retainAll(q.live.keySet());
        left.removeAll(EntryNotes.of(e.notes().taken, q.number));
        left.removeAll(q.allHeld());
        left.removeAll(EntryNotes.of(e.notes().returned, q.number));
        left.removeAll(q.dead);
        check(left.isEmpty(), left + " were aside or rested, and " + q.info.name() + " was purged");
    }

    /** A letter has the headers that its message had over its own. */
    private static void letters(AuditEntry e, Stored.Queue q) {
        Map<Long, HeaderOverlay> all = before(e, q);
        List<Long> ids = new ArrayList<>();
        e.gone(q).forEach(seq -> ids.add(e.message(q, seq).id()));
        if (new HashSet<>(ids).size() < ids.size()) {
            return;
        }
        for (long seq : e.gone(q)) {
            Map<String, Object> headers = SomeHeaders.read(all.get(seq));
            e.arrivals().stream()
                    .map(Watch.Arrival::message)
                    .filter(m ->
                            m.id() == e.message(q, seq).id() && q.info.name().equals(m.diedIn()))
                    .forEach(m -> check(
                            m.headers().entrySet().containsAll(headers.entrySet()),
                            m + " comes from " + q.info.name() + " without " + headers));
        }
    }

    /** Who is told of a token is told once. */
    private static void told(AuditEntry e) {
        e.notes().told.forEach((queue, ids) -> {
            List<Long> came = new ArrayList<>();
            e.arrivals(queue).stream()
                    .filter(a -> !a.message().died() && ids.contains(a.message().id()))
                    .forEach(a -> came.add(a.message().id()));
            check(
                    came.equals(ids) || !e.after().queues.containsKey(queue),
                    "queue " + queue + " is to be told of " + ids + ", and is of " + came);
        });
    }
}
