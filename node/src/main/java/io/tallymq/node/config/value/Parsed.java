package io.tallymq.node.config.value;

import java.util.function.Function;

/** The value of a text, or why there is none. */
public sealed interface Parsed<T> {

    /** The text was understood. */
    record Ok<T>(T value) implements Parsed<T> {}

    /** The text was not; {@code reason} continues a sentence that begins with the value, e.g. "is not a number". */
    record Bad<T>(String reason) implements Parsed<T> {}

    static <T> Parsed<T> ok(T value) {
        return new Ok<>(value);
    }

    static <T> Parsed<T> bad(String reason) {
        return new Bad<>(reason);
    }

    /** Goes on with the value, if there is one. */
    default <R> Parsed<R> then(Function<T, Parsed<R>> next) {
        if (this instanceof Ok<T> ok) {
            return next.apply(ok.value());
        }
        return new Bad<>(((Bad<T>) this).reason());
    }
}
