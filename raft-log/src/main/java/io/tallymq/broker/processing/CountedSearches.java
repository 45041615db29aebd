package io.tallymq.broker.processing;

import io.tallymq.broker.message.Route;
import io.tallymq.broker.routing.RoutedMessage;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.spec.RoutingTarget;
import java.util.BitSet;
import java.util.function.IntSupplier;

/** Where messages of the broker's own runs go, and what it takes to find that out: of each route once in a run, whoever knows it already. */
final class CountedSearches {
    /** The level of the state from which on they count. */
    private static final int LEVEL = 5;

    private final Topology topology;
    private final IntSupplier level;
    private final BitSet routes = new BitSet();
    private long work;

    /** @param level of the state */
    CountedSearches(Topology topology, IntSupplier level) {
        this.topology = topology;
        this.level = level;
    }

    /** Another run. */
    void begin() {
        routes.clear();
        work = 0;
    }

    /** As {@link Topology#deadLetterTargets}. */
    RoutingTarget[] ofDeadLetter(int number, Route route, RoutedMessage m) {
        long before = begin(number, route);
        RoutingTarget[] found = topology.deadLetterTargets(route, m);
        work += topology.searched() - before;
        return found;
    }

    /** As {@link Topology#laterTargets}. */
    RoutingTarget[] ofLater(int number, Route route, RoutedMessage m) {
        long before = begin(number, route);
        RoutingTarget[] found = topology.laterTargets(route, m);
        work += topology.searched() - before;
        return found;
    }

    private long begin(int number, Route route) {
        if (!routes.get(number)) {
            routes.set(number);
            work += topology.resolve(route).work();
        }
        return topology.searched();
    }

    /** Units since this was asked last. */
    long takeWork() {
        long units = level.getAsInt() < LEVEL ? 0 : work;
        work = 0;
        return units;
    }
}
