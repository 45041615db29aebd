package io.tallymq.broker.routing;

import static io.tallymq.broker.routing.TopologyFixture.VHOST;
import static io.tallymq.broker.routing.TopologyFixture.arguments;
import static io.tallymq.broker.routing.TopologyFixture.assertRejected;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.RawProperties;
import io.tallymq.broker.spec.ExchangeSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The argument alternate-exchange: what no binding of an exchange matches goes to another one. */
class AlternateExchangeTest {
    private final TopologyFixture f = TopologyFixture.fresh();

    private static ExchangeSpec with(String type, String argument, String alternate) {
        return new ExchangeSpec(type, true, false, false, arguments(argument, alternate));
    }

    private void declare(String name, String alternate) {
        f.declare(name, with("direct", "alternate-exchange", alternate));
    }

    @ParameterizedTest
    @ValueSource(strings = {"alternate-exchange", "x-alternate-exchange"})
    void getsWhatNoBindingMatches(String argument) {
        f.queue("bound");
        f.queue("rest");
        f.declare("x", with("direct", argument, "others"));
        f.declare("others", "fanout");
        f.bind("x", "bound", "k");
        f.bind("others", "rest", "");
        assertEquals(List.of("bound"), f.route("x", "k"));
        assertEquals(List.of("rest"), f.route("x", "no"));
        assertEquals(List.of("rest"), f.restored().route("x", "no"));
    }

    @Test
    void mayBeMissingInternalAndComeLater() {
        f.queue("rest");
        declare("x", "others");
        assertEquals(List.of(), f.route("x", "no"));
        f.declare("others", new ExchangeSpec("fanout", true, false, true, Arguments.NONE));
        f.bind("others", "rest", "");
        assertEquals(List.of("rest"), f.route("x", "no"));
        f.topology.deleteExchange(VHOST, "others", false);
        assertEquals(List.of(), f.route("x", "no"));
    }

    @Test
    void chainsAreFollowedAndCyclesEnd() {
        f.queue("end");
        declare("a", "b");
        declare("b", "c");
        declare("c", "a");
        assertEquals(List.of(), f.route("a", "k"));
        f.bind("c", "end", "k");
        assertEquals(List.of("end"), f.route("a", "k"));
        assertEquals(List.of("end"), f.route("b", "k"));
    }

    /** As in RabbitMQ: a binding that matches is a way, even if it ends at an exchange that leads nowhere. */
    @Test
    void aBindingToAnExchangeThatLeadsNowhereIsAWay() {
        f.queue("rest");
        declare("x", "others");
        f.declare("others", "fanout");
        f.declare("empty", "fanout");
        f.bind("others", "rest", "");
        f.bindExchange("x", "empty", "k");
        assertEquals(List.of(), f.route("x", "k"));
        assertEquals(List.of("rest"), f.route("x", "other"));
    }

    @Test
    void ofAHeadersExchangeTheMessageDecides() {
        f.queue("red");
        f.queue("rest");
        f.declare("h", with("headers", "alternate-exchange", "others"));
        f.declare("others", "fanout");
        f.bind("h", "red", "", arguments("colour", "red"));
        f.bind("others", "rest", "");
        assertEquals(List.of("red"), f.route("h", "", RawProperties.headers(Map.of("colour", "red"))));
        assertEquals(List.of("rest"), f.route("h", "", RawProperties.headers(Map.of("colour", "blue"))));
    }

    @Test
    void aDeletedQueuesBindingIsNoWayAnyMore() {
        f.queue("q");
        f.queue("rest");
        declare("x", "others");
        f.declare("others", "fanout");
        f.bind("x", "q", "k");
        f.bind("others", "rest", "");
        assertEquals(List.of("q"), f.route("x", "k"));
        f.deleteQueue("q");
        assertEquals(List.of("rest"), f.route("x", "k"));
    }

    @Test
    void isAName() {
        assertRejected(
                406,
                "invalid arg 'alternate-exchange' for exchange 'x' in vhost '/': longstr expected, long received",
                f.topology.declareExchange(
                        VHOST,
                        "x",
                        new ExchangeSpec("direct", true, false, false, arguments("alternate-exchange", 5L)),
                        false));
    }
}
