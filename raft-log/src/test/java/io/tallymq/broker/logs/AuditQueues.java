package io.tallymq.broker.logs;

import static io.tallymq.broker.logs.Ledger.check;

import io.tallymq.broker.view.BrokerView;
import java.util.Set;
import java.util.TreeSet;

/**
 * Each message of a queue is in one place, and what left it did so in a way that was counted: acked, discarded, purged, dead, replaced by a
 * newer one. What the machine shows of it is that.
 */
final class AuditQueues implements AuditCheck {
    @Override
    public void look(AuditEntry e) {
        for (Stored.Queue q : e.after().queues.values()) {
            String name = q.info.name();
            places(e, q, name);
            left(e, q, name);
            counts(q, name);
        }
    }

    private static void places(AuditEntry e, Stored.Queue q, String name) {
        Set<Long> seen = new TreeSet<>();
        q.held.forEach((holder, its) ->
                its.forEach(s -> check(seen.add(s), s + " of " + name + " is held by " + holder + " and another")));
        q.dead.forEach(s -> check(seen.add(s), s + " of " + name + " is dead, and held"));
        q.resting.forEach(s -> check(seen.add(s), s + " of " + name + " rests, and is held or dead"));
        q.deferred
                .keySet()
                .forEach(s -> check(seen.add(s), s + " of " + name + " is put aside, and is held, dead or rests"));
        seen.removeAll(q.live.keySet());
        check(seen.isEmpty(), seen + " of " + name + " are held, dead, aside or rest, and are not there");
        Set<Long> unknown = new TreeSet<>(q.live.keySet());
        unknown.removeAll(e.all(q));
        check(unknown.isEmpty(), unknown + " of " + name + " are there again, or never came");
    }

    private static void left(AuditEntry e, Stored.Queue q, String name) {
        EntryNotes n = e.notes();
        Set<Long> acked = EntryNotes.of(n.acked, q.number);
        Set<Long> discarded = EntryNotes.of(n.discarded, q.number);
        Set<Long> stay = new TreeSet<>(acked);
        stay.retainAll(q.live.keySet());
        check(stay.isEmpty(), stay + " of " + name + " are acked, and still there");
        long published = e.more(q, BrokerView.Counters::published);
        check(published == e.arrivals(q.number).size(), name + " counts " + published + " published");
        long ack = e.more(q, BrokerView.Counters::acked);
        check(ack == acked.size(), name + " counts " + ack + " acked, not " + acked);
        long gone = e.gone(q).size();
        long dead = q.dead.size() - (e.before(q) == null ? 0 : e.before(q).dead.size());
        long rejected = e.more(q, c -> c.deaths().rejected());
        check(rejected <= discarded.size(), name + " counts " + rejected + " rejected, not " + discarded);
        long known = acked.size()
                + discarded.size()
                - rejected
                + e.died(q)
                - dead
                + n.purged.getOrDefault(q.number, 0L)
                + e.more(q, BrokerView.Counters::replaced);
        // What is purged while somebody was assigned it counts then, and goes when it comes back unsent.
        Set<Long> ahead = e.before(q) == null ? new TreeSet<>() : e.before(q).allPurgedAhead();
        Set<Long> more = q.allPurgedAhead();
        more.removeAll(ahead);
        ahead.retainAll(e.gone(q));
        ahead.removeAll(acked);
        ahead.removeAll(discarded);
        known += ahead.size() - more.size();
        check(gone == known, name + " has lost " + e.gone(q) + ", and knows of " + known);
    }

    private static void counts(Stored.Queue q, String name) {
        BrokerView.QueueInfo i = q.info;
        long held = q.allHeld().size();
        long dead = i.deadLetters().messages();
        check(dead == q.dead.size(), name + " shows " + dead + " dead, not " + q.dead);
        check(i.resting() == q.resting.size(), name + " shows " + i.resting() + " resting, not " + q.resting);
        check(i.unacked() <= held, name + " shows " + i.unacked() + " unacked, not " + q.held);
        check(i.deferred() == q.deferred.size(), name + " shows " + i.deferred() + " aside, not " + q.deferred);
        long all = i.ready() + i.unacked() + i.resting() + i.deferred() + dead;
        long seen = q.live.size() - q.unseen;
        check(all == seen, name + " shows " + all + " messages, not " + seen);
        long bytes = q.live.values().stream().mapToLong(StoredMessage::bytes).sum();
        long aside = q.deferred.keySet().stream()
                .mapToLong(s -> q.live.get(s).bytes())
                .sum();
        long shown = i.readyBytes() + i.unackedBytes() + i.deadLetters().bytes() + aside;
        check(shown == bytes, name + " shows " + shown + " bytes, not " + bytes);
        long deadBytes = q.dead.stream().mapToLong(s -> q.live.get(s).bytes()).sum();
        check(i.deadLetters().bytes() == deadBytes, name + " shows other bytes of dead ones than " + deadBytes);
    }
}
