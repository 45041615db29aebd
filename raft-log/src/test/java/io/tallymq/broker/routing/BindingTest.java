package io.tallymq.broker.routing;

import static io.tallymq.broker.routing.TopologyFixture.VHOST;
import static io.tallymq.broker.routing.TopologyFixture.arguments;
import static io.tallymq.broker.routing.TopologyFixture.assertRejected;
import static io.tallymq.broker.routing.TopologyFixture.autoDelete;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.BindingKey;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BindingTest {
    private final TopologyFixture f = TopologyFixture.fresh();

    @BeforeEach
    void queues() {
        f.queue("q");
        f.queue("r");
    }

    private static BindingKey key(String source, String destination, String key) {
        return new BindingKey(source, destination, key, Arguments.NONE);
    }

    @Test
    void bindingNeedsBothEnds() {
        f.declare("x", "direct");
        assertRejected(
                404,
                "no exchange 'no' in vhost '/'",
                f.topology.bindQueue(VHOST, key("no", "q", "k"), f.queues.get("q"), true));
        assertRejected(404, "no queue 'no' in vhost '/'", f.topology.bindQueue(VHOST, key("x", "no", "k"), null, true));
        assertRejected(404, "no exchange 'no' in vhost '/'", f.topology.bindExchange(VHOST, key("no", "x", "k"), true));
        assertRejected(
                404, "no exchange 'no2' in vhost '/'", f.topology.bindExchange(VHOST, key("x", "no2", "k"), true));
    }

    @Test
    void unbindingWhatIsNotThereIsFine() {
        f.declare("x", autoDelete("direct"));
        assertEquals(Reply.OK, f.topology.bindQueue(VHOST, key("no", "q", "k"), f.queues.get("q"), false));
        assertEquals(Reply.OK, f.topology.bindQueue(VHOST, key("x", "no", "k"), null, false));
        assertEquals(Reply.OK, f.topology.bindExchange(VHOST, key("x", "no", "k"), false));
        f.unbind("x", "q", "k");
        assertTrue(f.exists("x"), "an auto-delete exchange that never had a binding stays");
    }

    @Test
    void aBindingExistsOncePerKeyAndArguments() {
        f.declare("x", "direct");
        f.bind("x", "q", "k");
        long once = f.digest();
        f.bind("x", "q", "k");
        assertEquals(once, f.digest());
        f.bind("x", "q", "k", arguments("a", 1L));
        f.bind("x", "q", "k", arguments("a", "1"));
        f.bind("x", "q", "k", arguments("a", new byte[] {1}));
        f.bind("x", "q", "k", arguments("a", new byte[] {1}));
        assertEquals(4, f.topology.bindings(null, Integer.MAX_VALUE).items().size());
        assertEquals(List.of("q"), f.route("x", "k"));
        f.unbind("x", "q", "k");
        assertEquals(List.of("q"), f.route("x", "k"));
        assertEquals(3, f.topology.bindings(null, Integer.MAX_VALUE).items().size());
    }

    @Test
    void aQueueAndAnExchangeOfOneNameAreDifferentDestinations() {
        f.declare("x", "fanout");
        f.declare("q", "fanout");
        f.bind("x", "q", "");
        f.bindExchange("x", "q", "");
        assertEquals(2, f.topology.bindings(null, Integer.MAX_VALUE).items().size());
        f.unbindExchange("x", "q", "");
        assertEquals(List.of("q"), f.route("x", ""));
    }

    @Test
    void autoDeleteExchangesGoWithTheLastBindingFromThem() {
        f.declare("x", autoDelete("direct"));
        f.bind("x", "q", "1");
        f.bind("x", "r", "2");
        f.unbind("x", "q", "1");
        assertTrue(f.exists("x"));
        f.unbind("x", "r", "2");
        assertFalse(f.exists("x"));
    }

    @Test
    void autoDeleteExchangesGoWithTheirLastQueue() {
        f.declare("x", autoDelete("direct"));
        f.declare("stays", "direct");
        f.bind("x", "q", "1");
        f.bind("x", "q", "2");
        f.bind("stays", "q", "1");
        f.deleteQueue("r");
        assertTrue(f.exists("x"));
        f.deleteQueue("q");
        assertFalse(f.exists("x"));
        assertTrue(f.exists("stays"));
        assertTrue(f.topology.bindings(null, Integer.MAX_VALUE).items().isEmpty());
    }

    @Test
    void autoDeletionGoesUpAChainOfExchanges() {
        f.declare("a", autoDelete("fanout"));
        f.declare("b", autoDelete("fanout"));
        f.declare("c", autoDelete("fanout"));
        f.bindExchange("a", "b", "");
        f.bindExchange("b", "c", "");
        f.bindExchange("c", "a", "");
        f.bindExchange("a", "a", "");
        f.bind("c", "q", "");
        f.deleteQueue("q");
        assertTrue(f.exists("c"), "it still has the binding to a");
        assertEquals(Reply.OK, f.topology.deleteExchange(VHOST, "c", false));
        assertFalse(f.exists("b"));
        assertTrue(f.exists("a"), "it still has the binding to itself");
        f.unbindExchange("a", "a", "");
        assertFalse(f.exists("a"));
    }

    @Test
    void beingADestinationDoesNotKeepAnAutoDeleteExchange() {
        f.declare("a", "fanout");
        f.declare("b", autoDelete("fanout"));
        f.bindExchange("a", "b", "");
        f.bind("b", "q", "");
        f.unbind("b", "q", "");
        assertFalse(f.exists("b"));
        assertTrue(f.topology.bindings(null, Integer.MAX_VALUE).items().isEmpty());
        assertEquals(List.of(), f.route("a", ""));
    }

    /** As many as a key has room for; below level 5, where a search has no bound, at most eight. */
    @Test
    void topicKeysHaveAnyNumberOfWildcards() {
        String many = "#" + ".a.#".repeat(63);
        f.declare("x", "topic");
        f.bind("x", "q", many);
        f.bind("x", "q", "#" + ".#".repeat(126));
        assertEquals(List.of("q"), f.route("x", "a" + ".a".repeat(62)));
        f.unbind("x", "q", many);
        TopologyFixture old = TopologyFixture.fresh(4);
        old.queue("q");
        old.declare("x", "topic");
        old.bind("x", "q", "#.a.#.a.#.a.#.a.#.a.#.a.#.a.#");
        old.bind("x", "q", "#.#.#.#.#.#.#.#.#.#.#");
        assertRejected(
                406,
                "binding key '#.a.#.a.#.a.#.a.#.a.#.a.#.a.#.a.#' has 9 times '#', at most 8 are allowed: use several"
                        + " bindings",
                old.topology.bindQueue(
                        VHOST, key("x", "q", "#.a.#.a.#.a.#.a.#.a.#.a.#.a.#.a.#"), old.queues.get("q"), true));
    }

    @Test
    void headersBindingsNeedAKnownMode() {
        for (String ok : List.of("all", "any", "all-with-x", "any-with-x")) {
            f.bind("amq.headers", "q", "", arguments("x-match", ok));
        }
        assertRejected(
                406,
                "Invalid x-match field value 'some'; expected all, any, all-with-x, or any-with-x",
                f.topology.bindQueue(
                        VHOST,
                        new BindingKey("amq.headers", "q", "", arguments("x-match", "some")),
                        f.queues.get("q"),
                        true));
        assertRejected(
                406,
                "Invalid x-match field type long; expected longstr",
                f.topology.bindQueue(
                        VHOST,
                        new BindingKey("amq.match", "q", "", arguments("x-match", 1L)),
                        f.queues.get("q"),
                        true));
        f.bind("amq.direct", "q", "", arguments("x-match", "some"));
    }

    @Test
    void viewsAreInNameOrder() {
        f.declare("z", "direct");
        f.declare("b", "direct");
        f.bind("z", "r", "2");
        f.bind("z", "r", "1");
        f.bind("z", "q", "9");
        f.bind("b", "q", "9");
        f.bindExchange("z", "b", "9");
        List<String> all = f.topology.bindings(null, Integer.MAX_VALUE).items().stream()
                .map(v -> v.binding().source() + ">" + v.binding().destination() + ":"
                        + v.binding().routingKey() + ":" + v.toQueue())
                .toList();
        assertEquals(List.of("b>q:9:true", "z>b:9:false", "z>q:9:true", "z>r:1:true", "z>r:2:true"), all);
    }
}
