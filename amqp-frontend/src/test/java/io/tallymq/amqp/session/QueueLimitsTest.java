package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** x-max-length, x-overflow, x-single-active-consumer and x-priority with the real client. */
class QueueLimitsTest {
    private static final int TIMEOUT = 20_000;

    private static TestServer server;
    private Connection connection;
    private Channel channel;

    @BeforeAll
    static void start() {
        server = new TestServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void connect() throws Exception {
        connection = server.connect();
        channel = connection.createChannel();
    }

    @AfterEach
    void disconnect() {
        connection.abort();
    }

    private String declare(Map<String, Object> arguments) throws IOException {
        return channel.queueDeclare("", false, true, false, arguments).getQueue();
    }

    private void publish(String queue, int... bodies) throws IOException {
        for (int body : bodies) {
            channel.basicPublish("", queue, null, new byte[] {(byte) body});
        }
    }

    /** Writes down who got which message, and in which order. */
    private final BlockingQueue<String> got = new LinkedBlockingQueue<>();

    private Channel consume(String queue, String name, int prefetch, Map<String, Object> arguments) throws IOException {
        Channel own = connection.createChannel();
        own.basicQos(prefetch);
        own.basicConsume(queue, false, name, false, false, arguments, new DefaultConsumer(own) {
            @Override
            public void handleDelivery(String tag, Envelope e, AMQP.BasicProperties p, byte[] body) {
                got.add(name + body[0] + (e.isRedeliver() ? " again" : ""));
            }
        });
        return own;
    }

    private List<String> next(int n) throws InterruptedException {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            all.add(got.poll(TIMEOUT, TimeUnit.MILLISECONDS));
        }
        return all;
    }

    /** The channel goes on, as with RabbitMQ: a nack for each publish that had no room. */
    @Test
    void whatHasNoRoomIsNacked() throws Exception {
        String queue = declare(Map.of("x-max-length", 2, "x-overflow", "reject-publish"));
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        channel.addConfirmListener(
                (tag, multiple) -> told.add("ack " + tag + multiple), (tag, multiple) -> told.add("nack " + tag));
        channel.confirmSelect();
        publish(queue, 1, 2);
        assertTrue(channel.waitForConfirms(TIMEOUT));
        told.clear();
        publish(queue, 3);
        assertFalse(channel.waitForConfirms(TIMEOUT));
        assertEquals(List.of("nack 3"), List.copyOf(told));
        assertEquals(1, channel.basicGet(queue, true).getBody()[0]);
        publish(queue, 4);
        assertTrue(channel.waitForConfirms(TIMEOUT));
        assertEquals(2, channel.basicGet(queue, true).getBody()[0]);
        assertEquals(4, channel.basicGet(queue, true).getBody()[0]);
        assertNull(channel.basicGet(queue, true));
    }

    @Test
    void withoutConfirmsItIsJustNotThere() throws Exception {
        String queue = declare(Map.of("x-max-length-bytes", 3, "x-overflow", "reject-publish"));
        publish(queue, 1, 2, 3, 4, 5);
        assertEquals(3, channel.queueDeclarePassive(queue).getMessageCount());
    }

    /** As anywhere: a body in parts, which is a chunk of its own. */
    @Test
    void aBodyInPartsIsRefusedOrMakesRoomLikeAnyOther() throws Exception {
        String refusing = declare(Map.of("x-max-length", 1, "x-overflow", "reject-publish"));
        String dropping = declare(Map.of("x-max-length", 1));
        channel.confirmSelect();
        byte[] large = new byte[3_000_000];
        channel.basicPublish("", dropping, null, large);
        channel.basicPublish("", dropping, null, large);
        channel.basicPublish("", refusing, null, large);
        assertTrue(channel.waitForConfirms(TIMEOUT));
        channel.basicPublish("", refusing, null, large);
        assertFalse(channel.waitForConfirms(TIMEOUT));
        assertEquals(1, channel.queueDeclarePassive(dropping).getMessageCount());
        assertEquals(large.length, channel.basicGet(refusing, true).getBody().length);
        assertEquals(large.length, channel.basicGet(dropping, true).getBody().length);
    }

    @Test
    void theOldestMakeRoom() throws Exception {
        String queue = declare(Map.of("x-max-length", 2));
        channel.confirmSelect();
        publish(queue, 1, 2, 3, 4);
        assertTrue(channel.waitForConfirms(TIMEOUT));
        assertEquals(3, channel.basicGet(queue, true).getBody()[0]);
        assertEquals(4, channel.basicGet(queue, true).getBody()[0]);
        assertNull(channel.basicGet(queue, true));
    }

    @Test
    void oneConsumerAtATimeIsActive() throws Exception {
        String queue = declare(Map.of("x-single-active-consumer", true));
        Channel first = consume(queue, "a", 10, Map.of());
        consume(queue, "b", 10, Map.of());
        publish(queue, 1, 2);
        assertEquals(List.of("a1", "a2"), next(2));
        first.close();
        assertEquals(List.of("b1 again", "b2 again"), next(2));
        publish(queue, 3);
        assertEquals(List.of("b3"), next(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void whoHasMorePriorityGetsMessagesFirst(int prefetch) throws Exception {
        String queue = declare(Map.of());
        consume(queue, "low", prefetch, Map.of("x-priority", -1));
        consume(queue, "high", prefetch, Map.of("x-priority", 10));
        publish(queue, 1);
        assertEquals(List.of("high1"), next(1));
        publish(queue, 2);
        assertEquals(List.of(prefetch == 1 ? "low2" : "high2"), next(1));
    }

    @Test
    void getFromASingleActiveConsumersQueueIs405() throws Exception {
        String queue = declare(Map.of("x-single-active-consumer", true));
        String text = ErrorCodes.channelClosed(405, channel, () -> channel.basicGet(queue, true));
        assertTrue(text.startsWith("RESOURCE_LOCKED - queue '" + queue + "' in vhost '/' has a single active"), text);
    }
}
