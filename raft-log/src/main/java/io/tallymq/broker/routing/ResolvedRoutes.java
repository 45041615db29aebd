package io.tallymq.broker.routing;

import io.tallymq.broker.message.Route;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** What routes resolved to since the topology last changed. The oldest go first when it is full. */
final class ResolvedRoutes {
    /** Most routes kept. */
    static final int MAX_ROUTES = 8_192;
    /** Most targets kept, over all routes: 4 bytes of heap each. */
    static final int MAX_TARGETS = 1 << 20;

    private final Map<Route, Resolved> routes = new LinkedHashMap<>();
    private int targets;

    /** What the route resolved to, or null. */
    Resolved get(Route route) {
        return routes.get(route);
    }

    /** Keeps the answer for a route that has none, unless it is larger than the whole cache. */
    void put(Route route, Resolved resolved) {
        int more = resolved.targets().length;
        if (more > MAX_TARGETS) {
            return;
        }
        Iterator<Resolved> oldest = routes.values().iterator();
        while (routes.size() >= MAX_ROUTES || targets > MAX_TARGETS - more) {
            targets -= oldest.next().targets().length;
            oldest.remove();
        }
        routes.put(route, resolved);
        targets += more;
    }

    void clear() {
        if (!routes.isEmpty()) {
            routes.clear();
            targets = 0;
        }
    }

    int size() {
        return routes.size();
    }
}
