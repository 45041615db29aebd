package io.tallymq.broker.logs;

import static io.tallymq.broker.logs.Ledger.check;

import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.spec.DeferredName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Notes what settles that are answered did, and holds what is answered and delivered against it: headers, and what tokens give. */
final class AuditSettles {
    private static final long FIRST_GROUP = 128;

    private final Ledger ledger;
    private final Clients clients;
    /** The queue of the settle in hand. */
    private long queue;

    private Set<Long> letGo = Set.of();
    /** Behind an error that ended its channel. */
    private boolean mayBeVoid;
    /** What its message may have from then on: it may be handed out before it is answered. */
    private HeaderOverlay newer;

    AuditSettles(Ledger ledger, Clients clients) {
        this.ledger = ledger;
        this.clients = clients;
    }

    /** It is about to be carried out. */
    void settles(SettleWith s, EntryNotes notes, Stored before) {
        Ledger.Account a = ledger.of(s.holder());
        queue = a == null ? 0 : a.queue;
        mayBeVoid = a != null && !a.noAck && clients.hasEnded(a.channel);
        letGo = new TreeSet<>(ledger.letGo(s.holder(), seq -> seq == s.seq()));
        HeaderOverlay was = overlay(queue, s.seq(), notes, before);
        newer = s.headers() == null || was == null ? s.headers() : was.under(s.headers());
    }

    /**
     * It is answered.
     *
     * @param tells the number of the queue that is told, if there is one
     */
    void settled(SettleWith s, Reply r, long tells, EntryNotes notes, long now) {
        HeaderOverlay its = newer;
        newer = null;
        if (r instanceof Reply.Rejected why) {
            boolean back = why.text().endsWith("given back to its queue");
            check(back != letGo.isEmpty(), s + " is refused: " + why.text() + ", and let go of " + letGo);
            EntryNotes.add(
                    notes.settled(s.outcome() == Outcome.DISCARD ? Outcome.NACK_REQUEUE : s.outcome()), queue, letGo);
            return;
        }
        check(!letGo.isEmpty(), s + " is answered with " + r + ", and nothing was held");
        if (r == Reply.IGNORED) {
            check(mayBeVoid && s.outcome() != Outcome.RELEASE, s + " is ignored");
            EntryNotes.add(notes.returned, queue, letGo);
            return;
        }
        EntryNotes.add(notes.settled(s.outcome()), queue, letGo);
        if (s.headers() != null) {
            notes.overlays.computeIfAbsent(queue, q -> new TreeMap<>()).put(s.seq(), its);
        }
        if (s.defer() != null) {
            long due = s.delay() > 0 ? now + s.delay() : Long.MAX_VALUE;
            notes.deferred
                    .computeIfAbsent(queue, q -> new TreeMap<>())
                    .put(s.seq(), new Stored.Deferral(s.defer().token(), due, 0));
            if (!s.defer().replyTo().isEmpty()) {
                byte[] body = s.defer().token().getBytes(StandardCharsets.UTF_8);
                notes.told.computeIfAbsent(tells, q -> new ArrayList<>()).add(ByteReader.int64(body, 0));
            }
        }
    }

    private static HeaderOverlay overlay(long queue, long seq, EntryNotes notes, Stored before) {
        HeaderOverlay fresh = notes.overlays.getOrDefault(queue, Map.of()).get(seq);
        Stored.Queue q = before.queues.get(queue);
        return fresh != null || q == null ? fresh : q.overlays.get(seq);
    }

    /** It comes with the headers that it has. */
    void delivered(Delivery d, EntryNotes notes, Stored before) {
        for (int i = 0; i < d.count(); i++) {
            long its = d.chunk().queue();
            HeaderOverlay expected = overlay(its, d.firstSeq() + i, notes, before);
            boolean isNew =
                    newer != null && its == queue && letGo.contains(d.firstSeq() + i) && newer.equals(d.headers());
            boolean same = expected == null ? d.headers() == null : expected.equals(d.headers());
            check(
                    isNew || same,
                    d.firstSeq() + i + " of queue " + its + " comes with " + d.headers() + ", not " + expected);
        }
        check(d.headers() == null || d.count() == 1, "a delivery of " + d.count() + " has headers");
    }

    /** A channel fetched something, or was told that there is nothing. */
    void fetched(Get get, Reply r, EntryNotes notes, Stored before, boolean alone, long now) {
        if (!DeferredName.isName(get.queue())) {
            return;
        }
        String token = DeferredName.token(get.queue());
        if (r instanceof Reply.Got g) {
            long its = g.delivery().chunk().queue();
            long seq = g.delivery().firstSeq();
            check(g.delivery().count() == 1, token + " gives several");
            ledger.of(g.holder()).takes = true;
            Stored.Deferral fresh = notes.deferred.getOrDefault(its, Map.of()).get(seq);
            Stored.Deferral old = before.queues.containsKey(its)
                    ? before.queues.get(its).deferred.get(seq)
                    : null;
            check(
                    fresh != null && token.equals(fresh.token()) || old != null && token.equals(old.token()),
                    token + " gives " + seq + " of queue " + its + ", which has " + fresh + " or " + old);
            EntryNotes.add(notes.taken, its, Set.of(seq));
        } else if (r == Reply.EMPTY && alone) {
            for (Stored.Queue q : before.queues.values()) {
                q.deferred.forEach((seq, d) -> {
                    boolean grouped = seq >>> ModelQueue.LANE >= FIRST_GROUP;
                    check(
                            !token.equals(d.token()) || d.due() <= now || grouped,
                            token + " gives nothing, and there is " + d);
                });
            }
        }
    }
}
