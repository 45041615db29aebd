package io.tallymq.broker.routing;

import static io.tallymq.broker.routing.TopologyFixture.VHOST;
import static io.tallymq.broker.routing.TopologyFixture.arguments;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.RawProperties;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.view.BrokerView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Random declares, binds and deletes: routes against a model without tables or caches, and a restart after every few. */
class TopologyRestoreTest {
    private static final String[] KEYS = {"", "a", "b", "a.b", "*.b", "a.#", "#", "a\0b", "é"};
    private static final String[] TYPES = {"direct", "fanout", "topic", "headers"};

    /** The model: what is declared and bound, and nothing else. */
    private static final class Model {
        final TreeMap<String, ExchangeSpec> exchanges = new TreeMap<>(ExchangeRules.PREDECLARED);
        final List<BrokerView.BindingView> bindings = new ArrayList<>();

        void remove(BrokerView.BindingView b) {
            if (bindings.remove(b)) {
                autoDelete(b.binding().source());
            }
        }

        void removeDestination(String name, boolean queue) {
            List<BrokerView.BindingView> gone = bindings.stream()
                    .filter(b ->
                            b.toQueue() == queue && b.binding().destination().equals(name))
                    .toList();
            bindings.removeAll(gone);
            gone.forEach(b -> autoDelete(b.binding().source()));
        }

        void removeExchange(String name) {
            if (exchanges.remove(name) != null) {
                bindings.removeIf(b -> b.binding().source().equals(name));
                removeDestination(name, false);
            }
        }

        private void autoDelete(String name) {
            ExchangeSpec s = exchanges.get(name);
            if (s != null
                    && s.autoDelete()
                    && bindings.stream().noneMatch(b -> b.binding().source().equals(name))) {
                removeExchange(name);
            }
        }

        void route(
                String exchange, String key, Map<String, Object> headers, TreeSet<String> seen, TreeSet<String> out) {
            if (!seen.add(exchange)) {
                return;
            }
            for (BrokerView.BindingView b : bindings) {
                if (b.binding().source().equals(exchange) && matches(b.binding(), key, headers)) {
                    if (b.toQueue()) {
                        out.add(b.binding().destination());
                    } else {
                        route(b.binding().destination(), key, headers, seen, out);
                    }
                }
            }
        }

        private boolean matches(BindingKey b, String key, Map<String, Object> headers) {
            return switch (exchanges.get(b.source()).type()) {
                case "direct" -> b.routingKey().equals(key);
                case "fanout" -> true;
                case "topic" -> key.matches(regex(b.routingKey()));
                default -> headers.entrySet().containsAll(b.arguments().values().entrySet());
            };
        }

        /** For the few patterns of this test. */
        private static String regex(String pattern) {
            return switch (pattern) {
                case "#" -> "(?s).*";
                case "a.#" -> "(?s)a(\\..*)?";
                case "*.b" -> "(?s)[^.]+\\.b";
                default -> java.util.regex.Pattern.quote(pattern);
            };
        }
    }

    private TopologyFixture f = TopologyFixture.fresh();
    private final Model model = new Model();

    @Test
    void agreesWithTheModelAndSurvivesRestarts() {
        for (int seed = 0; seed < 60; seed++) {
            f = TopologyFixture.fresh();
            model.exchanges.clear();
            model.exchanges.putAll(ExchangeRules.PREDECLARED);
            model.bindings.clear();
            run(new Random(seed), "seed " + seed);
        }
    }

    private void run(Random random, String what) {
        for (int step = 0; step < 150; step++) {
            step(random);
            if (step % 10 == 0) {
                TopologyFixture restored = f.restored();
                assertEquals(f.digest(), restored.digest(), what);
                assertEquals(
                        f.topology.exchanges(null, Integer.MAX_VALUE).items(),
                        restored.topology.exchanges(null, Integer.MAX_VALUE).items(),
                        what);
                assertEquals(
                        f.topology.bindings(null, Integer.MAX_VALUE).items(),
                        restored.topology.bindings(null, Integer.MAX_VALUE).items(),
                        what);
                f = restored;
            }
            check(random, what + " step " + step);
        }
    }

    private static String exchange(Random random) {
        return random.nextInt(8) == 0 ? "amq.topic" : "x" + random.nextInt(5);
    }

    private void step(Random random) {
        String x = exchange(random);
        String q = "q" + random.nextInt(4);
        switch (random.nextInt(8)) {
            case 0, 1 -> {
                ExchangeSpec s = new ExchangeSpec(
                        TYPES[random.nextInt(4)], random.nextBoolean(), random.nextBoolean(), false, Arguments.NONE);
                if (f.topology.declareExchange(VHOST, x, s, false) == Reply.OK) {
                    model.exchanges.put(x, s);
                }
            }
            case 2 -> {
                if (f.topology.deleteExchange(VHOST, x, false) == Reply.OK) {
                    model.removeExchange(x);
                }
            }
            case 3 -> {
                if (!f.queues.containsKey(q)) {
                    f.queue(q);
                } else if (random.nextInt(3) == 0) {
                    f.deleteQueue(q);
                    model.removeDestination(q, true);
                }
            }
            default -> bind(random, x, q);
        }
    }

    private void bind(Random random, String x, String q) {
        boolean toQueue = random.nextBoolean();
        boolean add = random.nextInt(3) > 0;
        Arguments a = random.nextInt(3) == 0 ? arguments("h", (long) random.nextInt(2)) : Arguments.NONE;
        BindingKey key = new BindingKey(x, toQueue ? q : exchange(random), KEYS[random.nextInt(KEYS.length)], a);
        Reply reply = toQueue
                ? f.topology.bindQueue(VHOST, key, f.queues.get(q), add)
                : f.topology.bindExchange(VHOST, key, add);
        BrokerView.BindingView view = new BrokerView.BindingView(VHOST, key, toQueue);
        if (reply == Reply.OK && add && !model.bindings.contains(view)) {
            model.bindings.add(view);
        } else if (reply == Reply.OK && !add) {
            model.remove(view);
        }
    }

    private void check(Random random, String what) {
        assertEquals(
                model.exchanges.keySet(),
                new TreeSet<>(f.topology.exchanges(null, Integer.MAX_VALUE).items().stream()
                        .map(BrokerView.ExchangeView::name)
                        .filter(n -> !n.isEmpty())
                        .toList()),
                what);
        String x = exchange(random);
        if (model.exchanges.containsKey(x)) {
            String key = KEYS[random.nextInt(KEYS.length)];
            Map<String, Object> headers = random.nextBoolean() ? Map.of() : Map.of("h", (long) random.nextInt(2));
            TreeSet<String> expected = new TreeSet<>();
            model.route(x, key, headers, new TreeSet<>(), expected);
            List<String> routed = f.route(x, key, RawProperties.headers(headers));
            assertEquals(expected, new TreeSet<>(routed), what + " " + x + " " + key);
            assertEquals(expected.size(), routed.size(), what);
        }
    }

    @Test
    void everyPartOfTheStateIsInTheDigest() {
        TreeSet<Long> digests = new TreeSet<>();
        digests.add(f.digest());
        f.declare("x", new ExchangeSpec("direct", true, false, false, arguments("a", 1L)));
        digests.add(f.digest());
        f.topology.deleteExchange(VHOST, "x", false);
        f.declare("x", new ExchangeSpec("direct", false, false, false, arguments("a", 1L)));
        digests.add(f.digest());
        f.queue("q");
        f.bind("x", "q", "k");
        digests.add(f.digest());
        f.bind("x", "q", "k", arguments("a", 1L));
        digests.add(f.digest());
        assertEquals(5, digests.size());
        f.unbind("x", "q", "k");
        assertNotEquals(true, digests.contains(f.digest()));
    }

    @Test
    void predeclaredExchangesAreStoredOnce() {
        TopologyFixture again = f.restored();
        assertEquals(f.digest(), again.digest());
        assertEquals(
                6, again.topology.exchanges(null, Integer.MAX_VALUE).items().size());
    }
}
