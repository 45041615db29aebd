package io.tallymq.broker.routing;

import static io.tallymq.broker.routing.TopologyFixture.VHOST;
import static io.tallymq.broker.routing.TopologyFixture.arguments;
import static io.tallymq.broker.routing.TopologyFixture.assertRejected;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.RawProperties;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.RoutingTarget;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RoutingTest {
    private final TopologyFixture f = TopologyFixture.fresh();

    @BeforeEach
    void queues() {
        // numbers and names in opposite order, so that the order of a result says which of them counts
        f.queue("q3");
        f.queue("q2");
        f.queue("q1");
    }

    @Test
    void theDefaultExchangeReachesQueuesByNameAsTheyComeAndGo() {
        assertEquals(List.of("q1"), f.route("", "q1"));
        assertEquals(List.of(), f.route("", "new"));
        f.queue("new");
        assertEquals(List.of("new"), f.route("", "new"));
        f.deleteQueue("new");
        assertEquals(List.of(), f.route("", "new"));
        TopologyFixture.TestQueue again = f.queue("new");
        assertSame(again, f.resolve("", "new").targets()[0]);
    }

    @Test
    void publishingNeedsAnExchangeThatIsNotInternal() {
        assertRejected(404, "no exchange 'x' in vhost '/'", f.resolve("x", "k").refusal());
        f.declare("x", new ExchangeSpec("fanout", true, false, true, Arguments.NONE));
        assertRejected(
                403,
                "cannot publish to internal exchange 'x' in vhost '/'",
                f.resolve("x", "k").refusal());
        f.bind("x", "q1", "");
        f.declare("front", "fanout");
        f.bindExchange("front", "x", "");
        assertEquals(List.of("q1"), f.route("front", "k"));
        f.topology.deleteExchange(VHOST, "x", false);
        assertRejected(404, "no exchange 'x' in vhost '/'", f.resolve("x", "k").refusal());
    }

    @Test
    void resultsAreInTheOrderOfQueueNumbersAndEachQueueIsThereOnce() {
        f.declare("x", "topic");
        for (String key : List.of("#", "a.*", "*.b", "a.b", "a.#.b")) {
            f.bind("x", "q1", key);
            f.bind("x", "q2", key);
        }
        f.bind("x", "q3", "a.b");
        assertEquals(List.of("q3", "q2", "q1"), f.route("x", "a.b"));
        assertEquals(List.of("q2", "q1"), f.route("x", "c"));
    }

    @Test
    void answersAreKeptUntilTheTopologyChanges() {
        f.declare("x", "direct");
        f.bind("x", "q1", "k");
        Resolved first = f.resolve("x", "k");
        assertSame(first, f.resolve("x", "k"));
        f.bind("x", "q2", "k");
        assertEquals(List.of("q2", "q1"), f.route("x", "k"));
        f.unbind("x", "q1", "k");
        assertEquals(List.of("q2"), f.route("x", "k"));
        f.deleteQueue("q2");
        assertEquals(List.of(), f.route("x", "k"));
    }

    @Test
    void exchangeBindingsAreFollowedThroughCycles() {
        f.declare("a", "fanout");
        f.declare("b", "topic");
        f.declare("c", "direct");
        f.bindExchange("a", "b", "");
        f.bindExchange("b", "c", "k.#");
        f.bindExchange("c", "a", "k.1");
        f.bindExchange("a", "a", "");
        f.bind("a", "q1", "");
        f.bind("b", "q2", "k.*");
        f.bind("c", "q3", "k.1");
        f.bind("c", "q1", "k.1");
        for (String from : List.of("a", "b", "c")) {
            assertEquals(List.of("q3", "q2", "q1"), f.route(from, "k.1"), from);
        }
        assertEquals(List.of("q2", "q1"), f.route("a", "k.2"));
        assertEquals(List.of("q2"), f.route("b", "k.2"));
        assertEquals(List.of(), f.route("c", "k.2"));
    }

    @Test
    void headersDecideAlsoBehindOtherExchanges() {
        f.declare("a", "direct");
        f.declare("h", "headers");
        f.declare("b", "fanout");
        f.bindExchange("a", "h", "k");
        f.topology.bindExchange(VHOST, new BindingKey("h", "b", "", arguments("colour", "red")), true);
        f.bind("a", "q1", "k");
        f.bind("b", "q2", "");
        f.bind("b", "q1", "");
        f.bind("h", "q3", "", arguments(Map.of("colour", "blue", "size", 3L)));
        assertFalse(f.resolve("a", "other").needsMessage());
        assertTrue(f.resolve("a", "k").needsMessage());
        assertEquals(List.of("q1"), f.route("a", "k"));
        assertEquals(List.of("q2", "q1"), f.route("a", "k", RawProperties.headers(Map.of("colour", "red"))));
        assertEquals(
                List.of("q3", "q1"), f.route("a", "k", RawProperties.headers(Map.of("colour", "blue", "size", 3))));
        assertEquals(List.of("q1"), f.route("a", "k", new byte[] {(byte) 0x20, 0, 1}), "malformed is no headers");
    }

    @Test
    void aHeadersExchangeWithoutBindingsNeedsNoMessage() {
        assertFalse(f.resolve("amq.headers", "").needsMessage());
        assertEquals(0, f.resolve("amq.headers", "").targets().length);
    }

    @Test
    void theCacheIsBoundedInRoutesAndInTargets() {
        ResolvedRoutes cache = new ResolvedRoutes();
        Resolved two = new Resolved(null, new RoutingTarget[2], false, 0, 0);
        for (int i = 0; i <= ResolvedRoutes.MAX_ROUTES; i++) {
            cache.put(new Route(VHOST, "x", "k" + i), two);
        }
        assertEquals(ResolvedRoutes.MAX_ROUTES, cache.size());
        assertEquals(null, cache.get(new Route(VHOST, "x", "k0")));
        assertSame(two, cache.get(new Route(VHOST, "x", "k1")));
        cache.put(
                new Route(VHOST, "x", "all"),
                new Resolved(null, new RoutingTarget[ResolvedRoutes.MAX_TARGETS], false, 0, 0));
        assertEquals(1, cache.size());
        cache.put(
                new Route(VHOST, "x", "more"),
                new Resolved(null, new RoutingTarget[ResolvedRoutes.MAX_TARGETS + 1], false, 0, 0));
        assertEquals(null, cache.get(new Route(VHOST, "x", "more")));
        cache.put(new Route(VHOST, "x", "k"), two);
        assertEquals(1, cache.size());
        cache.clear();
        assertEquals(0, cache.size());
    }
}
