package io.tallymq.tally.command;

/** The exchange without a name has one in the API's paths, and here. */
final class ExchangeNames {
    private static final String DEFAULT = "amq.default";

    private ExchangeNames() {}

    static String shown(String name) {
        return name.isEmpty() ? "(default)" : name;
    }

    static String inPath(String name) {
        return name.isEmpty() ? DEFAULT : name;
    }
}
