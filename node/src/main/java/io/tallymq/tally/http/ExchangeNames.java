package io.tallymq.tally.http;

/** The exchange without a name has one in the API's paths, and here. */
public final class ExchangeNames {
    private static final String DEFAULT = "amq.default";

    private ExchangeNames() {}

    public static String shown(String name) {
        return name.isEmpty() ? "(default)" : name;
    }

    public static String inPath(String name) {
        return name.isEmpty() ? DEFAULT : name;
    }
}
