package io.tallymq.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.RawProperties;
import io.tallymq.broker.spec.BindingKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is found by looking up is what {@link HeadersMatch} says of each binding. */
class HeadersTableTest {
    private static final List<Object> VALUES = new ArrayList<>(List.of(
            1L,
            2L,
            1.0,
            1.5,
            Double.NaN,
            -0.0,
            0L,
            new Arguments.Timestamp(1),
            "1",
            "",
            "ü",
            true,
            false,
            List.of(1L),
            List.of(2L),
            Map.of("k", "v"),
            Map.of(),
            new byte[] {(byte) 0xc3, (byte) 0xbc},
            new byte[] {(byte) 0xff},
            "1".getBytes(StandardCharsets.UTF_8)));
    private static final List<String> MODES = List.of("all", "any", "all-with-x", "any-with-x");
    private static final List<String> NAMES = List.of("a", "b", "c", "x-d");

    static {
        VALUES.add(null);
    }

    private final Random random = new Random(7);

    private TreeMap<String, Object> some(int most, int values) {
        TreeMap<String, Object> headers = new TreeMap<>();
        for (int n = random.nextInt(most + 1); n > 0; n--) {
            headers.put(NAMES.get(random.nextInt(NAMES.size())), VALUES.get(random.nextInt(values)));
        }
        return headers;
    }

    @Test
    void randomBindingsAndHeaders() {
        for (int round = 0; round < 60; round++) {
            TopologyFixture f = TopologyFixture.fresh();
            f.declare("h", "headers");
            int values = 2 + random.nextInt(VALUES.size() - 1);
            TreeMap<String, Arguments> bound = new TreeMap<>();
            for (int i = 0; i < 60; i++) {
                String queue = "q" + random.nextInt(30);
                Arguments before = bound.remove(queue);
                if (before != null) {
                    f.topology.bindQueue("/", new BindingKey("h", queue, "", before), f.queues.get(queue), false);
                } else {
                    TreeMap<String, Object> a = some(3, values);
                    a.put("x-match", MODES.get(random.nextInt(4)));
                    f.queue(queue);
                    bound.put(queue, new Arguments(a));
                    f.topology.bindQueue(
                            "/", new BindingKey("h", queue, "", new Arguments(a)), f.queues.get(queue), true);
                }
                agree(f, bound, some(4, values));
                agree(f.restored(), bound, some(4, values));
            }
        }
    }

    /** As many pairs as a frame takes: nothing here recurs for each of them. */
    @Test
    void aBindingOfThousandsOfPairs() {
        TopologyFixture f = TopologyFixture.fresh();
        f.declare("h", "headers");
        TreeMap<String, Object> many = new TreeMap<>();
        for (int i = 0; i < 12_000; i++) {
            many.put("h" + i, 1L);
        }
        BindingKey key = new BindingKey("h", "q", "", new Arguments(many));
        f.queue("q");
        f.topology.bindQueue("/", key, f.queues.get("q"), true);
        assertEquals(List.of("q"), f.route("h", "", RawProperties.headers(many)));
        f.topology.bindQueue("/", key, f.queues.get("q"), false);
        assertEquals(List.of(), f.route("h", "", RawProperties.headers(many)));
    }

    private static void agree(TopologyFixture f, TreeMap<String, Arguments> bound, TreeMap<String, Object> headers) {
        List<String> expected = new ArrayList<>();
        // as a message's: what was written is what is compared
        byte[] properties = RawProperties.headers(headers);
        Map<String, Object> there = MessageHeaders.decode(properties, 0, properties.length);
        bound.forEach((queue, arguments) -> {
            if (HeadersMatch.of(arguments).matches(there)) {
                expected.add(queue);
            }
        });
        assertEquals(expected, f.route("h", "", properties).stream().sorted().toList(), headers + " of " + bound);
    }
}
