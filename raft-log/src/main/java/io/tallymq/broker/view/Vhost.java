package io.tallymq.broker.view;

import io.tallymq.broker.spec.VhostSpec;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A virtual host as it is.
 *
 * @param limits max-connections and max-queues, as far as there are any
 * @param isGoing it is deleted, and what was in it is being taken out
 * @param made index of the entry that made it, so that another one of its name is told from it; 0 for before that was kept, or for the first one
 */
public record Vhost(String name, VhostSpec spec, Map<String, Long> limits, boolean isGoing, long made) {
    public static final String MAX_CONNECTIONS = "max-connections";
    public static final String MAX_QUEUES = "max-queues";

    public Vhost {
        limits = Collections.unmodifiableMap(new TreeMap<>(limits));
    }

    public Vhost(String name, VhostSpec spec, long made) {
        this(name, spec, Map.of(), false, made);
    }

    /** {@link Long#MAX_VALUE} for none. */
    public long most(String limit) {
        return limits.getOrDefault(limit, Long.MAX_VALUE);
    }
}
