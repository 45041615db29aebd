package io.tallymq.broker.view;

import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.spec.TopicPermission;
import io.tallymq.broker.spec.UserSpec;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A user as he is: another one takes his place when anything about him changes.
 *
 * @param limits max-connections and max-channels, as far as there are any
 * @param permissions by virtual host
 * @param topicPermissions by virtual host and exchange
 * @param made index of the entry that made him, so that another one of his name is told from him; 0 for before that was kept
 */
public record User(
        String name,
        UserSpec spec,
        Map<String, Long> limits,
        Map<String, Permission> permissions,
        Map<String, Map<String, TopicPermission>> topicPermissions,
        long made) {
    public static final String MAX_CONNECTIONS = "max-connections";
    public static final String MAX_CHANNELS = "max-channels";

    public User {
        limits = Collections.unmodifiableMap(new TreeMap<>(limits));
        permissions = Collections.unmodifiableMap(new TreeMap<>(permissions));
        topicPermissions = Collections.unmodifiableMap(new TreeMap<>(topicPermissions));
    }

    public User(String name, UserSpec spec, long made) {
        this(name, spec, Map.of(), Map.of(), Map.of(), made);
    }

    /** Who may do the same. */
    public User with(UserSpec other) {
        return new User(name, other, limits, permissions, topicPermissions, made);
    }

    public boolean has(String tag) {
        return spec.tags().contains(tag);
    }

    /** {@link Long#MAX_VALUE} for none. */
    public long most(String limit) {
        return limits.getOrDefault(limit, Long.MAX_VALUE);
    }
}
