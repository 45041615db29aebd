package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.BindExchange;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.view.Foreseen;
import io.tallymq.store.MemoryStore;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Publishes whose search for queues is long, or chooses: what they cost and what is told. */
class LongSearchTest {
    private static final Route LONG = new Route("/", "amq.topic", "a.".repeat(40) + "z");

    private final OneNode node = new OneNode(new MemoryStore(0), MachineLimits.FORMAT_1);

    private Foreseen foresee(Route route) {
        Publish p = OneNode.messages(1, 8, route);
        return node.machine.foresee(route, Arrays.copyOf(p.bytes(), p.end()));
    }

    private void bindMany() {
        node.declare("q");
        for (int n = 0; n < 1 << 12; n++) {
            StringBuilder key = new StringBuilder("#");
            for (int bit = 0; bit < 12; bit++) {
                key.append((n >> bit & 1) == 0 ? ".a" : ".*");
            }
            node.bind("amq.topic", "q", key.append(".z").toString());
        }
    }

    @Test
    void aPublishIsNackedAndADryRunSaysSo() {
        node.raise(4);
        bindMany();
        node.apply(OneNode.messages(1, 8, LONG));
        assertEquals(1, node.queue("q").ready(), "logs of before are decided as they were");
        node.raise(5);
        assertTrue(node.slices(OneNode.messages(1, 8, LONG)).get(0) >= 12_000);
        assertTrue(node.refused.get(0).contains("100000 steps"), node.refused.toString());
        assertEquals(1, node.queue("q").ready());
        assertTrue(foresee(LONG).refusal().contains("100000 steps"));
        node.apply(OneNode.messages(1, 8, new Route("/", "amq.topic", "a.".repeat(12) + "z")));
        assertEquals(2, node.queue("q").ready(), "the channel goes on");
    }

    private void pass(long millis) {
        node.passed += millis;
        do {
            node.apply(new Probe(false));
        } while (node.machine.owes());
        node.restart();
    }

    private int scheduled() {
        return node.machine.scheduled(null, 10).items().size();
    }

    /** It is confirmed, so it is not dropped for what would be a nack if it came now: it waits for a shorter search. */
    @Test
    void whatIsScheduledWaitsForAShorterSearch() {
        node.raise(5);
        byte[] later = new Extension(List.of(), 0, -1, false, new Extension.Later(1_000, 0, "")).encode();
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, 0, 0, later.length, 2, 8);
        w.raw(later, 0, later.length).uint16(0).int64(0);
        node.apply(new Publish(List.of(LONG), w.array(), 0, w.size(), 0, Origins.NONE));
        bindMany();
        pass(60_000);
        assertEquals(1, scheduled());
        assertEquals(0, node.machine.totals().droppedUnroutable());
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        node.declare("d");
        node.bind("amq.topic", "d", "#");
        pass(1_000);
        assertEquals(0, node.queue("d").ready(), "each try is dear, so there is a pause between two");
        pass(60_000);
        assertEquals(1, node.queue("d").ready());
        assertEquals(0, scheduled());
    }

    @Test
    void aFirstLookAtARouteIsCharged() {
        node.raise(5);
        node.declare("q");
        for (int i = 0; i < 1_600; i++) {
            node.bind("amq.fanout", "q", "k" + i);
        }
        Route route = new Route("/", "amq.fanout", "");
        for (int i = 0; i < 2; i++) {
            long units = node.slices(OneNode.messages(1, 8, route)).get(0);
            assertTrue(units >= 100, "known or not: " + units);
        }
    }

    /** A binding to an exchange that asks for one header. */
    private void bindByHeader(String destination, String header) {
        Arguments has = new Arguments(new TreeMap<>(Map.of(header, "v")));
        node.apply(new BindExchange("/", new BindingKey("amq.headers", destination, "", has), true));
    }

    /** A message with three headers. */
    private static Publish withHeaders(Route route) {
        byte[] headers = SomeHeaders.of("a", "v", "b", "v", "c", "v").over(new byte[2], 0, 2);
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, 0, 0, headers.length, 8);
        w.raw(headers, 0, headers.length).int64(0);
        return new Publish(List.of(route), w.array(), 0, w.size(), 0, Origins.NONE);
    }

    /** The order in which a replica looks at what a headers exchange is bound to is another one when it was restored. */
    @Test
    void whatIsGivenUpIsAsMuchOnAReplicaThatWasRestored() {
        node.raise(5);
        bindMany();
        for (int i = 0; i < 1_600; i++) {
            node.bind("amq.fanout", "q", "k" + i);
        }
        bindByHeader("amq.topic", "b");
        bindByHeader("amq.fanout", "a");
        Publish p = withHeaders(new Route("/", "amq.headers", LONG.routingKey()));
        long before = node.slices(p).get(0);
        assertTrue(node.refused.get(0).contains("100000 steps"), node.refused.toString());
        node.restart();
        assertEquals(before, node.slices(p).get(0));
    }

    /** Where no other reason stands before it: nobody asks for a number of queues. */
    @Test
    void aDryRunKnowsASearchForAFurtherKey() {
        node.raise(5);
        bindMany();
        byte[] keys = new Extension(List.of(LONG.routingKey()), 0, -1).encode();
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, 0, 0, keys.length, 2, 8);
        w.raw(keys, 0, keys.length).uint16(0).int64(0);
        Route x = new Route("/", "amq.topic", "x");
        node.apply(new Publish(List.of(x), w.array(), 0, w.size(), 0, Origins.NONE));
        assertTrue(node.refused.get(0).contains("100000 steps"), node.refused.toString());
        assertEquals(
                node.refused.get(0),
                node.machine.foresee(x, Arrays.copyOf(w.array(), w.size())).refusal());
    }

    /** Each pair of sixty headers is a node that the message meets, and none of the bindings matches. */
    @Test
    void whatHeadersMeetInPartIsCharged() {
        node.raise(5);
        node.declare("q");
        String[] values = new String[120];
        for (int i = 0; i < 60; i++) {
            values[2 * i] = "h" + (char) ('A' + i);
            values[2 * i + 1] = "v";
            for (int j = 0; j < i; j++) {
                Map<String, Object> pairs = Map.of("h" + (char) ('A' + i), "v", "h" + (char) ('A' + j), "v", "zz", "v");
                node.apply(new BindQueue(
                        node.connection,
                        "/",
                        new BindingKey("amq.headers", "q", "", new Arguments(new TreeMap<>(pairs))),
                        true));
            }
        }
        byte[] headers = SomeHeaders.of(values).over(new byte[2], 0, 2);
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, 0, 0, headers.length, 8);
        w.raw(headers, 0, headers.length).int64(0);
        Route to = new Route("/", "amq.headers", "");
        long units = node.slices(new Publish(List.of(to), w.array(), 0, w.size(), 0, Origins.NONE))
                .get(0);
        assertTrue(units >= 60 * 59 / 2 / 8, units + " units");
    }

    /** Twenty rings of 40,000 points: more than are kept where others are asked, too. */
    @Test
    void manyRingsAreCharged() {
        node.raise(5);
        for (int i = 0; i < 20; i++) {
            node.declare("q" + i);
            declare("ring" + i, "x-consistent-hash");
            node.bind("ring" + i, "q" + i, "10000");
            node.bind("ring" + i, "q0", "10000");
            node.apply(new BindExchange("/", new BindingKey("amq.fanout", "ring" + i, "", Arguments.NONE), true));
        }
        long units = node.slices(OneNode.messages(1, 8, new Route("/", "amq.fanout", "")))
                .get(0);
        assertTrue(units >= 20 * 40_000 / 64 / 8 / 2, units + " units");
        long one =
                node.slices(OneNode.messages(1, 8, new Route("/", "ring1", ""))).get(0);
        assertTrue(one < 20, one + " units for one ring");
    }

    @Test
    void wordsOfKeysTakeRoom() {
        node.raise(5);
        node.declare("q");
        node.bind("amq.topic", "q", "a.b.c.d.e.f");
        assertEquals(0, node.machine.used(StateLimit.ARGUMENTS));
        node.bind("amq.topic", "q", "a" + ".b".repeat(126));
        assertEquals(121, node.machine.used(StateLimit.ARGUMENTS));
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        assertEquals(0, node.machine.used(StateLimit.ARGUMENTS));
    }

    private void declare(String name, String type) {
        node.apply(new DeclareExchange("/", name, new ExchangeSpec(type, true, false, false, Arguments.NONE), false));
    }

    @Test
    void aDryRunSaysThatItIsByChanceWhereverThatIs() {
        node.raise(5);
        node.declare("q");
        node.declare("r");
        declare("chance", "x-local-random");
        declare("before", "fanout");
        node.bind("chance", "q");
        node.bind("chance", "r");
        node.bind("amq.direct", "q");
        assertTrue(foresee(new Route("/", "chance", "")).byChance());
        assertFalse(foresee(new Route("/", "before", "")).byChance());
        node.apply(new BindExchange("/", new BindingKey("before", "chance", "", Arguments.NONE), true));
        assertTrue(foresee(new Route("/", "before", "")).byChance());
        assertFalse(foresee(new Route("/", "amq.direct", "")).byChance());
    }
}
