package io.tallymq.broker.routing;

import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.RawProperties;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.RoutingTarget;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * What routing a message costs with 100,000 bindings of one exchange, type by type, each message with a routing key or header that was
 * not seen before, so that nothing is remembered. Not a test: compare two runs on the same quiet machine.
 */
final class BindingsBenchmark {
    private static final int BINDINGS = 100_000;
    private static final int QUEUES = 10_000;
    private static final int MESSAGES = 20_000;
    private static final int CHANGES = 100;

    private final TopologyFixture f = TopologyFixture.fresh();

    private BindingsBenchmark() {
        for (int i = 0; i < QUEUES; i++) {
            f.queue("q" + i);
        }
    }

    /** Runs all. */
    public static void main(String[] args) {
        System.out.println(
                "| exchange | bindings | a bind, µs | a message, µs | the slowest, µs | queues it reaches |");
        System.out.println("|---|---|---|---|---|---|");
        for (int round = 0; round < 2; round++) { // the first one warms up
            if (round == 1) {
                System.out.println("measured:");
            }
            run("direct", "k", i -> "k" + i, i -> Arguments.NONE, i -> "k" + i % BINDINGS);
            run("topic", "a.*.k", i -> "a.*.k" + i, i -> Arguments.NONE, i -> "a.b" + i + ".k" + i % BINDINGS);
            run("topic", "#.k.#", i -> "#.k" + i + ".#", i -> Arguments.NONE, i -> "a.k" + i % BINDINGS + ".c." + i);
            run(
                    "topic",
                    "#.a.#.k.#",
                    i -> "#.a" + i % 300 + ".#.k" + i / 300 + ".#",
                    i -> Arguments.NONE,
                    i -> "x.a" + i % 300 + ".y." + i + ".k" + i % 300 + ".z");
            run("headers", "all of two", i -> "", BindingsBenchmark::two, i -> "");
            run("headers", "any of two", i -> "", i -> with(two(i), "any"), i -> "");
            run("x-consistent-hash", "weight 1", i -> "1", i -> number(i), i -> "k" + i);
            run("x-modulus-hash", "", i -> "", i -> number(i), i -> "k" + i);
            changing();
        }
    }

    /** One more than are arranged while they come, and one that comes or goes every few messages. */
    private static void changing() {
        BindingsBenchmark b = new BindingsBenchmark();
        b.f.declare("x", "x-consistent-hash");
        for (int i = 0; i <= BINDINGS; i++) {
            b.bind(i, "1", true);
        }
        final long start = System.nanoTime();
        long slowest = 0;
        for (int i = 0; i < CHANGES; i++) {
            b.bind(0, "2", i % 2 == 0);
            for (int k = 0; k < 4; k++) {
                long at = System.nanoTime();
                b.f.topology
                        .routes()
                        .resolve(new Route("/", "x", "k" + i + "." + k))
                        .targets();
                slowest = Math.max(slowest, System.nanoTime() - at);
            }
        }
        System.out.printf(
                Locale.ROOT,
                "| x-consistent-hash, a change every four messages | %d | | %.1f | %d | 1 |%n",
                BINDINGS + 1,
                (System.nanoTime() - start) / 1e3 / (4 * CHANGES),
                slowest / 1000);
    }

    private void bind(int i, String weight, boolean binds) {
        String q = "q" + i % QUEUES;
        f.topology.bindQueue("/", new BindingKey("x", q, weight, number(i)), f.queues.get(q), binds);
    }

    /** One header that all share, and one that is each one's own. */
    private static Arguments two(int i) {
        return new Arguments(new TreeMap<>(Map.of("format", "pdf", "id", (long) i)));
    }

    private static Arguments with(Arguments a, String mode) {
        Map<String, Object> all = new TreeMap<>(a.values());
        all.remove("format");
        all.put("kind", all.get("id"));
        all.put("x-match", mode);
        return new Arguments(all);
    }

    private static Arguments number(int i) {
        return new Arguments(new TreeMap<>(Map.of("n", (long) i)));
    }

    private static void run(
            String type,
            String what,
            IntFunction<String> key,
            IntFunction<Arguments> arguments,
            IntFunction<String> of) {
        BindingsBenchmark b = new BindingsBenchmark();
        b.f.declare("x", type);
        long start = System.nanoTime();
        for (int i = 0; i < BINDINGS; i++) {
            String q = "q" + i % QUEUES;
            b.f.topology.bindQueue(
                    "/", new BindingKey("x", q, key.apply(i), arguments.apply(i)), b.f.queues.get(q), true);
        }
        long bound = System.nanoTime() - start;
        byte[][] records = new byte[MESSAGES][];
        String[] keys = new String[MESSAGES];
        for (int i = 0; i < MESSAGES; i++) {
            keys[i] = of.apply(i * 7);
            records[i] = record(i * 7L % BINDINGS);
        }
        long[] took = new long[MESSAGES];
        long reached = 0;
        RoutedMessage m = new RoutedMessage();
        for (int i = 0; i < MESSAGES; i++) {
            long at = System.nanoTime();
            Route route = new Route("/", "x", keys[i]);
            Resolved r = b.f.topology.routes().resolve(route);
            RoutingTarget[] to =
                    r.needsMessage() ? b.f.topology.routes().match(route, m.of(records[i], 0, i)) : r.targets();
            took[i] = System.nanoTime() - at;
            reached += to.length;
        }
        long all = Arrays.stream(took).sum();
        System.out.printf(
                Locale.ROOT,
                "| %s %s | %d | %.1f | %.1f | %d | %.2f |%n",
                type,
                what,
                BINDINGS,
                bound / 1e3 / BINDINGS,
                all / 1e3 / MESSAGES,
                Arrays.stream(took).max().orElse(0) / 1000,
                (double) reached / MESSAGES);
    }

    private static byte[] record(long id) {
        byte[] p = RawProperties.headers(new TreeMap<>(Map.of("format", "pdf", "id", id, "trace", "x" + id)));
        ByteWriter w = new ByteWriter(64);
        MessageRecord.writeHeader(w, 0, 0, p.length, 0);
        return w.raw(p, 0, p.length).toBytes();
    }
}
