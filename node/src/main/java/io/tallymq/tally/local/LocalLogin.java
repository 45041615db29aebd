package io.tallymq.tally.local;

import io.tallymq.tally.context.Surroundings;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * The first user of a cluster of this machine: the nodes have this environment, too. It may have another password since, or be deleted.
 *
 * @param isUsual whether the password is the one that everybody knows
 */
record LocalLogin(String user, String password, boolean isUsual) {
    private static final String GUEST = "guest";

    static LocalLogin of(Surroundings surroundings) {
        String user = first(surroundings, "TALLYMQ_AUTH_DEFAULT_USER", "RABBITMQ_DEFAULT_USER");
        String password = first(surroundings, "TALLYMQ_AUTH_DEFAULT_PASSWORD", "RABBITMQ_DEFAULT_PASS");
        return new LocalLogin(user == null ? GUEST : user, password == null ? GUEST : password, password == null);
    }

    private static String first(Surroundings surroundings, String ours, String theirs) {
        String value = surroundings.variable(ours);
        return value == null ? surroundings.variable(theirs) : value;
    }

    String header() {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }
}
