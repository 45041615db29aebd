package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import io.tallymq.amqp.Row;
import java.io.IOException;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** x-dead-letter-exchange, x-message-ttl, expiration, x-expires and x-delivery-limit with the real client; time is the cluster's. */
class DeadLettersTest extends ClientCase {
    private String dead;
    private final BlockingQueue<GetResponse> letters = new LinkedBlockingQueue<>();

    @BeforeEach
    void begin() throws Exception {
        dead = channel.queueDeclare().getQueue();
        channel.basicConsume(dead, true, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties p, byte[] body) {
                letters.add(new GetResponse(envelope, p, body, 0));
            }
        });
    }

    private static AMQP.BasicProperties expiration(String millis) {
        return new AMQP.BasicProperties.Builder()
                .expiration(millis)
                .messageId("m")
                .headers(Map.of("h", 1))
                .build();
    }

    private GetResponse letter() throws InterruptedException {
        GetResponse r = letters.poll(PATIENCE, TimeUnit.SECONDS);
        assertNotNull(r, "no dead letter came");
        return r;
    }

    private static Map<?, ?> death(GetResponse r) {
        return (Map<?, ?>) ((List<?>) r.getProps().getHeaders().get("x-death")).get(0);
    }

    /** An argument may be longer than a routing key can be on the wire: consumers and getters of the letters get its beginning. */
    @Test
    void aRoutingKeyThatIsTooLongIsCut() throws Exception {
        String key = "k".repeat(254) + "\u00fc".repeat(50);
        String other = channel.queueDeclare().getQueue();
        channel.queueBind(dead, "amq.fanout", "");
        channel.queueBind(other, "amq.fanout", "");
        String q = declare(Map.of("x-dead-letter-exchange", "amq.fanout", "x-dead-letter-routing-key", key));
        channel.basicPublish("", q, expiration("0"), new byte[] {1});
        GetResponse letter = letter();
        assertEquals("k".repeat(254), letter.getEnvelope().getRoutingKey());
        assertEquals(1, letter.getBody()[0]);
        assertEquals(
                "k".repeat(254), channel.basicGet(other, true).getEnvelope().getRoutingKey());
    }

    @Test
    @Row({
        "property expiration",
        "queue x-dead-letter-exchange",
        "queue x-dead-letter-routing-key",
        "header x-death",
        "header x-first-death-exchange",
        "header x-first-death-queue",
        "header x-first-death-reason",
        "header x-last-death-exchange",
        "header x-last-death-queue",
        "header x-last-death-reason"
    })
    void anExpiredMessageComesFromTheDeadLetterExchange() throws Exception {
        String q = declare(Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", dead));
        channel.basicPublish("", q, expiration("20"), "late".getBytes());
        GetResponse r = letter();
        assertEquals("late", new String(r.getBody()));
        assertNull(r.getProps().getExpiration());
        assertEquals("m", r.getProps().getMessageId());
        assertEquals(1, r.getProps().getHeaders().get("h"));
        assertEquals(dead, r.getEnvelope().getRoutingKey());
        assertFalse(r.getEnvelope().isRedeliver());
        Map<?, ?> death = death(r);
        assertEquals("expired", death.get("reason").toString());
        assertEquals(q, death.get("queue").toString());
        assertEquals("20", death.get("original-expiration").toString());
        assertEquals(1L, death.get("count"));
        assertTrue(death.get("time") instanceof Date);
        assertEquals(
                List.of(q),
                ((List<?>) death.get("routing-keys"))
                        .stream().map(Object::toString).toList());
        assertEquals("", death.get("exchange").toString());
        for (String when : List.of("x-first-death-", "x-last-death-")) {
            assertEquals(q, r.getProps().getHeaders().get(when + "queue").toString());
            assertEquals("", r.getProps().getHeaders().get(when + "exchange").toString());
            assertEquals(
                    "expired", r.getProps().getHeaders().get(when + "reason").toString());
        }
    }

    /** Two queues, one behind the other: the newest death comes first, and each has its count. */
    @Test
    @Row({
        "header x-death",
        "header x-first-death-exchange",
        "header x-first-death-queue",
        "header x-first-death-reason",
        "header x-last-death-exchange",
        "header x-last-death-queue",
        "header x-last-death-reason"
    })
    void eachDeathIsTold() throws Exception {
        String second = declare(Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", dead));
        String first = declare(Map.of("x-dead-letter-exchange", "amq.direct", "x-dead-letter-routing-key", second));
        channel.queueBind(second, "amq.direct", second);
        channel.queueBind(first, "amq.direct", first);
        channel.basicPublish("amq.direct", first, expiration("1"), new byte[1]);
        channel.basicReject(getUnacked(second).getEnvelope().getDeliveryTag(), false);
        Map<String, Object> headers = letter().getProps().getHeaders();
        List<?> deaths = (List<?>) headers.get("x-death");
        assertEquals(2, deaths.size());
        assertEquals(
                List.of(second, first),
                deaths.stream().map(d -> field(d, "queue")).toList());
        assertEquals(
                List.of("rejected", "expired"),
                deaths.stream().map(d -> field(d, "reason")).toList());
        assertEquals(
                List.of("amq.direct", "amq.direct"),
                deaths.stream().map(d -> field(d, "exchange")).toList());
        assertEquals(
                List.of("1", "1"), deaths.stream().map(d -> field(d, "count")).toList());
        assertEquals(first, field(headers, "x-first-death-queue"));
        assertEquals("expired", field(headers, "x-first-death-reason"));
        assertEquals("amq.direct", field(headers, "x-first-death-exchange"));
        assertEquals(second, field(headers, "x-last-death-queue"));
        assertEquals("rejected", field(headers, "x-last-death-reason"));
        assertEquals("amq.direct", field(headers, "x-last-death-exchange"));
    }

    private static String field(Object table, String name) {
        return String.valueOf(((Map<?, ?>) table).get(name));
    }

    private GetResponse getUnacked(String queue) throws IOException {
        for (long end = System.nanoTime() + PATIENCE * 1_000_000_000L; System.nanoTime() < end; ) {
            GetResponse got = channel.basicGet(queue, false);
            if (got != null) {
                return got;
            }
        }
        throw new AssertionError("nothing came to " + queue);
    }

    @Test
    @Row("queue x-message-ttl")
    void timeGoesOnWithoutAnybodysAsking() throws Exception {
        String q =
                declare(Map.of("x-message-ttl", 300, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", dead));
        for (int i = 0; i < 100; i++) {
            channel.basicPublish("", q, null, new byte[] {(byte) i});
        }
        for (int i = 0; i < 100; i++) {
            assertEquals(i, letter().getBody()[0]);
        }
        assertEquals(0, channel.queueDeclarePassive(q).getMessageCount());
    }

    /** Sixty days are more milliseconds than fit into 32 bits. */
    @Test
    @Row({"queue x-message-ttl", "queue x-expires", "property expiration"})
    void timesMayBeLong() throws Exception {
        long days = 60L * 24 * 3_600_000;
        String q =
                declare(Map.of("x-message-ttl", days, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", dead));
        declare(Map.of("x-expires", 2 * days));
        channel.basicPublish("", q, null, new byte[] {1});
        channel.basicPublish(
                "",
                q,
                new AMQP.BasicProperties.Builder()
                        .expiration(Long.toString(days - 1_000))
                        .build(),
                new byte[1]);
        assertEquals(2, channel.messageCount(q));
        server.pass(days - 500);
        assertEquals(2, channel.messageCount(q), "only what is next expires");
        server.pass(1_000);
        assertEquals(1, letter().getBody()[0]);
        letter();
    }

    @Test
    void aRejectedMessageWithALargeBodyGoesOn() throws Exception {
        String q = declare(Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", dead));
        byte[] body = new byte[3 << 20];
        new Random(7).nextBytes(body);
        channel.basicPublish("", q, null, body);
        GetResponse got = getUnacked(q);
        channel.basicNack(got.getEnvelope().getDeliveryTag(), false, false);
        assertTrue(Arrays.equals(body, letter().getBody()));
    }

    @Test
    @Row({"queue x-delivery-limit", "header x-acquired-count", "header x-delivery-count"})
    void deliveriesTellOfFailuresUntilTheLimit() throws Exception {
        String q = declare(Map.of(
                "x-queue-type",
                "quorum",
                "x-delivery-limit",
                2,
                "x-dead-letter-exchange",
                "",
                "x-dead-letter-routing-key",
                dead));
        channel.basicPublish("", q, null, new byte[1]);
        channel.queueDeclarePassive(q);
        GetResponse first = channel.basicGet(q, false);
        assertNull(first.getProps().getHeaders());
        channel.basicNack(first.getEnvelope().getDeliveryTag(), false, true);
        for (int i = 0; i < 3; i++) {
            GetResponse r = channel.basicGet(q, false);
            Map<String, Object> headers = r.getProps().getHeaders();
            assertEquals(1L + i, headers.get("x-acquired-count"));
            assertEquals(i == 0 ? null : (Long) (long) i, headers.get("x-delivery-count"));
            channel.basicReject(r.getEnvelope().getDeliveryTag(), true);
        }
        assertEquals("delivery_limit", death(letter()).get("reason").toString());
        assertNull(channel.basicGet(q, true));
    }

    @Test
    @Row("queue x-expires")
    @Timeout(60)
    void anUnusedQueueIsDeleted() throws Exception {
        String q = declare(Map.of("x-expires", 50));
        while (server.broker().<Boolean>read(view -> view.queue("/", q).isPresent())) {
            Thread.onSpinWait(); // asks without using it; the test's time limit ends it
        }
        assertTrue(ErrorCodes.channelClosed(404, channel, () -> channel.queueDeclarePassive(q))
                .contains(q));
    }
}
