package io.tallymq.node.config;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The environment variables: {@code TALLYMQ_} and a key in upper case, dots and dashes as underscores. */
final class ConfigEnvironment {
    /** The file to read when there is no {@code --config}. */
    static final String CONFIG_FILE = "TALLYMQ_CONFIG";

    /** What the launcher and not the node reads. */
    static final Set<String> LAUNCHER = Set.of("TALLYMQ_JAVA_OPTS", "TALLYMQ_CDS");

    /**
     * What Kubernetes and Docker links put into the environment of a container next to a service whose name begins with
     * "tallymq"; a user can do little against these.
     */
    private static final Pattern SERVICE_LINK = Pattern.compile("TALLYMQ(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT"
            + "(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

    private static final Pattern SERVICE_PORT_VALUE = Pattern.compile("(tcp|udp|sctp)://.*");

    /** What RabbitMQ's images are told, by the key that it is here. */
    static final Map<String, String> RABBITMQ = Map.of(
            "RABBITMQ_DEFAULT_USER", "auth.default-user",
            "RABBITMQ_DEFAULT_PASS", "auth.default-password",
            "RABBITMQ_DEFAULT_VHOST", "auth.default-vhost");

    private ConfigEnvironment() {}

    static void readInto(Settings settings, Map<String, String> environment) {
        for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
            String name = variable.getKey();
            if (RABBITMQ.containsKey(name) && !variable.getValue().isBlank()) { // ours come later, and win
                settings.putFromProcess(RABBITMQ.get(name), variable.getValue(), "environment " + name);
            }
            if (name.startsWith(Key.ENV_PREFIX) && !isForeign(name, variable.getValue())) {
                read(settings, name, variable.getValue());
            }
        }
    }

    private static void read(Settings settings, String name, String value) {
        // Compose files hand on a variable that is not set as an empty one: it says nothing.
        ConfigKeys.byEnv(name)
                .ifPresentOrElse(
                        key -> {
                            if (!value.isBlank()) {
                                settings.putFromProcess(key.name(), value, "environment " + name);
                            }
                        },
                        () -> settings.problem(
                                name + " (environment): no key has this variable" + Suggestion.forEnv(name)));
    }

    private static boolean isForeign(String name, String value) {
        return name.equals(CONFIG_FILE)
                || LAUNCHER.contains(name)
                || SERVICE_LINK.matcher(name).matches()
                || (name.endsWith("_PORT") && SERVICE_PORT_VALUE.matcher(value).matches());
    }
}
