package io.tallymq.broker.logs;

import static io.tallymq.broker.logs.Ledger.check;

import io.tallymq.broker.logs.EntryNotes.Published;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Each message that a client publishes has one end: it comes to queues, waits for its time, is refused, comes back, goes to a consumer of
 * replies, or goes nowhere in a way that is counted. And each message that comes somewhere was published, died, waited, or is kept for new
 * bindings.
 */
final class AuditOutcomes implements AuditCheck {
    /** From which on exchanges have dead letters. */
    private static final int LEVEL = 3;

    /** From which on queues drop what has waited for its time and they have seen. */
    static final int KEYS = 5;

    private static final String DEDUPLICATION = "x-deduplication-header";

    @Override
    public void look(AuditEntry e) {
        landed(e);
        long dropped = waited(e);
        dropped += published(e);
        long counted = e.after().totals.droppedUnroutable() - e.before().totals.droppedUnroutable();
        long maybe = e.notes().published.stream()
                .filter(p -> p.isSilent() && mayBeNowhere(e, p))
                .count();
        long waiting = gone(e).stream()
                .filter(w -> mayBeCalledOff(e, w)
                        || mayBeSeen(e, w)
                        || w.message().died()) // of one message there may be several letters
                .count();
        check(
                dropped <= counted && counted <= dropped + maybe + waiting,
                counted + " are counted as dropped, and " + dropped + " were, maybe " + maybe + " and " + waiting);
    }

    private static boolean isThere(AuditEntry e, long queue) {
        return e.after().queues.containsKey(queue);
    }

    /** What was told to come to a queue did; what else came has another reason. */
    private static void landed(AuditEntry e) {
        Map<Long, List<Long>> landed = new TreeMap<>();
        for (Published p : e.notes().published) {
            p.landed.forEach(
                    q -> landed.computeIfAbsent(q, n -> new ArrayList<>()).add(p.message.id()));
        }
        Set<Long> released = new TreeSet<>();
        gone(e).forEach(w -> released.add(w.message().id()));
        e.before().exchanges.values().stream()
                .filter(x -> e.notes().bound.contains(x.name()))
                .forEach(x -> released.addAll(e.before().recent.getOrDefault(x.number(), List.of())));
        e.notes().told.values().forEach(released::addAll);
        boolean bound = e.notes().bound.contains("last");
        for (Watch.Arrival a : e.arrivals()) {
            StoredMessage m = a.message();
            boolean was = !m.died()
                    && landed.getOrDefault(a.queue(), new ArrayList<>()).remove((Long) m.id());
            check(!isLetterOfNoQueue(m) || released.contains(m.id()), m.id() + " died in no queue, and did not wait");
            check(
                    m.died() || was || released.contains(m.id()) || bound && isPublished(e, m.id()),
                    m.id() + " comes to queue " + a.queue() + ", and nobody knows why");
        }
        landed.forEach((q, ids) ->
                check(ids.isEmpty() || !isThere(e, q), ids + " were to come to queue " + q + ", and did not"));
    }

    private static boolean isPublished(AuditEntry e, long id) {
        return e.notes().published.stream().anyMatch(p -> p.message.id() == id);
    }

    /** What waited for its time, and does not any more. */
    static List<Watch.Waiting> gone(AuditEntry e) {
        Map<Long, Watch.Waiting> all = new TreeMap<>(e.before().scheduled);
        e.scheduled().forEach(w -> all.put(w.number(), w));
        all.keySet().removeAll(e.after().scheduled.keySet());
        return new ArrayList<>(all.values());
    }

    /** A queue had seen its key when its time came. */
    private static boolean mayBeSeen(AuditEntry e, Watch.Waiting w) {
        String key = "S" + w.message().text(DEDUPLICATION);
        return e.machine().level() >= KEYS
                && w.message().headers().containsKey(DEDUPLICATION)
                && (knows(e.before(), key)
                        || knows(e.after(), key)
                        || e.arrivals().stream() // and others pushed its key out since
                                .anyMatch(a -> key.equals("S" + a.message().text(DEDUPLICATION))));
    }

    private static boolean knows(Stored s, String key) {
        return s.queues.keySet().stream()
                .anyMatch(q -> s.seen.getOrDefault(q, new LinkedHashMap<>()).containsKey(key));
    }

    static boolean mayBeCalledOff(AuditEntry e, Watch.Waiting w) {
        EntryNotes n = e.notes();
        return n.calledOffNumbers.contains(w.number())
                || !w.sid().isEmpty()
                        && (n.calledOff.contains(w.sid())
                                || n.published.stream().anyMatch(p -> !p.isVoid && p.sid.equals(w.sid())));
    }

    /** It waited, and its exchange had dead letters when it reached no queue. */
    static boolean isLetterOfNoQueue(StoredMessage m) {
        return m.died() && m.diedIn().isEmpty();
    }

    /** What waited came to a queue, went on as a dead letter, was called off, or is dropped. Returns how many are dropped. */
    private static long waited(AuditEntry e) {
        Map<Long, Watch.Waiting> unknown = new TreeMap<>(e.after().scheduled);
        unknown.keySet().removeAll(e.before().scheduled.keySet());
        e.scheduled().forEach(w -> unknown.remove(w.number()));
        e.before().scheduled.forEach((number, w) -> {
            boolean off = e.notes().calledOffNumbers.contains(number)
                    || e.notes().calledOff.contains(w.sid());
            check(!off || !e.after().scheduled.containsKey(number), w + " was called off, and waits");
        });
        check(unknown.isEmpty(), unknown + " wait, and nobody knows why");
        gone(e).forEach(w -> letters(e, w));
        Set<String> ids = new TreeSet<>();
        e.after()
                .scheduled
                .values()
                .forEach(w -> check(w.sid().isEmpty() || ids.add(w.sid()), w.sid() + " is that of two that wait"));
        return gone(e).stream()
                .filter(w -> !mayBeCalledOff(e, w) && !mayBeSeen(e, w) && !hasCome(e, w) && !hasDied(e, w))
                .count();
    }

    private static boolean hasDied(AuditEntry e, Watch.Waiting w) {
        return e.arrivals().stream()
                .anyMatch(a -> isLetterOfNoQueue(a.message())
                        && a.message().id() == w.message().id());
    }

    /** No other of its message was in the schedule and left. */
    private static boolean isAlone(AuditEntry e, Watch.Waiting w) {
        return gone(e).stream()
                        .filter(o -> o.message().id() == w.message().id())
                        .count()
                == 1;
    }

    /** It comes as itself or as a letter, as that once to a queue, and only if its exchange says so; then it does if it can. */
    private static void letters(AuditEntry e, Watch.Waiting w) {
        Set<Long> queues = new TreeSet<>();
        for (Watch.Arrival a : e.arrivals()) {
            boolean its = isLetterOfNoQueue(a.message())
                    && a.message().id() == w.message().id();
            check(
                    !its || queues.add(a.queue()) || !isAlone(e, w),
                    w + " comes twice as a letter to queue " + a.queue());
        }
        boolean come = hasCome(e, w);
        if (!isAlone(e, w)) {
            return; // which of them it was is not told
        }
        check(queues.isEmpty() || !come, w + " comes, and has died");
        Stored.Exchange was = e.before().exchange(w.route().exchange());
        Stored.Exchange is = e.after().exchange(w.route().exchange());
        if (was == null || is == null || e.notes().redeclared || e.notes().policies) {
            return; // it goes by itself with the last queue, too
        }
        boolean may =
                was.settings().deadLetterExchange() != null || is.settings().deadLetterExchange() != null;
        check(queues.isEmpty() || may, w + " comes as a letter, and its exchange has none");
        boolean certain = e.machine().level() >= LEVEL
                && was.settings().equals(is.settings())
                && "".equals(is.settings().deadLetterExchange());
        String key = is.settings().deadLetterRoutingKey();
        Stored.Queue to = e.after().named(key == null ? w.route().routingKey() : key);
        check(
                !certain
                        || to == null
                        || come
                        || mayBeCalledOff(e, w)
                        || mayBeSeen(e, w)
                        || AuditLetters.isCycle(w.message(), to.info.name())
                        || queues.contains(to.number),
                w + " is gone, and is to be a letter in " + (to == null ? "" : to.info.name()));
    }

    /** As what it was: a message, or the letter that one was whose exchange held it back. */
    private static boolean hasCome(AuditEntry e, Watch.Waiting w) {
        StoredMessage was = w.message();
        return e.arrivals().stream()
                .map(Watch.Arrival::message)
                .anyMatch(m -> m.died() == was.died()
                        && m.id() == was.id()
                        && (!was.died() || was.diedIn().equals(m.diedIn())));
    }

    /** Returns how many went nowhere for certain. */
    private static long published(AuditEntry e) {
        Set<Long> waits = new TreeSet<>();
        for (Watch.Waiting w : e.scheduled()) {
            if (w.message().died()) {
                continue; // a letter, see AuditLetters
            }
            check(waits.add(w.message().id()), w + " waits twice");
            check(isPublished(e, w.message().id()), w + " waits, and nobody published it");
        }
        long dropped = 0;
        for (Published p : e.notes().published) {
            boolean kept = waits.contains(p.message.id());
            boolean come = kept || !p.landed.isEmpty() || p.replied;
            check(!(p.refused && come), p + " is refused, and comes");
            check(!(p.unroutable && come), p + " goes back, and comes");
            check(!(p.isVoid && (come || p.unroutable)), p + " is void, and comes");
            check(isEnough(e, p), p + " comes to " + p.landed + ", which are too few");
            check(!kept || p.later && p.landed.isEmpty(), p + " waits, and its time has come");
            boolean nowhere = p.isSilent() && !kept;
            check(!nowhere || !p.mandatory || mayBeNowhere(e, p), p + " is lost, and was mandatory");
            dropped += nowhere && !mayBeNowhere(e, p) ? 1 : 0;
        }
        return dropped;
    }

    /** As min-queues of its exchange says, unless some queues had it before. */
    private static boolean isEnough(AuditEntry e, Published p) {
        Stored.Exchange was = e.before().exchange(p.route.exchange());
        Stored.Exchange is = e.after().exchange(p.route.exchange());
        boolean certain = was != null
                && is != null
                && was.settings().equals(is.settings())
                && !e.notes().redeclared
                && !e.notes().policies
                && !p.later
                && !p.external
                && !p.isVoid
                && !p.refused
                && !p.message.headers().containsKey(DEDUPLICATION);
        return !certain || p.landed.size() >= is.settings().minQueues();
    }

    /** It calls another one off, or was seen before. */
    private static boolean mayBeNowhere(AuditEntry e, Published p) {
        return p.route.exchange().equals("amq.schedule")
                || p.message.headers().containsKey(DEDUPLICATION) && mayBeSeen(e, p);
    }

    private static boolean mayBeSeen(AuditEntry e, Published p) {
        String key = "S" + p.message.text(DEDUPLICATION);
        long published = e.notes().published.stream()
                .filter(o -> key.equals("S" + o.message.text(DEDUPLICATION)))
                .count();
        return published > 1
                || e.before().seen.values().stream()
                        .anyMatch(its -> its.containsKey(key) && (its.get(key) == 0 || its.get(key) > e.now()));
    }
}
