package io.tallymq.broker.routing;

import static io.tallymq.broker.routing.TopologyFixture.VHOST;
import static io.tallymq.broker.routing.TopologyFixture.arguments;
import static io.tallymq.broker.routing.TopologyFixture.assertRejected;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.RawProperties;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ExchangeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exchanges that choose one binding for each message: x-consistent-hash, x-modulus-hash, x-random, x-local-random. */
class SpreadingTest {
    private static final int KEYS = 10_000;

    private final TopologyFixture f = TopologyFixture.fresh();

    private void ring(String... weights) {
        f.declare("x", "x-consistent-hash");
        for (int i = 0; i < weights.length; i++) {
            f.queue("q" + i);
            f.bind("x", "q" + i, weights[i]);
        }
    }

    private String[] where() {
        String[] where = new String[KEYS];
        for (int i = 0; i < KEYS; i++) {
            List<String> to = f.route("x", "key-" + i);
            assertEquals(1, to.size());
            where[i] = to.get(0);
        }
        return where;
    }

    private static Map<String, Integer> counts(String[] where) {
        Map<String, Integer> counts = new TreeMap<>();
        for (String w : where) {
            counts.merge(w, 1, Integer::sum);
        }
        return counts;
    }

    /** A ring that lived through changes and one that was made at once are the same. */
    @Test
    void whateverCameAndWentTheRingIsTheSame() {
        Random random = new Random(5);
        for (String type : List.of("x-consistent-hash", "x-modulus-hash")) {
            f.declare(type, type);
            for (int i = 0; i < 300; i++) {
                String queue = "q" + random.nextInt(40);
                if (f.queues.containsKey(queue)) {
                    f.deleteQueue(queue);
                }
                if (random.nextInt(3) > 0) {
                    f.queue(queue);
                    f.bind(type, queue, String.valueOf(random.nextInt(i % 50 == 0 ? 10_000 : 40)));
                }
                if (i % 3 == 0) {
                    TopologyFixture other = f.restored();
                    for (int key = 0; key < 30; key++) {
                        assertEquals(other.route(type, "k" + key), f.route(type, "k" + key), type + " after " + i);
                    }
                }
            }
        }
    }

    private static Binding binding(Exchange x, String queue, long number, String weight) {
        return Binding.toQueue(
                new BindingKey("x", queue, weight, Arguments.NONE),
                x,
                new TopologyFixture.TestQueue(number, VHOST, queue));
    }

    private static RouteSearch search() {
        return new RouteSearch((vhost, name) -> null, () -> 5);
    }

    private static String route(Exchange x, RouteSearch search, String key) {
        return ((TopologyFixture.TestQueue) search.byKey(x, key)[0]).name();
    }

    /** An exchange to which some queues are bound. */
    private static Exchange spreading(long number, String... weights) {
        Exchange x = new Exchange(number, VHOST, "x", TopologyFixture.spec("x-consistent-hash"));
        for (int i = 0; i < weights.length; i++) {
            x.addOutgoing(binding(x, "q" + i, i, weights[i]));
        }
        return x;
    }

    /** What is looked up before the ring is arranged goes where it goes then. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "1 1",
                "10000 10000",
                "1 10000 0 7",
                "3 3 3 3 3 3 3",
                "0 5",
                "10000 10000 10000 10000 10000 10000 10000"
            })
    void whatIsFoundWithoutARingIsWhatItTells(String weights) {
        for (int i = 0; i < 30; i++) {
            Exchange fresh = spreading(1, weights.split(" "));
            String found = route(fresh, search(), "key-" + i);
            Exchange arranged = spreading(1, weights.split(" "));
            RouteSearch search = search();
            for (int k = 0; k <= HashRing.LOOKS; k++) {
                route(arranged, search, "other-" + k);
            }
            assertTrue(search.rings().points() > 0);
            assertEquals(found, route(arranged, search, "key-" + i));
        }
    }

    @Test
    void oneBindingNeedsNoRing() {
        Exchange x = spreading(1, "10000");
        RouteSearch search = search();
        for (int i = 0; i < 100; i++) {
            assertEquals("q0", route(x, search, "key-" + i));
        }
        assertEquals(0, search.rings().points());
    }

    /** A client that changes the bindings before each publish does not have the ring arranged for each. */
    @Test
    void aRingThatChangesAgainAndAgainIsNotArrangedEachTime() {
        Exchange x = new Exchange(1, VHOST, "x", TopologyFixture.spec("x-consistent-hash"));
        HashRing ring = new HashRing(Arguments.NONE);
        ring.add(binding(x, "a", 1, "10000"));
        for (int i = 0; i < 100; i++) {
            ring.add(binding(x, "b", 2, "10000"));
            ring.match("k", search());
            ring.remove(binding(x, "b", 2, "10000"));
            ring.match("k", search());
        }
        assertEquals(0, ring.arrangements());
    }

    /** Of many bindings one is put into the ring by the first search: a look at all of them takes longer, and would be taken by the next ones, too. */
    @Test
    void aChangeOfARingOfManyCostsTheNextSearchesNothing() {
        Exchange x = new Exchange(1, VHOST, "x", TopologyFixture.spec("x-consistent-hash"));
        HashRing ring = new HashRing(Arguments.NONE);
        for (int i = 0; i < 2 * HashRing.MANY; i++) {
            ring.add(binding(x, "q" + i, i, "1"));
        }
        RouteSearch search = search();
        for (int i = 0; i < 4; i++) {
            ring.match("k" + i, search);
        }
        final int before = ring.arrangements();
        assertEquals(1_000 << 6, ring.size());
        for (int i = 0; i < 5; i++) {
            ring.add(binding(x, "r" + i, 5_000 + i, "1"));
            ring.match("k", search);
            assertEquals((1_001 + i) << 6, ring.size());
            ring.match("l", search);
        }
        assertEquals(before + 5, ring.arrangements());
    }

    /** However many exchanges there are: those used last have their points in memory, and all go where they went. */
    @Test
    void pointsOfAllRingsAreBounded() {
        RouteSearch search = search();
        List<Exchange> all = new ArrayList<>();
        List<String> went = new ArrayList<>();
        int enough = RingRoom.MOST_POINTS / 40_000 + 10;
        for (int i = 0; i < enough; i++) {
            all.add(spreading(i, "10000", "10000"));
            went.add(route(all.get(i), search, "key"));
            for (int k = 0; k <= HashRing.LOOKS; k++) {
                route(all.get(i), search, "other-" + k);
            }
            assertTrue(search.rings().points() <= RingRoom.MOST_POINTS);
        }
        assertTrue(search.rings().points() > RingRoom.MOST_POINTS / 2);
        for (int i = 0; i < enough; i++) {
            assertEquals(went.get(i), route(all.get(i), search, "key"));
        }
        int before = search.rings().rings();
        all.get(enough - 1).goes(search.rings());
        assertEquals(before - 1, search.rings().rings(), "of a deleted exchange nothing is kept");
    }

    /** A client that binds and unbinds the same queue again and again does not make the ring grow. */
    @Test
    void oneThatComesAndGoesManyTimesHasItsPointsOnce() {
        Exchange x = new Exchange(1, VHOST, "x", TopologyFixture.spec("x-consistent-hash"));
        HashRing ring = new HashRing(Arguments.NONE);
        for (int i = 0; i < 1_000; i++) {
            ring.add(binding(x, "q" + i, i, "1"));
        }
        assertEquals(1_000 << 6, ring.size());
        for (int i = 0; i < 100; i++) {
            ring.add(binding(x, "r", 1_000, "8"));
            ring.remove(binding(x, "r", 1_000, "8"));
        }
        ring.add(binding(x, "r", 1_000, "8"));
        for (int i = 0; i < 1_000; i++) {
            ring.remove(binding(x, "q" + i, i, "1"));
        }
        assertTrue(ring.size() <= 20 << 6, ring.size() + " points");
        for (int i = 0; i < 1_000; i++) {
            ring.add(binding(x, "q" + i, i, "1"));
        }
        assertTrue(ring.size() <= 1_008 << 6, ring.size() + " points");
    }

    /** What goes in one entry is left out of the ring in one walk, by who searches next; an exchange that is gone has none. */
    @Test
    void manyThatDieTogetherDoNotArrangeTheRing() {
        Exchange x = new Exchange(1, VHOST, "x", TopologyFixture.spec("x-consistent-hash"));
        HashRing ring = new HashRing(Arguments.NONE);
        List<Binding> all = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            all.add(binding(x, "q" + i, i, "1"));
            ring.add(all.get(i));
        }
        int before = ring.arrangements();
        all.subList(0, 4_000).forEach(b -> {
            b.dead = true;
            ring.lost(b);
        });
        assertEquals(before, ring.arrangements());
        all.subList(0, 4_000).forEach(ring::remove);
        assertEquals(before, ring.arrangements());
        for (int i = 0; i < 1_000; i++) {
            ring.add(binding(x, "new" + i, 5_000 + i, "1"));
        }
        assertTrue(ring.arrangements() <= before + 1, ring.arrangements() + " arrangements");
        assertTrue(ring.size() <= 1 << 16, ring.size() + " points");
    }

    /** A queue that is bound many times goes, in one entry; its bindings are taken out some time later. */
    @Test
    void whatIsDeadIsNotChosenBeforeItIsTakenOut() {
        for (String type : List.of("x-modulus-hash", "x-consistent-hash", "x-random")) {
            f.declare(type, type);
            f.queue("gone");
            f.queue("stays");
            f.bind(type, "stays", "1");
            for (int i = 0; i < 2_000; i++) {
                f.bind(type, "gone", "1", arguments("a", (long) i));
            }
            f.deleteQueue("gone");
            f.queue("gone");
            f.bind(type, "gone", "1");
            TopologyFixture other = f.restored();
            int gone = 0;
            for (int i = 0; i < 100; i++) {
                List<String> to = f.route(type, "key-" + i, new byte[2], List.of(), i);
                assertEquals(other.route(type, "key-" + i, new byte[2], List.of(), i), to);
                gone += to.contains("gone") ? 1 : 0;
            }
            assertEquals(50, gone, 30, type);
            assertTrue(f.topology.owes());
            f.topology.sweep(10_000);
            for (int i = 0; i < 100; i++) {
                assertEquals(
                        other.route(type, "key-" + i, new byte[2], List.of(), i),
                        f.route(type, "key-" + i, new byte[2], List.of(), i));
            }
            f.topology.deleteExchange(VHOST, type, false);
        }
    }

    @Test
    void weightsDecideHowMuchEachGets() {
        ring("10", "20", "70", "0");
        Map<String, Integer> counts = counts(where());
        assertEquals(1_000, counts.get("q0"), 300);
        assertEquals(2_000, counts.get("q1"), 400);
        assertEquals(7_000, counts.get("q2"), 500);
        assertEquals(null, counts.get("q3"));
    }

    @Test
    void oneThatComesTakesItsShareAndNothingElseMoves() {
        ring("1", "1", "1", "1");
        String[] before = where();
        f.queue("new");
        f.bind("x", "new", "1");
        String[] after = where();
        int moved = 0;
        for (int i = 0; i < KEYS; i++) {
            if (!after[i].equals(before[i])) {
                assertEquals("new", after[i]);
                moved++;
            }
        }
        assertEquals(KEYS / 5, moved, KEYS / 10);
        f.unbind("x", "new", "1");
        assertEquals(List.of(before), List.of(where()));
    }

    @Test
    void theOrderOfTheBindingsPlaysNoRole() {
        ring("3", "5", "2");
        String[] before = where();
        f.unbind("x", "q0", "3");
        f.bind("x", "q0", "3");
        assertEquals(List.of(before), List.of(where()));
        TopologyFixture again = f.restored();
        for (int i = 0; i < 100; i++) {
            assertEquals(List.of(before[i]), again.route("x", "key-" + i));
        }
    }

    /** What stands in the log was routed by these values: they never change. */
    @Test
    void theHashIsWhatItWas() {
        assertEquals(4036331285957074278L, RouteHash.of("key-1"));
        assertEquals(0L, RouteHash.mix(0));
        ring("1", "2", "3");
        assertEquals(
                "[q2, q0, q2, q2, q2, q2, q2, q0]",
                List.of(where()).subList(0, 8).toString());
    }

    @Test
    void hugeWeightsAreBounded() {
        ring("10000", "10000", "10000", "10000", "10000", "10000", "10000", "1");
        Map<String, Integer> counts = counts(where());
        assertEquals(KEYS / 7, counts.get("q3"), KEYS / 20);
    }

    @Test
    void aHeaderOrAPropertyMayBeHashed() {
        f.declare("h", new ExchangeSpec("x-consistent-hash", true, false, false, arguments("hash-header", "customer")));
        f.declare(
                "p",
                new ExchangeSpec("x-consistent-hash", true, false, false, arguments("hash-property", "message_id")));
        for (int i = 0; i < 4; i++) {
            f.queue("q" + i);
            f.bind("h", "q" + i, "1");
            f.bind("p", "q" + i, "1");
        }
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            byte[] c = RawProperties.headers(Map.of("customer", "c" + i));
            List<String> to = f.route("h", "k" + i, c);
            assertEquals(to, f.route("h", "other", c), "whatever the routing key");
            seen.addAll(to);
            assertEquals(1, f.route("p", "k", messageId("m" + i)).size());
            assertEquals(f.route("p", "k", messageId("m" + i)), f.route("p", "l", messageId("m" + i)));
        }
        assertEquals(4, seen.stream().distinct().count());
        assertEquals(f.route("h", "k", new byte[2]), f.route("h", "l", new byte[2]), "without the header all are one");
    }

    /** An array's own text is another one on every node. */
    @Test
    void whateverTheHeaderIsEqualValuesGoTheSameWay() {
        f.declare("h", new ExchangeSpec("x-consistent-hash", true, false, false, arguments("hash-header", "key")));
        for (int i = 0; i < 20; i++) {
            f.queue("q" + i);
            f.bind("h", "q" + i, "1");
        }
        for (int i = 0; i < 50; i++) {
            int n = i;
            for (Supplier<Object> value : List.<Supplier<Object>>of(
                    () -> new byte[] {(byte) n, -1},
                    () -> List.of(new byte[] {(byte) n}, "x"),
                    () -> Map.of("inner", new byte[] {(byte) n}),
                    () -> (long) n,
                    () -> n % 2 == 0)) {
                List<String> to = f.route("h", "k", RawProperties.headers(Map.of("key", value.get())));
                assertEquals(1, to.size());
                assertEquals(to, f.route("h", "l", RawProperties.headers(Map.of("key", value.get()))));
            }
        }
    }

    private static byte[] messageId(String id) {
        byte[] b = new byte[3 + id.length()];
        b[1] = (byte) 0x80;
        b[2] = (byte) id.length();
        for (int i = 0; i < id.length(); i++) {
            b[3 + i] = (byte) id.charAt(i);
        }
        return b;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1.5", "ten", "10001", "999999999999"})
    void aWeightIsANumber(String weight) {
        f.declare("x", "x-consistent-hash");
        f.queue("q");
        Reply r =
                f.topology.bindQueue(VHOST, new BindingKey("x", "q", weight, Arguments.NONE), f.queues.get("q"), true);
        assertRejected(
                406, "the binding key '" + weight + "' of an x-consistent-hash exchange is its weight: 0 to 10000", r);
    }

    @Test
    void whatIsHashedHasToMakeSense() {
        String at = " for exchange 'x' in vhost '/'";
        refused(
                "give one of 'hash-header' and 'hash-property', not both" + at,
                Map.of("hash-header", "a", "hash-property", "message_id"));
        refused("invalid arg 'hash-header': the name of a header expected" + at, Map.of("hash-header", 5L));
        refused(
                "invalid arg 'hash-property': message_id, correlation_id or timestamp expected" + at,
                Map.of("hash-property", "body"));
    }

    private void refused(String text, Map<String, Object> a) {
        ExchangeSpec spec = new ExchangeSpec("x-consistent-hash", true, false, false, arguments(new TreeMap<>(a)));
        assertRejected(406, text, f.topology.declareExchange(VHOST, "x", spec, false));
    }

    @Test
    void modulusGoesByTheRoutingKeyAlone() {
        f.declare("x", "x-modulus-hash");
        for (int i = 0; i < 5; i++) {
            f.queue("q" + i);
            f.bind("x", "q" + i, "whatever");
        }
        counts(where()).forEach((q, n) -> assertEquals(KEYS / 5, n, KEYS / 20));
        assertEquals(List.of(where()), List.of(where()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-random", "x-local-random"})
    void chanceIsTheSameOnEveryReplica(String type) {
        f.declare("x", type);
        for (int i = 0; i < 5; i++) {
            f.queue("q" + i);
            f.bind("x", "q" + i, "");
        }
        Map<String, Integer> counts = new TreeMap<>();
        for (long chance = 0; chance < KEYS; chance++) {
            List<String> to = f.route("x", "k", new byte[2], List.of(), chance);
            assertEquals(to, f.route("x", "k", new byte[2], List.of(), chance));
            counts.merge(to.get(0), 1, Integer::sum);
        }
        assertEquals(5, counts.size());
        counts.forEach((q, n) -> assertEquals(KEYS / 5, n, KEYS / 20));
    }

    /** One by one they would choose alike, and half of the queues would get nothing. */
    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void exchangesBehindEachOtherChooseForThemselves(int level) {
        TopologyFixture chained = TopologyFixture.fresh(level);
        chained.declare("x", "x-random");
        for (int a = 0; a < 2; a++) {
            chained.declare("x" + a, "x-random");
            chained.bindExchange("x", "x" + a, "");
            for (int b = 0; b < 2; b++) {
                chained.queue("q" + a + b);
                chained.bind("x" + a, "q" + a + b, "");
            }
        }
        Map<String, Integer> counts = new TreeMap<>();
        for (long chance = 0; chance < KEYS; chance++) {
            counts.merge(chained.route("x", "k", new byte[2], List.of(), chance).get(0), 1, Integer::sum);
        }
        assertEquals(level < 5 ? 2 : 4, counts.size(), "logs of before are decided as they were");
        counts.forEach((q, n) -> assertEquals(KEYS / counts.size(), n, KEYS / 20, q));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-random", "x-modulus-hash", "x-consistent-hash"})
    void whoseQueueIsDeletedIsPassedOver(String type) {
        f.declare("x", type);
        f.queue("q1");
        f.queue("q2");
        f.bind("x", "q1", "1");
        f.bind("x", "q2", "1");
        f.deleteQueue("q1");
        for (int i = 0; i < 20; i++) {
            assertEquals(List.of("q2"), f.route("x", "k" + i, new byte[2], List.of(), i));
        }
        f.deleteQueue("q2");
        assertEquals(List.of(), f.route("x", "k"));
    }

    /** Dead bindings are taken out bit by bit; who is restored meanwhile has none of them. */
    @ParameterizedTest
    @ValueSource(strings = {"x-random", "x-modulus-hash", "x-consistent-hash"})
    void aRestoredReplicaRoutesAlikeWhileDeadBindingsAreLeft(String type) {
        f.declare("x", type);
        for (int q = 1; q <= 3; q++) {
            f.queue("q" + q);
        }
        for (int i = 0; i < 2_000; i++) {
            f.bind("x", "q1", String.valueOf(i));
        }
        f.bind("x", "q2", "1");
        f.bind("x", "q3", "1");
        f.deleteQueue("q1");
        assertTrue(f.topology.owes());
        TopologyFixture restored = f.restored();
        for (int i = 0; i < 200; i++) {
            assertEquals(
                    f.route("x", "k" + i, new byte[2], List.of(), i),
                    restored.route("x", "k" + i, new byte[2], List.of(), i));
        }
    }

    @Test
    void moreKeysOfAMessageChooseNoMoreQueues() {
        ring("1", "1", "1");
        assertEquals(f.route("x", "k"), f.route("x", "k", new byte[2], List.of("l", "m", "n", "o"), 0));
        assertNotEquals(0, f.route("x", "k").size());
        assertTrue(f.exists("x"));
    }
}
