package io.tallymq.node.config.value;

import java.util.function.Function;

/**
 * How the text of a key becomes a value.
 *
 * @param unit what the value is, for people, e.g. "size"
 * @param allowed which values are accepted, for people, e.g. "1MiB to 128MiB"
 * @param parser text without surrounding blanks, never empty, to value
 */
public record ValueType<T>(String unit, String allowed, Function<String, Parsed<T>> parser) {
    public Parsed<T> parse(String text) {
        return parser.apply(text);
    }
}
