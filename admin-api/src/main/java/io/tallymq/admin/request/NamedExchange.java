package io.tallymq.admin.request;

/** The default exchange's name is empty, which is no segment of a path: there, and in rows about permissions, it is amq.default. */
public final class NamedExchange {
    private static final String DEFAULT_EXCHANGE = "amq.default";

    private NamedExchange() {}

    /** What is meant by what stands in a path or a body. */
    public static String of(String text) {
        return text.equals(DEFAULT_EXCHANGE) ? "" : text;
    }

    /** How it is told. */
    public static String shown(String exchange) {
        return exchange.isEmpty() ? DEFAULT_EXCHANGE : exchange;
    }
}
