package io.tallymq.tally.local;

import io.tallymq.tally.context.Surroundings;
import io.tallymq.tally.http.HttpCall;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * Whether nodes serve: a replicated write went through, so a leader serves and the node has applied it. Where the first user may not ask that any more,
 * what a node tells without a login has to do.
 */
final class LocalHealth {
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final String CHECKS = "/api/health/checks/";
    private static final Duration PATIENCE = Duration.ofSeconds(6);

    private final HttpCall confirms;
    private final HttpCall open = new HttpCall("GET", CHECKS + "ready-to-serve-clients", null, Map.of(), PATIENCE);
    private boolean isStranger;

    LocalHealth(Surroundings surroundings) {
        Map<String, String> login =
                Map.of("Authorization", LocalLogin.of(surroundings).header());
        confirms = new HttpCall("GET", CHECKS + "confirm-path", null, login, PATIENCE);
    }

    boolean serves(LocalSettings settings, int node) {
        try {
            URI address = URI.create("http://127.0.0.1:" + (settings.httpPort() + node - 1));
            if (!isStranger) {
                int status = confirms.to(address, null).status();
                isStranger = status == UNAUTHORIZED || status == FORBIDDEN; // asked again it would cost patience
                if (!isStranger) {
                    return status == OK;
                }
            }
            return open.to(address, null).status() == OK;
        } catch (IOException e) {
            return false;
        }
    }
}
