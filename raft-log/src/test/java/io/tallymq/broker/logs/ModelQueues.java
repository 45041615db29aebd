package io.tallymq.broker.logs;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** The queues of {@link LogRun}'s model, by their numbers. */
final class ModelQueues {
    final Map<Long, ModelQueue> byNumber = new LinkedHashMap<>();

    Collection<ModelQueue> all() {
        return byNumber.values();
    }

    /** The queue that has the deferred message with this token; null for none. */
    ModelQueue deferred(String token) {
        return byNumber.values().stream()
                .filter(q -> q.deferred.containsValue(token))
                .findFirst()
                .orElse(null);
    }

    /** Null when there is none of that name. */
    ModelQueue find(String name) {
        return byNumber.values().stream()
                .filter(q -> q.name.equals(name))
                .findFirst()
                .orElse(null);
    }
}
