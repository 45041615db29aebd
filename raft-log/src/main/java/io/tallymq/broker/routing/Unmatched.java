package io.tallymq.broker.routing;

import io.tallymq.broker.spec.RoutingTarget;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;

/** Queues that a message could have reached from its exchange and does not, and why: for people. Bounded work. */
final class Unmatched {
    private static final int MOST_QUEUES = 100;
    private static final int MOST_BINDINGS = 2_000;

    private final BiFunction<String, String, Exchange> exchanges;
    /** Numbers of the queues that it reaches, in order: there may be 100,000. */
    private final long[] reached;

    private final Map<String, String> why = new TreeMap<>();
    private final Set<Long> seen = new TreeSet<>();
    private final ArrayDeque<Exchange> pending = new ArrayDeque<>();
    private int bindings;

    Unmatched(BiFunction<String, String, Exchange> exchanges, RoutingTarget[] reached) {
        this.exchanges = exchanges;
        this.reached =
                Arrays.stream(reached).mapToLong(RoutingTarget::number).sorted().toArray();
    }

    /** By the name of the queue. */
    Map<String, String> from(Exchange first) {
        add(first);
        while (!pending.isEmpty() && !isFull()) {
            Exchange x = pending.poll();
            for (Binding b : x.outgoing()) {
                if (isFull()) {
                    break;
                }
                bindings++;
                look(x, b);
            }
            if (x.alternate() != null) {
                add(exchanges.apply(x.vhost(), x.alternate()));
            }
        }
        return why;
    }

    private boolean isFull() {
        return why.size() >= MOST_QUEUES || bindings >= MOST_BINDINGS;
    }

    private void add(Exchange x) {
        if (x != null && seen.add(x.number())) {
            pending.add(x);
        }
    }

    private void look(Exchange x, Binding b) {
        if (b.dead) {
            return;
        }
        if (!b.toQueue()) {
            add(b.exchange());
        } else if (Arrays.binarySearch(reached, b.queue().number()) < 0) {
            why.putIfAbsent(b.queue().name(), reason(x, b));
        }
    }

    private static String reason(Exchange x, Binding b) {
        String from = "exchange '" + x.name() + "'";
        return switch (x.type()) {
            case DIRECT, TOPIC ->
                "no binding matches: " + from + " has it with key '" + b.key().routingKey() + "'";
            case HEADERS -> "no binding matches: " + from + " has it with other headers";
            case FANOUT -> from + " is not reached";
            default -> from + " chooses another one, or is not reached";
        };
    }
}
