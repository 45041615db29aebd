package io.tallymq.broker.routing;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.spec.RoutingTarget;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.IntSupplier;

/**
 * One search for the queues that a message reaches: follows bindings from exchange to exchange, each exchange once, and
 * collects each queue once. The work is bounded by the bindings of the exchanges it reaches. Used again for every search.
 */
final class RouteSearch {
    static final RoutingTarget[] NO_TARGETS = {};
    /** Nodes of topic and headers exchanges that a search visits at most, from {@link #LEVEL} on: some milliseconds. */
    static final int MOST_NODES = 100_000;

    static final int LEVEL = 5;

    private static final int MATCHES_PER_WORK = 16;
    private static final int NODES_PER_WORK = 8;
    /** Points of rings that a search may meet without a charge, and how many are a node then: to arrange them anew may take that long. */
    private static final long FREE_POINTS = 1 << 17;

    private static final int POINTS_PER_NODE = 64;

    static final Reply.Rejected TOO_LONG = new Reply.Rejected(
            506,
            Reply.Reason.LIMIT,
            "so many bindings fit the message in part (keys with '#' and '*', headers, hashes) that it takes more than "
                    + MOST_NODES
                    + " steps to find its queues: bind with fewer of such keys, or publish with fewer words or headers");

    private static final Comparator<RoutingTarget> BY_NUMBER = Comparator.comparingLong(RoutingTarget::number);

    private final BiFunction<String, String, Exchange> exchanges;
    private final ArrayDeque<Exchange> pending = new ArrayDeque<>();
    private final List<RoutingTarget> queues = new ArrayList<>();
    private long search;
    private boolean needsMessage;
    /** The message, or null when the search goes by its routing key alone. */
    private RoutedMessage message;
    /** The queue found last. */
    private RoutingTarget last;
    /** Several keys may find a queue many times: those found are looked up, never iterated. */
    private final Set<Long> seen = new LinkedHashSet<>();

    private boolean severalKeys;
    /** Bindings that matched so far. */
    private long matched;
    /** Nodes visited so far. */
    private long visited;

    /** Points of the rings met in this search. */
    private long points;

    private long matchedBefore;
    private long visitedBefore;
    private boolean byChance;

    private final RingRoom rings = new RingRoom(RingRoom.MOST_POINTS);

    private final IntSupplier level;

    /**
     * Made once.
     *
     * @param exchanges finds one by virtual host and name, or null
     * @param level of the state
     */
    RouteSearch(BiFunction<String, String, Exchange> exchanges, IntSupplier level) {
        this.exchanges = exchanges;
        this.level = level;
    }

    /** Searches as far as the routing key alone leads. {@link #needsMessage} tells when that is not enough. */
    RoutingTarget[] byKey(Exchange from, String routingKey) {
        return run(from, routingKey, List.of(), null);
    }

    /** Searches with the message at hand. */
    RoutingTarget[] byMessage(Exchange from, String routingKey, RoutedMessage with) {
        return run(from, routingKey, with.keys(), with);
    }

    private RoutingTarget[] run(Exchange from, String routingKey, List<String> more, RoutedMessage with) {
        search++;
        needsMessage = false;
        message = with;
        nothing();
        queues.clear();
        last = null;
        seen.clear();
        severalKeys = !more.isEmpty();
        enqueue(from);
        while (!pending.isEmpty() && !isTooLong()) {
            visit(pending.poll(), routingKey, more);
        }
        pending.clear();
        message = null;
        last = null;
        return isTooLong() ? NO_TARGETS : sorted();
    }

    private void visit(Exchange x, String routingKey, List<String> more) {
        long before = matched;
        x.match(routingKey, more, this);
        if (matched == before && x.alternate() != null) {
            Exchange alternate = exchanges.apply(x.vhost(), x.alternate());
            if (alternate != null) {
                enqueue(alternate);
            }
        }
    }

    /** Bindings that matched in all searches. */
    long matched() {
        return matched;
    }

    /** Nodes of topic exchanges that were visited in all searches. Those below which all is dead are not, so that all replicas count the same. */
    long visited() {
        return visited;
    }

    /** Units of work of the last search. One that is given up is as many wherever it stopped. */
    int work() {
        if (isTooLong()) {
            return MOST_NODES / NODES_PER_WORK;
        }
        return (int) ((matched - matchedBefore) / MATCHES_PER_WORK + (visited - visitedBefore) / NODES_PER_WORK);
    }

    /** There is nothing to search. */
    RoutingTarget[] nothing() {
        byChance = false;
        points = 0;
        visitedBefore = visited;
        matchedBefore = matched;
        return NO_TARGETS;
    }

    /** Nodes are visited. */
    void visited(int nodes) {
        visited += level.getAsInt() < LEVEL ? 0 : nodes;
    }

    /** A ring of so many points is asked. What that costs depends on which rings are kept, which is another thing on each replica: so all count, together. */
    void ring(long ofPoints) {
        long before = beyondFree();
        points += ofPoints;
        visited((int) Math.min(MOST_NODES + 1L, beyondFree() - before));
    }

    private long beyondFree() {
        return Math.max(0, points - FREE_POINTS) / POINTS_PER_NODE;
    }

    /** Whether the search in hand, or the last one, is given up: it has no result. */
    boolean isTooLong() {
        return visited - visitedBefore > MOST_NODES;
    }

    /** An exchange chooses by chance. */
    void byChance() {
        byChance = true;
    }

    /** What is added to a message's chance there, so that exchanges behind each other do not choose alike. */
    long chanceOf(Exchange x) {
        return level.getAsInt() < LEVEL ? 0 : RouteHash.mix(x.number());
    }

    /** Whether one did in the last search. */
    boolean wasByChance() {
        return byChance;
    }

    /** Whether the last search met an exchange that has to know more of the message than its routing key. Its result is then not complete. */
    boolean needsMessage() {
        return needsMessage;
    }

    /** The message; null when the search goes by the routing key alone: then it is noted that it can not. */
    RoutedMessage message() {
        needsMessage |= message == null;
        return message;
    }

    /** Where rings are kept. */
    RingRoom rings() {
        return rings;
    }

    /** Called by the tables for every binding that matches. */
    void follow(Binding b) {
        if (b.dead) {
            return;
        }
        matched++;
        if (b.toQueue()) {
            if (b.queue() != last && (!severalKeys || seen.add(b.queue().number()))) {
                last = b.queue(); // those that lead to one queue stand together in most tables
                queues.add(last);
            }
        } else {
            enqueue(b.exchange());
        }
    }

    private void enqueue(Exchange x) {
        if (x.visit(search)) {
            pending.add(x);
        }
    }

    private RoutingTarget[] sorted() {
        if (queues.isEmpty()) {
            return NO_TARGETS;
        }
        if (queues.size() > 1) {
            queues.sort(BY_NUMBER);
            int kept = 1;
            for (int i = 1; i < queues.size(); i++) {
                if (queues.get(i).number() != queues.get(kept - 1).number()) {
                    queues.set(kept++, queues.get(i));
                }
            }
            queues.subList(kept, queues.size()).clear();
        }
        return queues.toArray(NO_TARGETS);
    }
}
