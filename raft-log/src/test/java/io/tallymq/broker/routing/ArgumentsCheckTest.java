package io.tallymq.broker.routing;

import static io.tallymq.broker.routing.TopologyFixture.arguments;
import static io.tallymq.broker.routing.TopologyFixture.assertRejected;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.settings.ArgumentRow;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.settings.ArgumentText;
import io.tallymq.broker.spec.QueueSpec;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsCheckTest {
    private static QueueSpec queue(Arguments a) {
        return new QueueSpec(true, false, false, a);
    }

    private static Reply.Rejected check(String name, Object value) {
        return QueueArguments.check(queue(arguments(name, value)), "q", "/");
    }

    private static Reply.Rejected quorum(String name, Object value) {
        return QueueArguments.check(queue(arguments(Map.of("x-queue-type", "quorum", name, value))), "q", "/");
    }

    private static Reply.Rejected consume(String name, Object value) {
        return ArgumentTable.check(ArgumentRow.Owner.CONSUMER, arguments(name, value), "queue 'q' in vhost '/'");
    }

    @Test
    void queueTypes() {
        assertNull(QueueArguments.check(queue(Arguments.NONE), "q", "/"));
        assertNull(check("x-queue-type", "classic"));
        assertNull(check("x-queue-type", "quorum"));
        assertNull(check("x-queue-type", "stream"));
        assertRejected(
                406,
                "invalid arg 'x-queue-type' for queue 'q' in vhost '/': 'fast' is none of classic, quorum, stream",
                check("x-queue-type", "fast"));
        assertRejected(
                406,
                "invalid arg 'x-queue-type' for queue 'q' in vhost '/': longstr expected, void received",
                check("x-queue-type", null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x-max-age",
                "x-stream-max-segment-size-bytes",
                "x-stream-filter-size-bytes",
                "x-initial-cluster-size"
            })
    void argumentsOfStreamsAre406ForOthers(String name) {
        assertRejected(
                406,
                "invalid arg '" + name
                        + "' for queue 'q' in vhost '/' of queue type classic: declare the queue without it",
                check(name, 20L));
    }

    @Test
    void valuesThatAskForWhatHappensAnywayAreFine() {
        assertNull(check("x-single-active-consumer", false));
        assertNull(check("x-message-deduplication", false));
        assertNull(check("x-delivery-limit", -1L));
        assertNull(check("x-delayed-retry-type", "disabled"));
        assertNull(check("x-single-active-consumer", true));
        assertNull(check("x-max-priority", 0L));
        assertNull(check("x-max-priority", 255L));
        assertEquals(406, check("x-max-priority", -1L).code());
        assertEquals(406, check("x-delivery-limit", 0L).code(), "only quorum queues have it");
        assertNull(quorum("x-delivery-limit", 0L));
        assertNull(quorum("x-delivery-limit", -1L));
        assertNull(quorum("x-dead-letter-strategy", "at-least-once"));
        assertEquals(406, check("x-dead-letter-strategy", "at-least-once").code());
    }

    @Test
    void timesAndDeadLettersHaveTheirValues() {
        assertNull(check("x-message-ttl", 0L));
        assertNull(check("x-message-ttl", 315_360_000_000L));
        assertEquals(406, check("x-message-ttl", 315_360_000_001L).code());
        assertEquals(406, check("x-message-ttl", -1L).code());
        assertEquals(406, check("x-message-ttl", "1000").code());
        assertNull(check("x-expires", 1L));
        assertEquals(406, check("x-expires", 0L).code());
        assertNull(check("x-dead-letter-exchange", ""));
        assertEquals(406, check("x-dead-letter-exchange", 5L).code());
        assertEquals(406, quorum("x-delivery-limit", -2L).code());
        assertEquals(406, quorum("x-dead-letter-strategy", "at-best").code());
        assertRejected(
                406,
                "invalid arg 'x-dead-letter-routing-key' for queue 'q' in vhost '/': there is no 'x-dead-letter-exchange'"
                        + " for it",
                check("x-dead-letter-routing-key", "k"));
    }

    @ParameterizedTest
    @CsvSource({
        "classic,x-queue-mode,lazy",
        "classic,x-queue-mode,default",
        "classic,x-queue-version,2",
        "classic,x-queue-master-locator,min-masters",
        "classic,x-queue-leader-locator,balanced",
        "quorum,x-queue-leader-locator,least-leaders",
        "quorum,x-quorum-initial-group-size,3",
        "quorum,x-quorum-target-group-size,3",
        "quorum,x-max-in-memory-length,0",
        "classic,x-nobody-knows,fast",
        "quorum,my-own,7"
    })
    void hintsAndUnknownArgumentsAreAccepted(String type, String name, String value) {
        assertNull(hint(type, name, value));
    }

    /** E20: nonsense is nonsense, although it would change nothing; RabbitMQ's answers. */
    @ParameterizedTest
    @CsvSource({
        "classic,x-queue-mode,fast,: 'fast' is none of default",
        "classic,x-queue-mode,1,: longstr expected",
        "quorum,x-queue-mode,lazy, of queue type quorum",
        "classic,x-queue-version,3,: 3 is not 1 to 2",
        "classic,x-queue-version,0,: 0 is not 1 to 2",
        "classic,x-queue-version,two,: integer expected",
        "quorum,x-queue-version,2, of queue type quorum",
        "classic,x-queue-master-locator,nonsense,: 'nonsense' is none of",
        "quorum,x-queue-master-locator,min-masters, of queue type quorum",
        "quorum,x-queue-leader-locator,nonsense,: 'nonsense' is none of",
        "quorum,x-quorum-initial-group-size,0,: 0 is not 1 or more",
        "quorum,x-quorum-initial-group-size,x,: integer expected",
        "classic,x-quorum-initial-group-size,3, of queue type classic",
        "classic,x-max-in-memory-length,3, of queue type classic",
        "quorum,x-max-in-memory-bytes,z,: integer expected",
        "quorum,x-max-priority,3, of queue type quorum",
        "classic,x-max-priority,256,: 256 is not 0 to 255",
        "classic,x-max-priority,high,: integer expected"
    })
    void hintsThatMakeNoSenseAre406(String type, String name, String value, String why) {
        Reply.Rejected r = hint(type, name, value);
        assertEquals(406, r.code());
        assertTrue(
                r.text()
                        .startsWith("invalid arg '" + name + "' for queue 'q' in vhost '/'"
                                + (why.startsWith(":") ? why : " " + why)),
                r.text());
    }

    private static Reply.Rejected hint(String type, String name, String value) {
        Object v = value.chars().allMatch(Character::isDigit) ? Long.valueOf(value) : value;
        return QueueArguments.check(queue(arguments(Map.of("x-queue-type", type, name, v))), "q", "/");
    }

    @ParameterizedTest
    @CsvSource({"false,false,false,non-durable", "true,true,false,exclusive-owner", "true,false,true,auto-delete"})
    void quorumQueuesAreDurableAndEverybodys(boolean durable, boolean exclusive, boolean autoDelete, String property) {
        QueueSpec spec = new QueueSpec(durable, exclusive, autoDelete, arguments("x-queue-type", "quorum"));
        Reply.Rejected r = QueueArguments.check(spec, "q", "/");
        assertEquals(406, r.code());
        assertTrue(r.text().startsWith("invalid property '" + property + "' for queue 'q' in vhost '/'"), r.text());
        assertNull(QueueArguments.check(queue(arguments("x-queue-type", "quorum")), "q", "/"));
    }

    @Test
    void octetsInAListAreShownByTheirNumber() {
        Arguments a = arguments("x", java.util.List.of(new byte[3], Map.of("k", new byte[2])));
        assertEquals("the value '[3 octets, {k=2 octets}]' of type 'array'", ArgumentText.value(a, "x"));
    }

    private static Reply.Rejected redeclare(QueueSpec current, QueueSpec received) {
        return QueueArguments.inequivalent(current, received, "q", "/");
    }

    @ParameterizedTest
    @CsvSource({"false,false,durable,false,true", "true,true,auto_delete,true,false"})
    void aRedeclareHasToHaveTheSameFlags(
            boolean durable, boolean autoDelete, String field, String received, String current) {
        assertRejected(
                406,
                "inequivalent arg '" + field + "' for queue 'q' in vhost '/': received '" + received
                        + "' but current is '" + current + "'",
                redeclare(queue(Arguments.NONE), new QueueSpec(durable, false, autoDelete, Arguments.NONE)));
    }

    @Test
    void anotherExclusiveFlagIs405() {
        QueueSpec exclusive = new QueueSpec(false, true, false, Arguments.NONE);
        Reply.Rejected r = redeclare(queue(Arguments.NONE), exclusive);
        assertEquals(405, r.code());
        assertTrue(r.text().startsWith("cannot obtain exclusive access to locked queue 'q' in vhost '/'. "), r.text());
        assertEquals(405, redeclare(exclusive, queue(Arguments.NONE)).code());
        assertNull(redeclare(exclusive, new QueueSpec(true, true, false, Arguments.NONE)));
    }

    /** Without a type a queue is a classic one; what nobody knows is not compared. */
    @Test
    void typesAndHintsAreCompared() {
        QueueSpec none = queue(arguments("other", 1L));
        QueueSpec classic = queue(arguments("x-queue-type", "classic"));
        QueueSpec quorum = queue(arguments("x-queue-type", "quorum"));
        assertNull(redeclare(none, classic));
        assertNull(redeclare(classic, none));
        assertNull(redeclare(quorum, quorum));
        assertRejected(
                406,
                "inequivalent arg 'x-queue-type' for queue 'q' in vhost '/': received the value 'quorum' of type"
                        + " 'longstr' but current is none",
                redeclare(none, quorum));
        assertEquals(406, redeclare(quorum, classic).code());
        assertEquals(
                406, redeclare(none, queue(arguments("x-queue-mode", "lazy"))).code());
        assertEquals(
                406, redeclare(none, queue(arguments("x-queue-version", 2L))).code());
    }

    @Test
    void argumentsWithMeaningAreCompared() {
        QueueSpec none = queue(Arguments.NONE);
        QueueSpec sac = queue(arguments("x-single-active-consumer", false));
        assertRejected(
                406,
                "inequivalent arg 'x-message-ttl' for queue 'q' in vhost '/': received the value '5' of type 'long' but"
                        + " current is none",
                redeclare(none, queue(arguments("x-message-ttl", 5L))));
        assertRejected(
                406,
                "inequivalent arg 'x-single-active-consumer' for queue 'q' in vhost '/': received none but current is"
                        + " the value 'false' of type 'bool'",
                redeclare(sac, none));
        assertNull(redeclare(sac, queue(arguments("x-single-active-consumer", false))));
    }

    @Test
    void consumerArguments() {
        assertNull(ArgumentTable.check(ArgumentRow.Owner.CONSUMER, Arguments.NONE, "q"));
        assertNull(consume("x-cancel-on-ha-failover", true));
        assertNull(consume("x-priority", 0L));
        assertNull(consume("anything", "v"));
        assertNull(consume("x-priority", -5L));
        assertRejected(
                406,
                "invalid arg 'x-priority' for a consumer of queue 'q' in vhost '/': integer expected, longstr received",
                consume("x-priority", "high"));
        assertNull(consume("x-consumer-timeout", 5L));
        assertEquals(406, consume("x-consumer-timeout", -1L).code());
        assertNull(consume("x-stream-offset", "first"));
        assertEquals(406, consume("x-stream-match-unfiltered", "f").code());
        assertEquals(540, consume("x-filter-match-type", "any").code());
    }
}
