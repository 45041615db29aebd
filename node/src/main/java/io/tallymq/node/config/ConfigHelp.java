package io.tallymq.node.config;

import io.tallymq.node.config.value.Secret;
import java.util.Map;

/** Prints the keys for people: the help, the example file, the values in effect. */
final class ConfigHelp {
    private static final Map<String, String> GROUPS = Map.ofEntries(
            Map.entry("node", "This node"),
            Map.entry("cluster", "The cluster"),
            Map.entry("data", "Data"),
            Map.entry("amqp", "AMQP clients"),
            Map.entry("http", "HTTP API"),
            Map.entry("tls", "TLS"),
            Map.entry("proxy", "Proxies before clients"),
            Map.entry("auth", "Users"),
            Map.entry("raft", "Replicated log"),
            Map.entry("batch", "Batches of publishes and acks"),
            Map.entry("trace", "Traced messages"),
            Map.entry("store", "Message store"),
            Map.entry("disk", "Disk"),
            Map.entry("memory", "Memory"),
            Map.entry("log", "This node's messages for people"),
            Map.entry("metrics", "Metrics"));

    private ConfigHelp() {}

    /** One paragraph per key, grouped. */
    static String keys() {
        StringBuilder out = new StringBuilder();
        String group = "";
        for (Key<?> key : ConfigKeys.ALL) {
            if (!key.group().equals(group)) {
                group = key.group();
                out.append('\n').append(title(group)).append('\n');
            }
            out.append("  ").append(facts(key)).append('\n');
            out.append("      ").append(key.description()).append('\n');
        }
        return out.toString();
    }

    /** A file that sets nothing and shows everything. */
    static String exampleFile() {
        StringBuilder out = new StringBuilder();
        out.append("# TallyMQ: every key with its default. Printed by: deploy/tallymq --print-example\n");
        out.append(
                "# A line is key = value; # begins a comment at the start of a line only. Sizes: 512KiB, 16MiB, 1GiB;\n");
        out.append("# durations: 500ms, 10s, 5m, 1h. The environment overrides this file, e.g. ");
        out.append(AmqpKeys.PORT.env()).append("=5672 (an empty\n");
        out.append(
                "# variable says nothing), and --set key=value overrides both. Every value is read once, at the start.\n");
        String group = "";
        for (Key<?> key : ConfigKeys.ALL) {
            if (!key.group().equals(group)) {
                group = key.group();
                out.append("\n### ").append(title(group)).append('\n');
            }
            out.append("\n# ").append(key.description()).append('\n');
            out.append("# ")
                    .append(key.type().unit())
                    .append("; ")
                    .append(key.type().allowed());
            out.append("; ").append(key.env()).append('\n');
            if (key.defaultText().isEmpty()) {
                out.append("# no default, e.g. ").append(key.exampleLine()).append('\n');
            } else {
                out.append("#")
                        .append(key.name())
                        .append(" = ")
                        .append(key.defaultText())
                        .append('\n');
            }
        }
        return out.toString();
    }

    /** Every key with its value and where it comes from; secrets masked. */
    static String effective(Settings settings) {
        StringBuilder out = new StringBuilder();
        for (Key<?> key : ConfigKeys.ALL) {
            Setting setting = settings.setting(key);
            String text = setting.text();
            out.append("# ").append(setting.origin()).append('\n');
            if (text.isEmpty()) {
                out.append("#").append(key.name()).append(" is not set\n");
            } else {
                String shown = key.secret() ? Secret.MASK : text;
                out.append(key.name()).append(" = ").append(shown).append('\n');
            }
        }
        return out.toString();
    }

    private static String title(String group) {
        String title = GROUPS.get(group);
        if (title == null) {
            throw new IllegalStateException("keys of the group '" + group + "' have no title");
        }
        return title;
    }

    private static String facts(Key<?> key) {
        String byDefault =
                key.defaultText().isEmpty() ? "no default, e.g. " + key.example() : "default " + key.defaultText();
        return key.name() + "   " + key.type().unit() + ", " + byDefault + "   ("
                + key.type().allowed() + ")";
    }
}
