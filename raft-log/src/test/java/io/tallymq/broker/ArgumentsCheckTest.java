package io.tallymq.broker;

import static io.tallymq.broker.TopologyFixture.arguments;
import static io.tallymq.broker.TopologyFixture.assertRejected;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

    private static Reply.Rejected consume(String name, Object value) {
        return ConsumerArguments.check(arguments(name, value), "q", "/");
    }

    @Test
    void queueTypes() {
        assertNull(QueueArguments.check(queue(Arguments.NONE), "q", "/"));
        assertNull(check("x-queue-type", "classic"));
        assertNull(check("x-queue-type", "quorum"));
        assertRejected(
                540,
                "argument 'x-queue-type' of queue 'q' in vhost '/': streams are not built yet: use classic or quorum",
                check("x-queue-type", "stream"));
        assertRejected(
                406,
                "invalid arg 'x-queue-type' for queue 'q' in vhost '/': unknown queue type 'fast'; use classic or"
                        + " quorum",
                check("x-queue-type", "fast"));
        assertRejected(
                406,
                "invalid arg 'x-queue-type' for queue 'q' in vhost '/': longstr expected, void received; use classic or"
                        + " quorum",
                check("x-queue-type", null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x-message-ttl",
                "x-expires",
                "x-max-length",
                "x-max-length-bytes",
                "x-overflow",
                "x-dead-letter-exchange",
                "x-dead-letter-routing-key",
                "x-dead-letter-strategy",
                "x-delivery-limit",
                "x-delayed-retry-type",
                "x-delayed-retry-min",
                "x-delayed-retry-max",
                "x-max-priority",
                "x-single-active-consumer",
                "x-consumer-timeout",
                "x-consumer-disconnected-timeout",
                "x-max-age",
                "x-stream-max-segment-size-bytes",
                "x-stream-filter-size-bytes",
                "x-initial-cluster-size",
                "x-name-prefix",
                "x-message-deduplication",
                "x-deduplication-header",
                "x-cache-size",
                "x-cache-ttl"
            })
    void argumentsThatWouldChangeTheQueueAre540(String name) {
        Reply.Rejected r = check(name, 5L);
        assertEquals(540, r.code());
        assertTrue(
                r.text().startsWith("argument '" + name + "' of queue 'q' in vhost '/' is not built yet: "), r.text());
        assertEquals(540, check(name, null).code());
    }

    @Test
    void valuesThatAskForWhatHappensAnywayAreFine() {
        assertNull(check("x-single-active-consumer", false));
        assertNull(check("x-message-deduplication", false));
        assertNull(check("x-delivery-limit", -1L));
        assertNull(check("x-delayed-retry-type", "disabled"));
        assertEquals(540, check("x-single-active-consumer", true).code());
        assertEquals(540, check("x-delivery-limit", 0L).code());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x-queue-mode",
                "x-queue-version",
                "x-queue-leader-locator",
                "x-quorum-initial-group-size",
                "x-quorum-target-group-size",
                "x-nobody-knows",
                "my-own"
            })
    void hintsAndUnknownArgumentsAreAccepted(String name) {
        assertNull(check(name, "v"));
        assertNull(check(name, 3L));
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

    @Test
    void queueTypesAndHintsAreAllTheSame() {
        QueueSpec none = queue(Arguments.NONE);
        QueueSpec classic = queue(arguments("x-queue-type", "classic"));
        QueueSpec quorum = queue(arguments(Map.of("x-queue-type", "quorum", "x-queue-mode", "lazy", "other", 1L)));
        for (QueueSpec a : new QueueSpec[] {none, classic, quorum}) {
            for (QueueSpec b : new QueueSpec[] {none, classic, quorum}) {
                assertNull(redeclare(a, b));
            }
        }
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
        assertNull(ConsumerArguments.check(Arguments.NONE, "q", "/"));
        assertNull(consume("x-cancel-on-ha-failover", true));
        assertNull(consume("x-priority", 0L));
        assertNull(consume("anything", "v"));
        assertRejected(
                540,
                "argument 'x-priority' for a consumer of queue 'q' in vhost '/' is not built yet: there is no support"
                        + " for consumer priorities; consume without it",
                consume("x-priority", 5L));
        assertRejected(
                406,
                "invalid arg 'x-priority' for a consumer of queue 'q' in vhost '/': integer expected, longstr received",
                consume("x-priority", "high"));
        assertEquals(540, consume("x-consumer-timeout", 5L).code());
        assertEquals(540, consume("x-stream-offset", "first").code());
        assertEquals(540, consume("x-stream-filter", "f").code());
    }
}
