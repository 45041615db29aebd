package io.tallymq.broker.access;

import io.tallymq.broker.view.AccessView;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The rights of users that commands were asked about lately: what these know is not worked out anew for each command. No part of the state,
 * for the answers are the same without.
 */
public final class KeptRights {
    static final int MOST = 32;

    private record Whose(String user, String vhost) {}

    private final Supplier<AccessView> access;
    private final Map<Whose, Rights> kept = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Whose, Rights> eldest) {
            return size() > MOST;
        }
    };

    public KeptRights(Supplier<AccessView> access) {
        this.access = access;
    }

    public Rights of(String user, String vhost) {
        return kept.computeIfAbsent(new Whose(user, vhost), w -> new Rights(access, w.user, w.vhost));
    }
}
