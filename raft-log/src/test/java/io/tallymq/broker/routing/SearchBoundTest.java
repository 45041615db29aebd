package io.tallymq.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.message.Route;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a search for queues costs at most, and that it is told. */
class SearchBoundTest {
    private final TopologyFixture f = TopologyFixture.fresh();

    private static String word(int n, int bit) {
        return (n >> bit & 1) == 0 ? "a" : "*";
    }

    /** Keys with '#' before words that may all be '*': each word of a message's key fits all of them. */
    private void bindMany(int bits, String queue) {
        for (int n = 0; n < 1 << bits; n++) {
            StringBuilder key = new StringBuilder("#");
            for (int bit = 0; bit < bits; bit++) {
                key.append('.').append(word(n, bit));
            }
            f.bind("t", queue, key.append(".z").toString());
        }
    }

    @Test
    void aSearchThatWouldVisitTooManyNodesIsGivenUp() {
        f.queue("q");
        f.queue("other");
        f.declare("t", "topic");
        f.bind("t", "other", "a.#");
        bindMany(12, "q");
        Resolved few = f.topology.routes().resolve(new Route("/", "t", "b.z"));
        assertNull(few.refusal());
        Route many = new Route("/", "t", "a.".repeat(40) + "z");
        Resolved r = f.topology.routes().resolve(many);
        assertEquals(506, r.refusal().code());
        assertTrue(r.refusal().text().contains("fewer"), r.refusal().text());
        assertTrue(r.work() >= 12_000 && r.work() < 13_000, "units: " + r.work());
        assertEquals(r.work(), f.restored().topology.routes().resolve(many).work());
        f.deleteQueue("q");
        TopologyFixture restored = f.restored();
        Resolved after = f.topology.routes().resolve(many);
        assertNull(after.refusal(), "what is dead counts for nothing, though it is not taken out");
        assertEquals(1, after.targets().length);
        assertEquals(after.work(), restored.topology.routes().resolve(many).work());
        assertTrue(f.topology.owes());
    }

    /** The longest key with as many '#' as fit: a search is at all its nodes at once, and takes words times nodes. Many of them end it. */
    @Test
    void aKeyFullOfAnyWordsCostsItsWordsTimesThoseOfTheMessage() {
        f.queue("q");
        f.declare("t", "topic");
        String full = "#" + ".a.#".repeat(63);
        f.bind("t", "q", full);
        Route longest = new Route("/", "t", "a" + ".a".repeat(126));
        Resolved one = f.topology.routes().resolve(longest);
        assertNull(one.refusal());
        assertEquals(1, one.targets().length);
        assertTrue(one.work() > 0 && one.work() <= 128 * 128 / 8, "units: " + one.work());
        for (int i = 0; i < 40; i++) {
            f.bind("t", "q", "#." + "*.#.".repeat(i + 1) + "a." + "#.a.".repeat(50 - i) + "z");
        }
        Resolved many = f.topology.routes().resolve(longest);
        assertEquals(506, many.refusal().code());
        assertTrue(many.work() <= 13_000, "units: " + many.work());
    }

    @Test
    void aFirstLookCountsAndAQueueIsFoundOnce() {
        f.queue("q");
        f.queue("r");
        f.declare("x", "fanout");
        for (int i = 0; i < 3_200; i++) {
            f.bind("x", i % 2 == 0 ? "q" : "r", "k" + i);
        }
        Resolved r = f.topology.routes().resolve(new Route("/", "x", ""));
        assertEquals(2, r.targets().length);
        assertEquals(200, r.work());
        assertSame(r, f.topology.routes().resolve(new Route("/", "x", "")));
    }

    /** 2^n texts with one hash. */
    private static List<String> alike(int n) {
        List<String> all = List.of("");
        for (int i = 0; i < n; i++) {
            List<String> longer = new ArrayList<>();
            all.forEach(s -> {
                longer.add(s + "Aa");
                longer.add(s + "BB");
            });
            all = longer;
        }
        return all;
    }

    @Test
    void whatHasTheSameHashHasAnOrder() {
        List<String> alike = alike(4);
        assertEquals(1, alike.stream().map(String::hashCode).distinct().count());
        Map<HeaderPair, String> pairs = new HashMap<>();
        for (String s : alike) {
            for (Object value : new Object[] {s, 1L, 0.5, true, new byte[] {-1}, List.of(), Map.of(), null}) {
                pairs.put(HeaderPair.of(s, value), s);
            }
            pairs.put(HeaderPair.present(s), s);
        }
        for (HeaderPair p : pairs.keySet()) {
            for (HeaderPair o : pairs.keySet()) {
                assertEquals(p.equals(o), p.compareTo(o) == 0, p + " and " + o);
                assertEquals(Integer.signum(p.compareTo(o)), -Integer.signum(o.compareTo(p)), p + " and " + o);
            }
        }
        Route one = new Route("/", "AaAa", "BB");
        assertEquals(one.hashCode(), new Route("/", "BBBB", "Aa").hashCode());
        assertNotEquals(0, one.compareTo(new Route("/", "BBBB", "Aa")));
        assertEquals(0, one.compareTo(new Route("/", "AaAa", "BB")));
    }
}
