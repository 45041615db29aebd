package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import io.tallymq.amqp.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** x-max-length, x-overflow, x-single-active-consumer and x-priority with the real client. */
class QueueLimitsTest extends ClientCase {
    private static final int TIMEOUT = 20_000;

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
    @Row({"basic.nack", "queue x-overflow of a classic queue"})
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
    @Row("queue x-max-length-bytes")
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
    @Row({"queue x-max-length", "queue x-overflow of a classic queue"})
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
    @Row("queue x-single-active-consumer")
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
    @Row("consumer x-priority")
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
    @Row({"basic.get", "405"})
    void getFromASingleActiveConsumersQueueIs405() throws Exception {
        String queue = declare(Map.of("x-single-active-consumer", true));
        String text = ErrorCodes.channelClosed(405, channel, () -> channel.basicGet(queue, true));
        assertTrue(text.startsWith("RESOURCE_LOCKED - queue '" + queue + "' in vhost '/' has a single active"), text);
    }

    /** Writes down what the channel is told of publishes, in its order. */
    private List<String> told(Channel c) {
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        c.addReturnListener(r -> told.add("return " + r.getReplyCode() + " " + r.getReplyText() + ", "
                + r.getBody().length + " bytes, " + r.getProperties().getHeaders()));
        c.addConfirmListener((tag, multiple) -> told.add("ack"), (tag, multiple) -> told.add("nack"));
        return told;
    }

    private static AMQP.BasicProperties header(String name, Object value) {
        return new AMQP.BasicProperties.Builder().headers(Map.of(name, value)).build();
    }

    @ParameterizedTest
    @Row({"basic.return", "506"})
    @ValueSource(ints = {5, 3_000_000})
    void aMandatoryPublishThatIsRefusedComesBackWithTheReason(int size) throws Exception {
        String queue = declare(Map.of("x-max-length", 0, "x-overflow", "reject-publish"));
        List<String> told = told(channel);
        channel.confirmSelect();
        channel.basicPublish("", queue, true, header("h", 1), new byte[size]);
        assertFalse(channel.waitForConfirms(TIMEOUT));
        channel.basicPublish("", queue, false, header("h", 2), new byte[size]);
        assertFalse(channel.waitForConfirms(TIMEOUT));
        String text = "RESOURCE_ERROR - queue '" + queue
                + "' in vhost '/' has no room: its limit is 0 messages (x-max-length)";
        assertEquals(List.of("return 506 " + text + ", " + size + " bytes, {h=1}", "nack", "nack"), List.copyOf(told));
    }

    /** A client that says so is told why, whatever it publishes. */
    @Test
    void withTheCapabilityAllThatIsRefusedComesBack() throws Exception {
        String queue = declare(Map.of("x-max-length", 0, "x-overflow", "reject-publish"));
        ConnectionFactory f = server.factory().clone();
        Map<String, Object> properties = new HashMap<>(f.getClientProperties());
        properties.put("capabilities", Map.of("confirm_reasons", true));
        f.setClientProperties(properties);
        try (Connection own = f.newConnection()) {
            Channel c = own.createChannel();
            List<String> told = told(c);
            c.confirmSelect();
            String other = c.queueDeclare(
                            "", false, true, false, Map.of("x-max-length", 0, "x-overflow", "reject-publish"))
                    .getQueue();
            c.basicPublish("", other, null, new byte[1]);
            assertFalse(c.waitForConfirms(TIMEOUT));
            assertEquals(2, told.size());
            assertTrue(told.get(0).startsWith("return 506 RESOURCE_ERROR - queue '" + other), told.get(0));
            c.basicPublish("", "nowhere", null, new byte[1]);
            assertTrue(c.waitForConfirms(TIMEOUT), "unroutable and not mandatory is fine");
            assertEquals(3, told.size());
        }
        assertEquals(0, channel.queueDeclarePassive(queue).getMessageCount());
    }

    /** On one node all have it at once; that others are waited for is the node's FullConfirmsTest. */
    @Test
    @Row({"header x-confirm", "queue x-confirm", "policy confirm"})
    void confirmsByAllAreWordsAndNothingElse() throws Exception {
        String queue = declare(Map.of("x-confirm", "all"));
        channel.confirmSelect();
        for (String word : List.of("all", "majority")) {
            channel.basicPublish("", queue, header("x-confirm", word), new byte[1]);
            assertTrue(channel.waitForConfirms(TIMEOUT));
        }
        for (Object bad : List.of("some", true, 1)) {
            Channel c = connection.createChannel();
            String why = ErrorCodes.channelClosed(
                    406, c, () -> c.basicPublish("", queue, header("x-confirm", bad), new byte[1]));
            assertEquals("PRECONDITION_FAILED - invalid header 'x-confirm': 'majority' or 'all' expected", why);
        }
        assertEquals(2, channel.queueDeclarePassive(queue).getMessageCount());
    }

    @Test
    @Row({"312", "header x-min-queues"})
    void fewerQueuesThanAskedForIsARefusal() throws Exception {
        String queue = declare(Map.of());
        List<String> told = told(channel);
        channel.confirmSelect();
        channel.basicPublish("", queue, true, header("x-min-queues", 1), new byte[1]);
        assertTrue(channel.waitForConfirms(TIMEOUT));
        channel.basicPublish("", queue, true, header("x-min-queues", 2), new byte[1]);
        assertFalse(channel.waitForConfirms(TIMEOUT));
        String text = "NO_ROUTE - the message reaches 1 queues, and its header x-min-queues asks for 2";
        assertEquals(List.of("ack", "return 312 " + text + ", 1 bytes, {x-min-queues=2}", "nack"), List.copyOf(told));
        channel.basicPublish("", "nowhere", false, header("x-min-queues", 1), new byte[3_000_000]);
        assertFalse(channel.waitForConfirms(TIMEOUT));
        assertEquals(1, channel.queueDeclarePassive(queue).getMessageCount());
        for (Object bad : List.of("1", -1, 5_000_000L)) {
            Channel c = connection.createChannel();
            String why = ErrorCodes.channelClosed(
                    406, c, () -> c.basicPublish("", queue, header("x-min-queues", bad), new byte[1]));
            assertEquals(
                    "PRECONDITION_FAILED - invalid header 'x-min-queues': an integer from 0 to 1000000 expected", why);
        }
    }
}
