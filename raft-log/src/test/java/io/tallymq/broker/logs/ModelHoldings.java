package io.tallymq.broker.logs;

import static io.tallymq.broker.logs.ModelQueue.LANE;

import io.tallymq.broker.SomeHeaders;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Who holds what of {@link LogRun}'s model, how much each may be given, and how what comes is flagged. */
final class ModelHoldings {
    /** A consumer, or a channel that fetched something. */
    record Consumer(long number, ModelQueue queue, ConnectionId connection, int channel, ConsumerSpec spec) {
        boolean isLimited() {
            return !spec.noAck() && spec.prefetch() > 0;
        }

        /** It takes by itself what it wants. */
        boolean filters() {
            return spec.arguments().get(FILTER) != null;
        }
    }

    /** A delivery that is not settled. */
    record Outstanding(long holder, ModelQueue queue, long first, long last) {
        long[] range() {
            return new long[] {first, last};
        }

        /** Whether the same holder has the message behind it, too. */
        boolean isHeldBehind() {
            return queue.heldBy.getOrDefault(last + 1, 0L) == holder;
        }
    }

    static final String FILTER = "x-filter";

    private static final String GET = "get";
    /** The level from which on of what a dead node's clients held only what they had been sent has failed. */
    private static final int SENT_FAILS = 5;

    /** The level from which on a purge takes what was assigned ahead. */
    private static final int PURGES_AHEAD = 5;

    private final Replica replica;
    final Map<Long, Consumer> consumers = new LinkedHashMap<>();
    private final Map<Long, Long> given = new LinkedHashMap<>();
    private final Map<Long, Long> room = new LinkedHashMap<>();
    /** Behind the highest number that each holder let go of and that its client may have been sent. */
    private final Map<Long, TreeMap<Long, Long>> past = new LinkedHashMap<>();

    final List<Outstanding> outstanding = new ArrayList<>();
    /** The consumer that is being made; null for none. */
    private Consumer pending;

    private boolean fetching;
    /** Who takes now what its filter matches; 0 for nobody. */
    private long taking;

    ModelHoldings(Replica replica) {
        this.replica = replica;
    }

    /** Somebody begins to consume; what it is given at once is told before its number is. */
    void subscribing(ModelQueue q, ConnectionId c, int channel, ConsumerSpec spec) {
        pending = q == null ? null : new Consumer(0, q, c, channel, spec);
    }

    /** @param number null when it was refused */
    void subscribed(Long number) {
        if (number != null) {
            consumer(number);
        }
        pending = null;
    }

    /** A consumer takes what its filter matches, 0: it has. */
    void taking(long consumer) {
        taking = consumer;
    }

    /** A consumer is told of what it may take. */
    void ready(long number) {
        replica.check(consumer(number).filters(), "told of what is ready: " + number);
    }

    /** What is fetched is told last. */
    void fetching(boolean now) {
        fetching = now;
    }

    void fetched(long holder, ModelQueue q, ConnectionId c, int channel, Delivery d) {
        ConsumerSpec spec = new ConsumerSpec(GET, false, false, 0, 0, Arguments.NONE);
        consumers.putIfAbsent(holder, new Consumer(holder, q, c, channel, spec));
        room.putIfAbsent(holder, Long.MAX_VALUE);
        fetching = true;
        delivered(holder, q, d);
        fetching = false;
    }

    private Consumer consumer(long number) {
        Consumer k = consumers.get(number);
        if (k == null && pending != null) {
            k = new Consumer(number, pending.queue, pending.connection, pending.channel, pending.spec);
            consumers.put(number, k);
            room.put(
                    number, k.isLimited() ? k.spec.prefetch() + (k.filters() ? 0L : k.spec.window()) : k.spec.window());
        }
        return k;
    }

    void moreRoom(Consumer k, long messages) {
        if (!k.spec.noAck() && k.spec.prefetch() == 0) {
            room.merge(k.number, messages, Long::sum);
        }
    }

    void delivered(long holder, Delivery d) {
        Consumer k = consumer(holder);
        replica.check(k != null, "delivery to a consumer nobody made");
        delivered(holder, k.queue, d);
        replica.check(given.get(holder) <= room.get(holder), "credit exceeded by " + holder);
        replica.check(k.filters() == (taking == holder), "who filters takes, others are given: " + holder);
    }

    private boolean gets(long holder) {
        return consumers.get(holder).spec.tag().equals(GET);
    }

    private void delivered(long holder, ModelQueue q, Delivery d) {
        given.merge(holder, (long) d.count(), Long::sum);
        long at = at(holder, q, d.firstSeq() >> LANE);
        // Of queues that drop some may be gone, and what is fetched is told last: the model knows both at the entry's
        // end.
        if (!q.settings.dropsHead(replica.machine.level()) && !fetching && taking == 0) {
            replica.check(q.head() == d.firstSeq(), d.firstSeq() + " of " + q.name + " comes before " + q.head());
        }
        for (long s = d.firstSeq(); s < d.firstSeq() + d.count(); s++) {
            checkOne(holder, q, d, s, at);
        }
        outstanding.add(new Outstanding(holder, q, d.firstSeq(), d.firstSeq() + d.count() - 1));
    }

    private void checkOne(long holder, ModelQueue q, Delivery d, long s, long at) {
        replica.check(q.live.containsKey(s), "delivery of " + s + " of " + q.name + ", which is not live");
        if (q.settings.singleActiveConsumer() && !gets(holder)) { // only what was deferred is got of such a queue
            replica.check(
                    q.heldBy.values().stream().allMatch(h -> h == holder || gets(h)), "two hold messages of " + q.name);
        }
        replica.check(q.heldBy.put(s, holder) == null, "delivery of " + s + " of " + q.name + ", which is held");
        boolean again = s < at || q.attempts.containsKey(s);
        replica.check(d.redelivered() == again, "redelivered flag of " + s + " in " + q.name);
        int had = q.quorum && q.highest > 0 ? q.returns.getOrDefault(s, 0) : 0;
        replica.check(d.returns() == had, "returns of " + s + " in " + q.name);
        Map<String, Object> added = q.headers.getOrDefault(s, Map.of());
        replica.check(added.isEmpty() || d.count() == 1, s + " of " + q.name + " has headers and comes with others");
        replica.check(SomeHeaders.read(d.headers()).equals(added), "headers of " + s + " in " + q.name);
        int failed = q.quorum ? q.attempts.getOrDefault(s, 0) : 0;
        replica.check(d.attempts() == failed, "attempts of " + s + " in " + q.name);
    }

    /** What the holder gets of this lane below this number comes to its client behind later messages. */
    private long at(long holder, ModelQueue q, long lane) {
        return q.heldBy.entrySet().stream()
                .filter(e -> e.getValue() == holder && e.getKey() >> LANE == lane)
                .mapToLong(e -> e.getKey() + 1)
                .reduce(past.getOrDefault(holder, new TreeMap<>()).getOrDefault(lane, 0L), Math::max);
    }

    void settled(Outstanding o, Settle.Outcome how) {
        outstanding.remove(o);
        Consumer k = consumers.get(o.holder);
        o.queue.purgedAhead.subSet(o.first, o.last + 1).clear();
        letGo(o, how);
        for (long s = o.first; s <= o.last; s++) {
            if (how == Settle.Outcome.ACK || how == Settle.Outcome.DISCARD) {
                o.queue.live.remove(s);
            }
        }
        if (k.spec.noAck() || k.spec.prefetch() > 0 || k.spec.tag().equals(GET)) {
            given.merge(o.holder, -(o.last - o.first + 1), Long::sum);
        }
    }

    /** A consumer's channel takes back what its client was not sent. Returns pairs of what it was sent. */
    long[] takenBack(long holder, Predicate<Outstanding> unsent) {
        TreeMap<Long, Long> sent = new TreeMap<>();
        outstanding.removeIf(o -> {
            boolean back = o.holder == holder && unsent.test(o);
            if (back) {
                given.merge(holder, -(o.last - o.first + 1), Long::sum);
                letGo(o, Settle.Outcome.RELEASE);
            } else if (o.holder == holder) {
                sent.put(o.first, o.last);
                o.queue.purgedAhead.subSet(o.first, o.last + 1).clear();
            }
            return back;
        });
        return pairs(sent);
    }

    private void letGo(Outstanding o, Settle.Outcome how) {
        for (long s = o.first; s <= o.last; s++) {
            o.queue.heldBy.remove(s);
            o.queue.wentBack(s, how);
        }
        if (how != Settle.Outcome.RELEASE) {
            past.computeIfAbsent(o.holder, h -> new TreeMap<>()).merge(o.last >> LANE, o.last + 1, Math::max);
        }
    }

    /** Holders of a channel (all when -1) are gone; nobody holds their messages for now. Returns what they were sent. */
    List<Sent> gone(ConnectionId c, int channel, Predicate<Outstanding> wasSent) {
        Map<Long, TreeMap<Long, Long>> sent = new TreeMap<>();
        outstanding.stream().filter(o -> isOf(o, c, channel) && wasSent.test(o)).forEach(o -> sent.computeIfAbsent(
                        o.holder, h -> new TreeMap<>())
                .put(o.first, o.last));
        forget(c, channel, o -> wasSent.test(o) ? Settle.Outcome.REJECT_REQUEUE : Settle.Outcome.RELEASE);
        consumers
                .values()
                .removeIf(k -> k.connection.equals(c)
                        && (channel < 0 || k.channel == channel)
                        && !k.spec.tag().equals(GET));
        List<Sent> list = new ArrayList<>();
        sent.forEach((holder, ranges) -> list.add(new Sent(holder, pairs(ranges))));
        return list;
    }

    /** A node died with these connections' clients: what they had been sent has failed, as far as the log knows. */
    void lost(ConnectionId c) {
        Map<Long, Long> last = new TreeMap<>();
        if (replica.machine.level() >= SENT_FAILS) {
            consumers.values().stream()
                    .filter(k -> k.connection.equals(c) && k.isLimited())
                    .forEach(k -> last.put(k.number, lastSent(k)));
        }
        List<Outstanding> parts = new ArrayList<>();
        outstanding.removeIf(o -> isOf(o, c, -1) && parts.add(o));
        for (Outstanding o : parts) {
            long sent = Math.min(o.last, last.getOrDefault(o.holder, Long.MAX_VALUE));
            part(o, o.first, sent, Settle.Outcome.REJECT_REQUEUE);
            part(o, Math.max(o.first, sent + 1), o.last, Settle.Outcome.NACK_REQUEUE);
        }
    }

    private void part(Outstanding o, long first, long last, Settle.Outcome how) {
        if (first <= last) {
            given.merge(o.holder, -(last - first + 1), Long::sum);
            letGo(new Outstanding(o.holder, o.queue, first, last), how);
        }
    }

    private static long lastSent(Consumer k) {
        return held(k).limit(k.spec.prefetch()).reduce(-1L, (a, b) -> b);
    }

    /** Ascending. */
    private static Stream<Long> held(Consumer k) {
        return k.queue.heldBy.entrySet().stream()
                .filter(e -> e.getValue() == k.number)
                .map(Map.Entry::getKey);
    }

    private boolean isOf(Outstanding o, ConnectionId c, int channel) {
        Consumer k = consumers.get(o.holder);
        return k != null && k.connection.equals(c) && (channel < 0 || k.channel == channel);
    }

    /** What holders of a channel have goes back. */
    void forget(ConnectionId c, int channel, Function<Outstanding, Settle.Outcome> how) {
        outstanding.removeIf(o -> {
            boolean mine = isOf(o, c, channel);
            if (mine) {
                given.merge(o.holder, -(o.last - o.first + 1), Long::sum);
                letGo(o, how.apply(o));
            }
            return mine;
        });
    }

    static long[] pairs(TreeMap<Long, Long> ranges) {
        return ranges.entrySet().stream()
                .flatMapToLong(e -> LongStream.of(e.getKey(), e.getValue()))
                .toArray();
    }

    /** What those were assigned ahead who consume is gone when it comes back. Returns how many messages more that are. */
    long purgedAhead(ModelQueue q) {
        long before = q.purgedAhead.size();
        if (replica.machine.level() >= PURGES_AHEAD) {
            consumers.values().stream()
                    .filter(k -> k.queue == q && k.isLimited())
                    .forEach(k -> held(k).skip(k.spec.prefetch()).forEach(q.purgedAhead::add));
        }
        return q.purgedAhead.size() - before;
    }

    /** How many messages nobody sees who looks at the counts: purged, and not back. */
    long unseen(ModelQueue q) {
        return consumers.values().stream()
                .filter(k -> k.queue == q && k.isLimited())
                .mapToLong(k -> Math.min(
                        held(k).filter(q.purgedAhead::contains).count(),
                        Math.max(0, held(k).count() - k.spec.prefetch())))
                .sum();
    }

    /** Of the held messages, those that clients have: beyond a consumer's prefetch its channel holds them back. */
    long sent(ModelQueue q) {
        Map<Long, Long> held = new TreeMap<>();
        q.heldBy.values().forEach(holder -> held.merge(holder, 1L, Long::sum));
        long sent = 0;
        for (Map.Entry<Long, Long> e : held.entrySet()) {
            Consumer k = consumers.get(e.getKey());
            sent += k.isLimited() ? Math.min(k.spec.prefetch(), e.getValue()) : e.getValue();
        }
        return sent;
    }
}
