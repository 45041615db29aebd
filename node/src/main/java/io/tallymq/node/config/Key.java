package io.tallymq.node.config;

import io.tallymq.node.config.value.ValueType;
import java.util.Locale;

/**
 * One thing that can be configured.
 *
 * @param name {@code group.name} in lower case; the group is what stands before the first dot
 * @param type how its text is read
 * @param defaultText what holds if nobody says otherwise; empty if there is no default
 * @param example a text that is accepted
 * @param description one line for people
 */
public record Key<T>(String name, ValueType<T> type, String defaultText, String example, String description) {
    /** What the names of all environment variables begin with. */
    public static final String ENV_PREFIX = "TALLYMQ_";

    /** The environment variable that overrides the file. */
    public String env() {
        return ENV_PREFIX + name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    public String group() {
        return name.substring(0, name.indexOf('.'));
    }

    /** Whether the value must never be shown. */
    public boolean secret() {
        return type.unit().equals("secret");
    }

    /** {@code name = example}, as it would stand in the file. */
    public String exampleLine() {
        return name + " = " + example;
    }
}
