package io.tallymq.amqp.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import io.tallymq.amqp.session.ClientCase;
import io.tallymq.amqp.session.ErrorCodes;
import io.tallymq.amqp.session.TestServer;
import io.tallymq.broker.BrokerMachine;
import io.tallymq.store.RocksStore;
import io.tallymq.store.RocksStoreConfig;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What one client may do on purpose: headers that lie, routes without an end, more than there is room for. Nobody else notices. */
class AbuseTest extends ClientCase {
    private static final int HOUR = 3_600_000;
    private static Bystander bystander;

    @BeforeAll
    static void others() throws Exception {
        bystander = new Bystander(server);
    }

    @AfterAll
    static void done() {
        bystander.close();
    }

    @AfterEach
    void areServedAsBefore() throws Exception {
        bystander.check();
    }

    private static Map<String, Object> death(String queue, Object count) {
        return Map.of(
                "queue",
                queue,
                "reason",
                "expired",
                "count",
                count,
                "time",
                new Date(0),
                "exchange",
                "",
                "routing-keys",
                List.of(queue));
    }

    static List<Object> lies() {
        Object deep = "end";
        for (int i = 0; i < 30; i++) {
            deep = List.of(deep);
        }
        return List.of(
                List.of(death("liar", Long.MAX_VALUE)),
                List.of(death("liar", -1L), death("liar", "many"), death("dead", 7L)),
                Collections.nCopies(500, death("other", 1L)),
                "text",
                7,
                List.of("text", 7, true),
                Map.of("queue", "liar"),
                deep);
    }

    /** Only what the broker wrote counts: such a message dies as any other, once, and is told of truly. */
    @ParameterizedTest
    @MethodSource("lies")
    void deathsThatAClientMadeUp(Object lie) throws Exception {
        channel.queueDeclare("dead", true, false, false, null);
        channel.queueDeclare(
                "liar",
                true,
                false,
                false,
                Map.of("x-message-ttl", HOUR, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead"));
        Map<String, Object> headers = new TreeMap<>(Map.of("x-death", lie, "kept", "yes"));
        for (String when : List.of("x-first-death-", "x-last-death-")) {
            headers.put(when + "queue", "elsewhere");
            headers.put(when + "reason", 5);
            headers.put(when + "exchange", List.of("a"));
        }
        channel.basicPublish("", "liar", headers(headers), new byte[1]);
        channel.messageCount("liar");
        server.pass(HOUR + 1);
        Map<String, Object> told = fetch("dead").getProps().getHeaders();
        List<?> deaths = (List<?>) told.get("x-death");
        assertEquals(1, deaths.size());
        Map<?, ?> death = (Map<?, ?>) deaths.get(0);
        assertEquals("liar", death.get("queue").toString());
        assertEquals("expired", death.get("reason").toString());
        assertEquals(1L, death.get("count"));
        for (String when : List.of("x-first-death-", "x-last-death-")) {
            assertEquals("liar", told.get(when + "queue").toString());
            assertEquals("expired", told.get(when + "reason").toString());
            assertEquals("", told.get(when + "exchange").toString());
        }
        assertEquals("yes", told.get("kept").toString());
    }

    @Test
    void countsThatAClientMadeUp() throws Exception {
        String queue = declare(Map.of("x-queue-type", "quorum", "x-delivery-limit", 2));
        channel.basicPublish(
                "",
                queue,
                headers(Map.of("x-delivery-count", 1_000L, "x-acquired-count", "text", "x-stream-offset", -1)),
                new byte[1]);
        for (int i = 0; i < 3; i++) {
            GetResponse r = channel.basicGet(queue, false);
            Map<String, Object> told = r.getProps().getHeaders();
            if (i > 0) {
                assertEquals((long) i, told.get("x-delivery-count"));
                assertEquals((long) i, told.get("x-acquired-count"));
            }
            channel.basicReject(r.getEnvelope().getDeliveryTag(), true);
        }
        assertNull(channel.basicGet(queue, true));
    }

    private static List<Object> odd() {
        List<Object> all = new ArrayList<>(List.of(
                "",
                "x".repeat(70_000),
                "\uD83D\uDE00".repeat(200),
                Integer.MIN_VALUE,
                Long.MAX_VALUE,
                Double.NaN,
                1e300,
                Float.MIN_VALUE,
                new BigDecimal("123.456"),
                new Date(Long.MAX_VALUE),
                new byte[] {-1, 0, -2},
                List.of(),
                Arrays.asList(null, List.of(1, "two")),
                Map.of("a", Map.of("b", new byte[2])),
                true));
        all.add(null);
        return all;
    }

    /** Headers that mean something to the broker, with whatever else can stand in them: taken, delivered, and as they were. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "key",
                "x-group-id",
                "x-deduplication-header",
                "x-cache-ttl",
                "x-stream-filter-value",
                "x-recent-history-no-store",
                "x-stream-offset",
                "x-delivery-count",
                "x-acquired-count",
                "x-death"
            })
    void headersOfAnyType(String header) throws Exception {
        String x = exchange("fanout", null);
        String hash = exchange("x-consistent-hash", Map.of("hash-header", header));
        String history = exchange("x-recent-history", Map.of());
        channel.exchangeBind(hash, x, "");
        String plain = declare(Map.of());
        List<String> taken = List.of(
                plain,
                declare(Map.of("x-message-groups", true)),
                declare(Map.of("x-fair-by", "header:" + header)),
                declare(Map.of("x-group-by", "header:" + header)),
                declare(Map.of("x-queue-type", "stream")));
        List<String> fewer = List.of(
                declare(Map.of("x-last-value", header)),
                declare(Map.of("x-message-deduplication", true, "x-deduplication-header", header, "x-cache-ttl", 1)));
        for (String queue : taken) {
            channel.queueBind(queue, x, "");
        }
        for (String queue : fewer) {
            channel.queueBind(queue, x, "");
        }
        channel.queueBind(declare(Map.of()), hash, "1");
        Channel reading = connection.createChannel();
        reading.basicQos(100);
        BlockingQueue<Delivery> read =
                consume(reading, taken.get(4), Map.of("x-stream-filter", "nothing", "x-stream-match-unfiltered", true));
        channel.confirmSelect();
        List<Object> odd = odd();
        for (Object value : odd) {
            AMQP.BasicProperties p = headers(Collections.singletonMap(header, value));
            channel.basicPublish(x, "k", p, new byte[1]);
            channel.basicPublish(history, "k", p, new byte[1]);
        }
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        for (String queue : taken) {
            assertEquals(odd.size(), channel.messageCount(queue));
        }
        channel.queueBind(declare(Map.of()), history, "");
        if (!header.equals("x-stream-filter-value")) {
            for (Object ignored : odd) {
                next(read);
            }
        }
        for (String queue : List.of(plain, taken.get(1), taken.get(2), taken.get(3))) {
            for (Object ignored : odd) {
                GetResponse r = channel.basicGet(queue, true);
                assertTrue(r.getProps().getHeaders().containsKey(header));
            }
        }
        for (String queue : fewer) {
            assertTrue(channel.messageCount(queue) > 0);
        }
    }

    private String exchange(String type, Map<String, Object> arguments) throws IOException {
        String name = unique("x");
        channel.exchangeDeclare(name, type, false, false, arguments);
        return name;
    }

    /** Each is the next one's alternate, and the last one the first one's. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 50})
    void alternatesInACircle(int size) throws Exception {
        String prefix = unique("round");
        for (int i = 0; i < size; i++) {
            channel.exchangeDeclare(
                    prefix + i, "direct", false, false, Map.of("alternate-exchange", prefix + (i + 1) % size));
        }
        String queue = channel.queueDeclare().getQueue();
        channel.queueBind(queue, prefix + (size - 1), "k");
        List<Integer> returned = new ArrayList<>();
        channel.addReturnListener(r -> returned.add(r.getReplyCode()));
        channel.confirmSelect();
        channel.basicPublish(prefix + 0, "k", true, null, new byte[1]);
        channel.basicPublish(prefix + 0, "other", true, null, new byte[1]);
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        assertEquals(List.of(312), returned);
        assertEquals(1, channel.messageCount(queue));
    }

    /** All are bound to all, and to themselves: each queue gets one copy. */
    @Test
    void bindingsInACircle() throws Exception {
        List<String> all = new ArrayList<>();
        List<String> queues = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            all.add(exchange(i % 2 == 0 ? "fanout" : "topic", null));
            queues.add(channel.queueDeclare().getQueue());
            channel.queueBind(queues.get(i), all.get(i), "#");
        }
        for (String from : all) {
            for (String to : all) {
                channel.exchangeBind(to, from, "#");
            }
        }
        for (String x : all) {
            channel.basicPublish(x, "k", null, new byte[1]);
        }
        for (String queue : queues) {
            assertEquals(all.size(), channel.messageCount(queue));
        }
    }

    private long inAll(List<String> queues) {
        return server.broker().read(view -> queues.stream()
                .mapToLong(q -> view.queue("/", q).orElseThrow().ready())
                .sum());
    }

    /** What nobody rejected goes round once; no entry of the log has to carry it for ever. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 10})
    void deadLettersInACircle(int size) throws Exception {
        String prefix = unique("round");
        List<String> queues = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            queues.add(prefix + i);
            channel.queueDeclare(
                    prefix + i,
                    true,
                    false,
                    false,
                    Map.of(
                            "x-message-ttl",
                            HOUR,
                            "x-dead-letter-exchange",
                            "",
                            "x-dead-letter-routing-key",
                            prefix + (i + 1) % size));
        }
        channel.basicPublish("", prefix + 0, null, new byte[1]);
        channel.messageCount(prefix + 0);
        for (int i = 0; i < size; i++) {
            assertEquals(1, inAll(queues), "it is at queue " + i);
            server.pass(HOUR + 1);
            channel.messageCount(prefix + 0);
        }
        assertEquals(0, inAll(queues));
        channel.basicPublish("", prefix + 0, null, new byte[1]);
        for (int i = 0; i < 3 * size; i++) {
            GetResponse r = fetchUnacked(queues.get(i % size));
            channel.basicReject(r.getEnvelope().getDeliveryTag(), false);
        }
        assertEquals(1, fetchUnacked(prefix + 0).getEnvelope().getDeliveryTag() - 3L * size, "who rejects decides");
    }

    private GetResponse fetchUnacked(String queue) throws IOException {
        for (long end = System.nanoTime() + PATIENCE * 1_000_000_000L; System.nanoTime() < end; ) {
            GetResponse r = channel.basicGet(queue, false);
            if (r != null) {
                return r;
            }
        }
        throw new AssertionError("nothing came to " + queue);
    }

    /** A queue without room whose dead letters come back to it: the oldest goes, and that is its end. */
    @Test
    void aQueueThatIsItsOwnGrave() throws Exception {
        String queue = unique("own");
        channel.queueDeclare(
                queue,
                true,
                false,
                false,
                Map.of("x-max-length", 2, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", queue));
        channel.confirmSelect();
        for (int i = 0; i < 10; i++) {
            channel.basicPublish("", queue, null, new byte[] {(byte) i});
        }
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        assertEquals(2, channel.messageCount(queue));
    }

    /** As many words as a binding key can have, which is a short string; and as many '#' as fit. */
    @Test
    void patternsOfManyWords() throws Exception {
        String x = exchange("topic", null);
        String queue = channel.queueDeclare().getQueue();
        String words = "a.".repeat(127) + "a";
        String hashes = "#" + ".a.#".repeat(62) + ".b";
        for (String pattern : List.of(words, "*.".repeat(127) + "*", hashes, "#.#.#.#.#.#.#.#.#.#.a")) {
            channel.queueBind(queue, x, pattern);
        }
        channel.confirmSelect();
        channel.basicPublish(x, words, null, "all".getBytes());
        channel.basicPublish(x, "a.".repeat(126) + "b", null, "hashes".getBytes());
        channel.basicPublish(x, "b", null, "none".getBytes());
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        assertEquals(2, channel.messageCount(queue));
    }

    /** Of another channel, of a message that was settled, of none: whichever way. */
    @ParameterizedTest
    @ValueSource(strings = {"ack", "ack multiple", "nack", "nack multiple", "reject"})
    void tagsThatAreNotOutstanding(String how) throws Exception {
        String queue = declare(Map.of());
        for (int i = 0; i < 3; i++) {
            channel.basicPublish("", queue, null, new byte[1]);
        }
        channel.messageCount(queue);
        List<Long> tags = how.contains("multiple") ? List.of(2L, Long.MAX_VALUE, -1L) : List.of(0L, 2L, -1L);
        for (long tag : tags) {
            Channel c = connection.createChannel();
            assertEquals(1, c.basicGet(queue, false).getEnvelope().getDeliveryTag());
            String text = ErrorCodes.channelClosed(406, c, () -> {
                switch (how) {
                    case "ack", "ack multiple" -> c.basicAck(tag, how.contains("multiple"));
                    case "nack", "nack multiple" -> c.basicNack(tag, how.contains("multiple"), false);
                    default -> c.basicReject(tag, false);
                }
            });
            assertEquals("PRECONDITION_FAILED - unknown delivery tag " + Long.toUnsignedString(tag), text);
            assertEquals(3, channel.messageCount(queue), "nothing was settled");
        }
    }

    /** Bodies of a transaction go ahead to the store: there is an end to that, and what was sent is not kept. */
    @Test
    void aTransactionOfAGigabyte(@TempDir Path directory) throws Exception {
        RocksStore store = RocksStore.open(RocksStoreConfig.in(directory), BrokerMachine.LEVELS, failure -> {});
        try (store;
                TestServer large = new TestServer(TestServer.defaults(), broker -> broker, store);
                Bystander beside = new Bystander(large);
                Connection c = large.connect()) {
            Channel tx = c.createChannel();
            String queue = tx.queueDeclare().getQueue();
            tx.txSelect();
            byte[] body = new byte[16 << 20];
            String text = ErrorCodes.channelClosed(406, tx, () -> {
                for (int i = 0; i < 64; i++) {
                    tx.basicPublish("", queue, null, body);
                }
            });
            assertEquals(
                    "PRECONDITION_FAILED - transaction too large, it has more than 268435456 bytes of bodies: commit more"
                            + " often",
                    text);
            assertEquals(0, c.createChannel().messageCount(queue));
            beside.check();
        }
    }
}
