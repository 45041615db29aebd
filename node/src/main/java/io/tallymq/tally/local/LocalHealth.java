package io.tallymq.tally.local;

import io.tallymq.tally.context.Surroundings;
import io.tallymq.tally.http.HttpCall;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;

/** Whether nodes serve: a replicated write went through, so a leader serves and the node has applied it. */
final class LocalHealth {
    private static final int OK = 200;

    private final HttpCall call;

    LocalHealth(Surroundings surroundings) {
        String user = or(surroundings.variable("TALLYMQ_AUTH_DEFAULT_USER"), "guest");
        String password = or(surroundings.variable("TALLYMQ_AUTH_DEFAULT_PASSWORD"), "guest");
        String login = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        call = new HttpCall(
                "GET",
                "/api/health/checks/confirm-path",
                null,
                Map.of("Authorization", "Basic " + login),
                Duration.ofSeconds(6));
    }

    private static String or(String value, String other) {
        return value == null ? other : value;
    }

    boolean serves(LocalSettings settings, int node) {
        try {
            URI address = URI.create("http://127.0.0.1:" + (settings.httpPort() + node - 1));
            return call.to(address, null).status() == OK;
        } catch (IOException e) {
            return false;
        }
    }
}
