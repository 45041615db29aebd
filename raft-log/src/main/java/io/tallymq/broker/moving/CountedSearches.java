package io.tallymq.broker.moving;

import io.tallymq.broker.message.Route;
import io.tallymq.broker.routing.RoutedMessage;
import io.tallymq.broker.routing.Routes;
import io.tallymq.broker.spec.RoutingTarget;
import java.util.BitSet;
import java.util.function.IntSupplier;

/** Where messages of the broker's own runs go, and what it takes to find that out: of each route once in a run, whoever knows it already. */
final class CountedSearches {
    /** The level of the state from which on they count. */
    private static final int LEVEL = 5;

    private final Routes routes;
    private final IntSupplier level;
    private final BitSet resolved = new BitSet();
    private long work;

    /** @param level of the state */
    CountedSearches(Routes routes, IntSupplier level) {
        this.routes = routes;
        this.level = level;
    }

    /** Another run. */
    void begin() {
        resolved.clear();
        work = 0;
    }

    /** As {@link Routes#deadLetterTargets}. */
    RoutingTarget[] ofDeadLetter(int number, Route route, RoutedMessage m) {
        long before = begin(number, route);
        RoutingTarget[] found = routes.deadLetterTargets(route, m);
        work += routes.searched() - before;
        return found;
    }

    /** As {@link Routes#laterTargets}. */
    RoutingTarget[] ofLater(int number, Route route, RoutedMessage m) {
        long before = begin(number, route);
        RoutingTarget[] found = routes.laterTargets(route, m);
        work += routes.searched() - before;
        return found;
    }

    /** As {@link Routes#moveGivenUp}. */
    boolean wereGivenUp() {
        return routes.moveGivenUp();
    }

    private long begin(int number, Route route) {
        if (!resolved.get(number)) {
            resolved.set(number);
            work += routes.resolve(route).work();
        }
        return routes.searched();
    }

    /** Units since this was asked last. */
    long takeWork() {
        long units = level.getAsInt() < LEVEL ? 0 : work;
        work = 0;
        return units;
    }
}
