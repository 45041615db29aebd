package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.ClientCase;
import io.tallymq.amqp.session.ErrorCodes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Priorities of messages with the real client. */
class PrioritiesTest extends ClientCase {
    private static final Map<String, Object> QUORUM = Map.of("x-queue-type", "quorum");

    @BeforeEach
    void begin() throws Exception {
        channel.confirmSelect();
    }

    /** Null for a message that does not say. */
    private void publish(String queue, String body, Integer priority) throws IOException {
        AMQP.BasicProperties p = new AMQP.BasicProperties.Builder()
                .contentType("text/plain")
                .headers(Map.of("h", "x".repeat(300)))
                .deliveryMode(2)
                .priority(priority)
                .build();
        channel.basicPublish("", queue, p, body.getBytes());
    }

    private String drain(String queue) throws IOException {
        List<String> bodies = new ArrayList<>();
        for (GetResponse r = channel.basicGet(queue, true); r != null; r = channel.basicGet(queue, true)) {
            bodies.add(new String(r.getBody()));
        }
        return String.join(" ", bodies);
    }

    @Test
    @Row({"queue x-max-priority", "property priority"})
    void whoHasMoreComesFirst() throws Exception {
        String q = declare(Map.of("x-max-priority", 3));
        publish(q, "a", null);
        publish(q, "b", 1);
        publish(q, "c", 3);
        publish(q, "d", 9);
        publish(q, "e", 0);
        publish(q, "f", 1);
        channel.waitForConfirmsOrDie(PATIENCE * 1_000);
        assertEquals(6, channel.queueDeclarePassive(q).getMessageCount());
        assertEquals("c d b f a e", drain(q));
    }

    @Test
    @Row({"queue x-queue-type", "property priority"})
    void aQuorumQueueHas32PrioritiesAndFourWithoutOne() throws Exception {
        String q = declare(QUORUM);
        publish(q, "a", null);
        publish(q, "b", 3);
        publish(q, "c", 4);
        publish(q, "d", 5);
        publish(q, "e", 200);
        publish(q, "f", 31);
        channel.waitForConfirmsOrDie(PATIENCE * 1_000);
        assertEquals("e f d a c b", drain(q));
    }

    /** What is ready when a consumer comes goes out in order, of each priority in the order of the publishes. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7})
    void aConsumerGetsThemInOrder(int prefetch) throws Exception {
        String q = declare(Map.of("x-max-priority", 10));
        Random random = new Random(prefetch);
        record Sent(int number, int priority) {}
        List<Sent> sent = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            int priority = random.nextInt(11);
            sent.add(new Sent(i, priority));
            publish(q, Integer.toString(i), priority);
        }
        channel.waitForConfirmsOrDie(PATIENCE * 1_000);
        sent.sort(Comparator.comparingInt((Sent s) -> -s.priority).thenComparingInt(Sent::number));
        BlockingQueue<String> got = new LinkedBlockingQueue<>();
        channel.basicQos(prefetch);
        channel.basicConsume(q, false, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope e, AMQP.BasicProperties p, byte[] body) throws IOException {
                assertFalse(e.isRedeliver());
                got.add(new String(body));
                channel.basicAck(e.getDeliveryTag(), false);
            }
        });
        for (Sent s : sent) {
            assertEquals(Integer.toString(s.number), got.poll(PATIENCE, TimeUnit.SECONDS));
        }
    }

    /** Acks of several at once name messages of several priorities. */
    @Test
    void oneAckSettlesAllPriorities() throws Exception {
        String q = declare(Map.of("x-max-priority", 5));
        for (int i = 0; i < 20; i++) {
            publish(q, "m" + i, i % 6);
        }
        channel.waitForConfirmsOrDie(PATIENCE * 1_000);
        GetResponse last = null;
        for (int i = 0; i < 15; i++) {
            last = channel.basicGet(q, false);
        }
        assertNotNull(last);
        channel.basicAck(last.getEnvelope().getDeliveryTag(), true);
        assertEquals(5, channel.queueDeclarePassive(q).getMessageCount());
        connection.abort();
        openConnection();
        channel.confirmSelect();
        assertEquals(5, drain(q).split(" ").length);
    }

    @Test
    void whatIsRequeuedComesBackToItsPlace() throws Exception {
        String q = declare(QUORUM);
        publish(q, "low", 1);
        publish(q, "high", 9);
        publish(q, "next", 9);
        channel.waitForConfirmsOrDie(PATIENCE * 1_000);
        GetResponse high = channel.basicGet(q, false);
        GetResponse next = channel.basicGet(q, false);
        channel.basicNack(next.getEnvelope().getDeliveryTag(), false, true);
        channel.basicNack(high.getEnvelope().getDeliveryTag(), false, true);
        GetResponse again = channel.basicGet(q, false);
        assertEquals("high", new String(again.getBody()));
        assertEquals(9, again.getProps().getPriority());
        assertEquals(1L, again.getProps().getHeaders().get("x-acquired-count"));
        assertNull(again.getProps().getHeaders().get("x-delivery-count"));
        assertEquals("next low", drain(q));
    }

    @Test
    void valuesThatMakeNoSenseAreRefused() throws Exception {
        for (Object bad : List.of(256, -1, "high")) {
            Channel c = connection.createChannel();
            String text = ErrorCodes.channelClosed(
                    406, c, () -> c.queueDeclare("bad", true, false, false, Map.of("x-max-priority", bad)));
            assertTrue(text.contains("invalid arg 'x-max-priority'"), text);
        }
        Channel c = connection.createChannel();
        String text = ErrorCodes.channelClosed(
                406,
                c,
                () -> c.queueDeclare("bad", true, false, false, Map.of("x-queue-type", "quorum", "x-max-priority", 5)));
        assertTrue(text.contains("of queue type quorum"), text);
        String q = declare(Map.of("x-max-priority", 5));
        ErrorCodes.channelClosed(
                406, channel, () -> channel.queueDeclare(q, true, false, false, Map.of("x-max-priority", 6)));
    }
}
