package io.tallymq.broker.logs;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.view.BrokerView;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToLongFunction;

/**
 * An entry, as an {@link Audit} sees it.
 *
 * @param before what the store had before it
 * @param after what it has now
 * @param notes what its commands did
 * @param arrivals what came into queues
 * @param scheduled what came into the schedule
 */
record AuditEntry(
        Stored before,
        Stored after,
        EntryNotes notes,
        List<Watch.Arrival> arrivals,
        List<Watch.Waiting> scheduled,
        Ledger ledger,
        BrokerMachine machine,
        long now) {
    /** The same queue before, null if it is new. */
    Stored.Queue before(Stored.Queue q) {
        return before.queues.get(q.number);
    }

    /** What came into a queue. */
    List<Watch.Arrival> arrivals(long queue) {
        return arrivals.stream().filter(a -> a.queue() == queue).toList();
    }

    /** The messages that were in the queue at some moment of the entry. */
    Set<Long> all(Stored.Queue q) {
        Set<Long> all = new TreeSet<>();
        if (before(q) != null) {
            all.addAll(before(q).live.keySet());
        }
        arrivals(q.number).forEach(a -> all.add(a.seq()));
        return all;
    }

    /** Those of them that are not there any more. */
    Set<Long> gone(Stored.Queue q) {
        Set<Long> gone = all(q);
        gone.removeAll(q.live.keySet());
        return gone;
    }

    /** One that was in the queue at some moment of the entry. */
    StoredMessage message(Stored.Queue q, long seq) {
        Stored.Queue was = before(q);
        if (was != null && was.live.containsKey(seq)) {
            return was.live.get(seq);
        }
        return arrivals(q.number).stream()
                .filter(a -> a.seq() == seq)
                .findFirst()
                .orElseThrow()
                .message();
    }

    /** By how much a counter of the queue has grown. */
    long more(Stored.Queue q, ToLongFunction<BrokerView.Counters> counter) {
        long was = before(q) == null ? 0 : counter.applyAsLong(before(q).info.counters());
        return counter.applyAsLong(q.info.counters()) - was;
    }

    /** How many more have died, for whatever reason. */
    long died(Stored.Queue q) {
        return more(
                q,
                c -> c.overflowed()
                        + c.deaths().expired()
                        + c.deaths().rejected()
                        + c.deaths().failed());
    }
}
