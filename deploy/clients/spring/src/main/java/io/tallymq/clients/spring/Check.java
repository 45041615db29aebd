package io.tallymq.clients.spring;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Runs all checks: {@code Check [--uri URI]... [--only NAME]... [--kill PID]}: the process PID, the first URI's node, is killed amid {@code receipts}. */
public final class Check {
    private static final Map<String, BiConsumer<SpringBroker, PassFail>> PARTS = new LinkedHashMap<>();

    static {
        PARTS.put("confirms", SpringConfirms::run);
        PARTS.put("receipts", Receipts::run);
        PARTS.put("containers", Containers::run);
        PARTS.put("retries", Retries::run);
        PARTS.put("batches", Batches::run);
        PARTS.put("requests", Requests::run);
        PARTS.put("transactions", Transactions::run);
        PARTS.put("admin", Admin::run);
        PARTS.put("health", BootHealth::run);
        PARTS.put("streams", CloudStreams::run);
    }

    private Check() {}

    public static void main(String[] args) {
        List<String> uris = new ArrayList<>();
        List<String> only = new ArrayList<>();
        List<String> kill = new ArrayList<>();
        for (int i = 0; i < args.length; i += 2) {
            List<String> values = Map.of("--uri", uris, "--only", only, "--kill", kill).get(args[i]);
            if (values == null || i + 1 == args.length) {
                System.err.println("check: '" + args[i] + "' is not an option with a value: --uri URI, --kill PID, --only " + PARTS.keySet());
                System.exit(2);
            }
            values.add(args[i + 1]);
        }
        if (!PARTS.keySet().containsAll(only)) {
            System.err.println("check: of " + only + " there is something that is no part: " + PARTS.keySet());
            System.exit(2);
        }
        if (uris.isEmpty()) {
            List.of(5672, 5673, 5674).forEach(port -> uris.add("amqp://guest:guest@127.0.0.1:" + port + "/%2F"));
        }
        boolean failed;
        try (SpringBroker broker = new SpringBroker(uris, kill.stream().mapToLong(Long::parseLong).findFirst())) {
            PassFail report = new PassFail(broker::stopContainers);
            PARTS.forEach((name, part) -> {
                if (only.isEmpty() || only.contains(name)) {
                    part.accept(broker, report);
                }
            });
            failed = report.failed();
        }
        System.exit(failed ? 1 : 0);
    }
}
