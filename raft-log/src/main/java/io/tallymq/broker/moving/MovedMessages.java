package io.tallymq.broker.moving;

import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Route;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Messages that the broker itself publishes anew: their records, as they are written, and their routes. */
public final class MovedMessages {
    private final Map<Route, Integer> routes = new LinkedHashMap<>();
    /** The records, one after the other. */
    public final ByteWriter records = new ByteWriter(1024);

    /** The number of a route, for the record that takes it. */
    public int number(Route route) {
        return routes.computeIfAbsent(route, r -> routes.size());
    }

    public Publish publish() {
        List<Route> table = new ArrayList<>(routes.keySet());
        return new Publish(table, records.toBytes(), 0, records.size(), 0, Origins.NONE);
    }
}
