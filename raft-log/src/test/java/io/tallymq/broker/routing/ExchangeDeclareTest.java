package io.tallymq.broker.routing;

import static io.tallymq.broker.routing.TopologyFixture.VHOST;
import static io.tallymq.broker.routing.TopologyFixture.arguments;
import static io.tallymq.broker.routing.TopologyFixture.assertRejected;
import static io.tallymq.broker.routing.TopologyFixture.spec;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ExchangeSpec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExchangeDeclareTest {
    private final TopologyFixture f = TopologyFixture.fresh();

    private Reply declare(String name, ExchangeSpec spec) {
        return f.topology.declareExchange(VHOST, name, spec, false);
    }

    private static ExchangeSpec with(String name, Object value) {
        return new ExchangeSpec("direct", true, false, false, arguments(name, value));
    }

    @Test
    void aNewVhostHasTheExchangesOfTheSpecification() {
        List<String> all = f.topology.exchanges(null, Integer.MAX_VALUE).items().stream()
                .map(v -> v.name() + ":" + v.spec().type() + ":" + v.spec().durable())
                .toList();
        assertEquals(
                List.of(
                        ":direct:true",
                        "amq.direct:direct:true",
                        "amq.fanout:fanout:true",
                        "amq.headers:headers:true",
                        "amq.match:headers:true",
                        "amq.topic:topic:true"),
                all);
        assertEquals(Reply.OK, declare("amq.topic", spec("topic")));
    }

    @Test
    void declaringTheSameAgainIsFine() {
        f.declare("x", spec("topic"));
        long before = f.digest();
        f.declare("x", spec("topic"));
        assertEquals(before, f.digest());
    }

    @ParameterizedTest
    @CsvSource({
        "fanout,true,false,false,type,fanout,direct",
        "direct,false,false,false,durable,false,true",
        "direct,true,true,false,auto_delete,true,false",
        "direct,true,false,true,internal,true,false",
        "topic,false,true,true,type,topic,direct"
    })
    void aRedeclareHasToSayTheSame(
            String type,
            boolean durable,
            boolean autoDelete,
            boolean internal,
            String field,
            String received,
            String current) {
        f.declare("x", "direct");
        assertRejected(
                406,
                "inequivalent arg '" + field + "' for exchange 'x' in vhost '/': received '" + received
                        + "' but current is '" + current + "'",
                declare("x", new ExchangeSpec(type, durable, autoDelete, internal, Arguments.NONE)));
    }

    @Test
    void ofTheArgumentsOnlyTheAlternateExchangeIsCompared() {
        f.declare("x", with("x-anything", 1L));
        assertEquals(Reply.OK, declare("x", with("x-anything", 2L)));
        assertRejected(
                406,
                "inequivalent arg 'alternate-exchange' for exchange 'x' in vhost '/': received the value 'ae' of type"
                        + " 'longstr' but current is none",
                declare("x", with("alternate-exchange", "ae")));
    }

    private static ExchangeSpec with(String type, Map<String, Object> values) {
        return new ExchangeSpec(type, true, false, false, new Arguments(values));
    }

    private static Stream<Object[]> keptArguments() {
        return Stream.of(
                new Object[] {"x-delayed-message", "x-delayed-type", "direct", "topic"},
                new Object[] {"x-message-deduplication", "x-cache-size", 10L, 20L},
                new Object[] {"fanout", "x-cache-ttl", 1000L, 2000L},
                new Object[] {"x-recent-history", "x-recent-history-length", 3L, 5L});
    }

    private static Map<String, Object> all(String type, String name, Object value) {
        Map<String, Object> all = new TreeMap<>(Map.of(name, value));
        if (type.equals("x-message-deduplication")) {
            all.put("x-cache-persistence", "memory");
        }
        return all;
    }

    /** As RabbitMQ's plugins: the old one holds. */
    @ParameterizedTest
    @MethodSource("keptArguments")
    void ofArgumentsOfPluginsTheFirstHolds(String type, String name, Object first, Object later) {
        TopologyFixture newest = TopologyFixture.fresh(5);
        newest.topology.declareExchange(VHOST, "x", with(type, all(type, name, first)), false);
        long before = newest.digest();
        for (Map<String, Object> other : List.of(all(type, name, later), Map.<String, Object>of())) {
            assertEquals(Reply.OK, newest.topology.declareExchange(VHOST, "x", with(type, other), false));
        }
        assertEquals(
                first, newest.topology.exchange(VHOST, "x").spec().arguments().get(name));
        assertEquals(before, newest.digest());
    }

    @ParameterizedTest
    @MethodSource("keptArguments")
    void belowLevelFiveTheyAreCompared(String type, String name, Object first, Object later) {
        TopologyFixture older = TopologyFixture.fresh(4);
        older.topology.declareExchange(VHOST, "x", with(type, all(type, name, first)), false);
        Reply other = older.topology.declareExchange(VHOST, "x", with(type, all(type, name, later)), false);
        String text = ((Reply.Rejected) other).text();
        assertTrue(text.startsWith("inequivalent arg '" + name + "' for exchange 'x' in vhost '/': received"), text);
    }

    @Test
    void typesThatNobodyKnowsAre406AndTypesOfOthers540() {
        assertRejected(406, "unknown exchange type 'no-such'", declare("", spec("no-such")));
        assertRejected(406, "unknown exchange type ''", declare("x", spec("")));
        assertRejected(
                540,
                "exchange type 'x-jms-topic' (JMS selectors on bindings) is not built yet: use direct, fanout, topic or headers",
                declare("x", spec("x-jms-topic")));
        assertFalse(f.exists("x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-jms-topic", "x-federation-upstream"})
    void typesOfOtherBrokersAreNamedInTheRefusal(String type) {
        Reply.Rejected r = (Reply.Rejected) declare("x", spec(type));
        assertEquals(540, r.code());
        assertTrue(r.text().startsWith("exchange type '" + type + "'"), r.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-message-deduplication", "x-cache-size"})
    void argumentsOfTheWrongTypeAre406(String argument) {
        Reply.Rejected r = (Reply.Rejected) declare("x", with(argument, "v"));
        assertEquals(406, r.code());
        assertTrue(r.text().startsWith("invalid arg '" + argument + "' for exchange 'x' in vhost '/'"), r.text());
        assertFalse(f.exists("x"));
    }

    @Test
    void theDefaultExchangeCanNotBeTouched() {
        String text = "operation not permitted on the default exchange";
        assertRejected(403, text, declare("", spec("direct")));
        assertRejected(403, text, f.topology.declareExchange(VHOST, "", spec("direct"), true));
        assertRejected(403, text, f.topology.deleteExchange(VHOST, "", false));
        TopologyFixture.TestQueue q = f.queue("q");
        f.declare("x", "fanout");
        assertRejected(403, text, f.topology.bindQueue(VHOST, new BindingKey("", "q", "k", Arguments.NONE), q, true));
        for (boolean add : new boolean[] {true, false}) {
            assertRejected(403, text, f.topology.bindExchange(VHOST, new BindingKey("", "x", "", Arguments.NONE), add));
            assertRejected(403, text, f.topology.bindExchange(VHOST, new BindingKey("x", "", "", Arguments.NONE), add));
        }
    }

    @Test
    void namesOfTheBrokerAreReserved() {
        assertRejected(
                403, "exchange name 'amq.mine' contains reserved prefix 'amq.*'", declare("amq.mine", spec("direct")));
        assertRejected(
                403,
                "deletion of system exchange 'amq.direct' in vhost '/' not allowed",
                f.topology.deleteExchange(VHOST, "amq.direct", false));
    }

    @Test
    void passiveLooksOnlyAtTheName() {
        assertRejected(
                404, "no exchange 'x' in vhost '/'", f.topology.declareExchange(VHOST, "x", spec("direct"), true));
        f.declare("x", "direct");
        assertEquals(Reply.OK, f.topology.declareExchange(VHOST, "x", spec("no-such"), true));
    }

    @Test
    void anUnknownVhostIsRefused() {
        assertRejected(530, "vhost 'v' not found", f.topology.declareExchange("v", "x", spec("direct"), false));
        assertRejected(
                312,
                "vhost 'v' is deleted",
                f.topology.routes().resolve(new Route("v", "x", "k")).refusal());
        assertEquals(Reply.OK, f.topology.deleteExchange("v", "x", false));
    }

    @Test
    void deletingIsIdempotentAndCanDependOnUse() {
        assertEquals(Reply.OK, f.topology.deleteExchange(VHOST, "x", true));
        f.declare("x", "fanout");
        f.declare("y", "fanout");
        f.bindExchange("x", "y", "");
        assertRejected(406, "exchange 'x' in vhost '/' in use", f.topology.deleteExchange(VHOST, "x", true));
        // being a destination is no use in this sense
        assertEquals(Reply.OK, f.topology.deleteExchange(VHOST, "y", true));
        assertEquals(Reply.OK, f.topology.deleteExchange(VHOST, "x", true));
        assertFalse(f.exists("x"));
        assertTrue(f.topology.bindings(null, Integer.MAX_VALUE).items().isEmpty());
    }
}
