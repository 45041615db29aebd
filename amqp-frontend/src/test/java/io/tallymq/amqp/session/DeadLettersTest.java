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
        assertEquals(q, r.getProps().getHeaders().get("x-first-death-queue").toString());
        assertEquals(
                "expired", r.getProps().getHeaders().get("x-last-death-reason").toString());
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

    @Test
    void aRejectedMessageWithALargeBodyGoesOn() throws Exception {
        String q = declare(Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", dead));
        byte[] body = new byte[3 << 20];
        new Random(7).nextBytes(body);
        channel.basicPublish("", q, null, body);
        GetResponse got = null;
        while (got == null) {
            got = channel.basicGet(q, false);
        }
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
