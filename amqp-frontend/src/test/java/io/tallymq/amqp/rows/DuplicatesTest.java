package io.tallymq.amqp.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.ClientCase;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** x-message-deduplication and what belongs to it: of queues, of exchanges that are asked, of the exchange type. */
class DuplicatesTest extends ClientCase {
    private static final String ID = "x-deduplication-header";

    /** Who looks for duplicates. */
    private enum At {
        QUEUE,
        EXCHANGE,
        TYPE
    }

    private String exchange;
    private String queue;

    @BeforeEach
    void begin() throws IOException {
        channel.confirmSelect();
    }

    private void declare(At at, Map<String, Object> more) throws IOException {
        Map<String, Object> arguments = new TreeMap<>(more);
        if (at != At.TYPE) {
            arguments.put("x-message-deduplication", true);
        }
        exchange = unique("x");
        queue = declare(at == At.QUEUE ? arguments : Map.of());
        channel.exchangeDeclare(
                exchange,
                at == At.TYPE ? "x-message-deduplication" : "fanout",
                true,
                false,
                at == At.QUEUE ? Map.of() : arguments);
        channel.queueBind(queue, exchange, "");
    }

    /** How many are in the queue once this one is confirmed. */
    private long publish(Object... headers) throws Exception {
        Map<String, Object> h = new TreeMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            h.put((String) headers[i], headers[i + 1]);
        }
        channel.basicPublish(exchange, "", headers(h), new byte[1]);
        assertTrue(channel.waitForConfirms(PATIENCE * 1000), "a duplicate is confirmed");
        return channel.messageCount(queue);
    }

    @ParameterizedTest
    @Row({
        "queue x-message-deduplication",
        "exchange x-message-deduplication",
        "type x-message-deduplication",
        "header x-deduplication-header"
    })
    @EnumSource(At.class)
    void whatCameBeforeGoesNowhere(At at) throws Exception {
        declare(at, Map.of());
        assertEquals(1, publish(ID, "a"));
        assertEquals(1, publish(ID, "a"));
        assertEquals(2, publish(ID, "b"));
        assertEquals(3, publish());
        assertEquals(4, publish(), "what has no name is no duplicate");
        channel.basicGet(queue, true);
        assertEquals(3, publish(ID, "a"), "it is remembered although it has left");
    }

    @ParameterizedTest
    @Row({"queue x-deduplication-header", "exchange x-deduplication-header"})
    @EnumSource(At.class)
    void anotherHeaderNamesIt(At at) throws Exception {
        declare(at, Map.of("x-deduplication-header", "id"));
        assertEquals(1, publish("id", 7, ID, "a"));
        assertEquals(1, publish("id", 7, ID, "b"));
        assertEquals(2, publish("id", 8, ID, "b"));
    }

    @ParameterizedTest
    @Row({"queue x-cache-size", "exchange x-cache-size"})
    @EnumSource(At.class)
    void soManyAreRemembered(At at) throws Exception {
        declare(at, Map.of("x-cache-size", 2));
        publish(ID, "a");
        publish(ID, "b");
        assertEquals(2, publish(ID, "a"));
        assertEquals(3, publish(ID, "c"));
        assertEquals(3, publish(ID, "b"), "two are remembered");
        assertEquals(4, publish(ID, "a"), "the oldest is not");
    }

    /** Of exchanges the plugin takes the numbers as text, too. */
    @ParameterizedTest
    @Row({"exchange x-cache-size", "exchange x-cache-ttl"})
    @EnumSource(names = {"EXCHANGE", "TYPE"})
    void numbersOfExchangesMayBeText(At at) throws Exception {
        declare(at, Map.of("x-cache-size", "2", "x-cache-ttl", "1000"));
        publish(ID, "a");
        assertEquals(1, publish(ID, "a"));
        publish(ID, "b");
        publish(ID, "c");
        assertEquals(4, publish(ID, "a"), "two are remembered");
        server.pass(1_001);
        assertEquals(5, publish(ID, "a"), "for a second");
    }

    @ParameterizedTest
    @Row({"queue x-cache-ttl", "exchange x-cache-ttl", "header x-cache-ttl"})
    @EnumSource(At.class)
    void forSoLong(At at) throws Exception {
        declare(at, Map.of("x-cache-ttl", 3_600_000));
        publish(ID, "a");
        publish(ID, "b", "x-cache-ttl", 7_200_000);
        publish(ID, "c", "x-cache-ttl", 1_800_000);
        server.pass(1_700_000);
        assertEquals(3, publish(ID, "c"));
        server.pass(200_000);
        assertEquals(4, publish(ID, "c"), "a message's own time comes first");
        assertEquals(4, publish(ID, "a"));
        server.pass(1_700_000);
        assertEquals(5, publish(ID, "a"));
        assertEquals(5, publish(ID, "b"));
        server.pass(3_600_000);
        assertEquals(6, publish(ID, "b"));
    }

    @Test
    @Row({"queue x-cache-persistence", "exchange x-cache-persistence"})
    void whereItIsRememberedIsNoQuestion() throws Exception {
        for (At at : At.values()) {
            for (String where : new String[] {"memory", "disk"}) {
                declare(at, Map.of("x-cache-persistence", where));
                publish(ID, "a");
                assertEquals(1, publish(ID, "a"));
            }
        }
    }

    /** What reached no queue may come again. */
    @Test
    void whatWasUnroutableWasNotSeen() throws Exception {
        declare(At.EXCHANGE, Map.of());
        channel.queueUnbind(queue, exchange, "");
        assertEquals(0, publish(ID, "a"));
        channel.queueBind(queue, exchange, "");
        assertEquals(1, publish(ID, "a"));
    }
}
