package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.GetResponse;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.ErrorCodes;
import io.tallymq.amqp.session.TestServer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Outcome defer with the real client: a message is put aside, and taken by its token, which the client gives or is told. */
class DeferredMessagesTest {
    private static final long PATIENCE = 30_000;
    private static TestServer server;
    private Connection connection;
    private Channel channel;
    private String queue;

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
        channel.confirmSelect();
        queue = channel.queueDeclare("", false, false, false, Map.of()).getQueue();
    }

    @AfterEach
    void disconnect() throws Exception {
        try (Connection other = server.connect()) {
            other.createChannel().queueDelete(queue);
        }
        connection.abort();
    }

    private void publish(int... bodies) throws Exception {
        for (int body : bodies) {
            channel.basicPublish("", queue, null, new byte[] {(byte) body});
        }
        assertTrue(channel.waitForConfirms(PATIENCE));
    }

    private GetResponse got(String from) throws Exception {
        GetResponse r = channel.basicGet(from, false);
        assertNotNull(r);
        return r;
    }

    private static long tag(GetResponse r) {
        return r.getEnvelope().getDeliveryTag();
    }

    private static Map<String, Object> deferring(long tag, Object... namesAndValues) {
        Map<String, Object> headers = new HashMap<>(Map.of("x-delivery-tag", tag, "x-outcome", "defer"));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers;
    }

    private boolean settled(Map<String, Object> headers, AMQP.BasicProperties.Builder others) throws Exception {
        channel.basicPublish("amq.settle", "", others.headers(headers).build(), new byte[0]);
        return channel.waitForConfirms(PATIENCE);
    }

    private boolean settled(Map<String, Object> headers) throws Exception {
        return settled(headers, new AMQP.BasicProperties.Builder());
    }

    @Test
    @Row({"header x-token", "header x-outcome"})
    void whoNamesTheTokenTakesIt() throws Exception {
        publish(0, 1);
        assertTrue(settled(deferring(tag(got(queue)), "x-token", "t-1", "x-reason", "waits for t-1")));
        assertEquals(1, channel.messageCount(queue));
        try (Connection other = server.connect()) {
            Channel c = other.createChannel();
            GetResponse taken = c.basicGet("amq.deferred.t-1", false);
            assertEquals(0, taken.getBody()[0]);
            assertEquals(queue, taken.getEnvelope().getRoutingKey());
            assertEquals(1, taken.getMessageCount());
            assertTrue(taken.getEnvelope().isRedeliver());
            assertEquals(
                    "waits for t-1",
                    taken.getProps().getHeaders().get("x-reason").toString());
            assertNull(c.basicGet("amq.deferred.t-1", false), "it is taken once");
            c.basicReject(tag(taken), true);
            assertEquals(0, c.basicGet(queue, true).getBody()[0], "in its old place");
            assertEquals(1, c.basicGet(queue, true).getBody()[0]);
        }
        assertNull(channel.basicGet(queue, true));
    }

    @Test
    void itMayBeTakenWithoutAck() throws Exception {
        publish(0);
        String token = "\u00e4".repeat(64);
        assertTrue(settled(deferring(tag(got(queue)), "x-token", token)));
        assertEquals(0, channel.basicGet("amq.deferred." + token, true).getBody()[0]);
        assertNull(channel.basicGet("amq.deferred." + token, true));
    }

    @Test
    void aTokenIsMadeAndTold() throws Exception {
        String replies = channel.queueDeclare().getQueue();
        publish(0);
        AMQP.BasicProperties.Builder asking =
                new AMQP.BasicProperties.Builder().replyTo(replies).correlationId("c-7");
        assertTrue(settled(deferring(tag(got(queue))), asking));
        GetResponse told = got(replies);
        assertEquals("c-7", told.getProps().getCorrelationId());
        String token = new String(told.getBody(), StandardCharsets.UTF_8);
        assertEquals(22, token.length());
        assertEquals(0, got("amq.deferred." + token).getBody()[0]);
    }

    @Test
    void itComesBackByItself() throws Exception {
        publish(0);
        assertTrue(settled(deferring(tag(got(queue)), "x-token", "soon", "x-delay", 300)));
        GetResponse late = null;
        for (long end = System.nanoTime() + PATIENCE * 1_000_000; late == null && System.nanoTime() < end; ) {
            late = channel.basicGet(queue, false);
        }
        assertNotNull(late);
        assertNull(channel.basicGet("amq.deferred.soon", false));
    }

    @Test
    void aRefusalSaysWhyAndGivesTheMessageBack() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        channel.addReturnListener(r -> told.add(r.getReplyCode() + " " + r.getReplyText()));
        publish(0, 1);
        assertTrue(settled(deferring(tag(got(queue)), "x-token", "one")));
        AMQP.BasicProperties second = new AMQP.BasicProperties.Builder()
                .headers(deferring(tag(got(queue)), "x-token", "one"))
                .build();
        channel.basicPublish("amq.settle", "", true, second, new byte[0]);
        assertFalse(channel.waitForConfirms(PATIENCE));
        assertEquals(
                List.of("406 PRECONDITION_FAILED - another message of vhost '/' is deferred with token 'one'; the"
                        + " message was given back to its queue"),
                told);
        long tag = tag(got(queue));
        assertFalse(settled(deferring(tag), new AMQP.BasicProperties.Builder().replyTo("nowhere")));
        assertEquals(1, got(queue).getBody()[0]);
        assertEquals(0, got("amq.deferred.one").getBody()[0]);
    }

    @Test
    void wrongTokensAreRefused() throws Exception {
        publish(0);
        refused(7);
        refused("x".repeat(129));
        refused(new byte[] {(byte) 0xff});
        Channel c = connection.createChannel();
        c.basicConsume("amq.rabbitmq.reply-to", true, new DefaultConsumer(c));
        assertNotNull(c.basicGet(queue, false));
        AMQP.BasicProperties direct = new AMQP.BasicProperties.Builder()
                .headers(deferring(2))
                .replyTo("amq.rabbitmq.reply-to")
                .build();
        String why = ErrorCodes.channelClosed(406, c, () -> c.basicPublish("amq.settle", "", direct, new byte[0]));
        assertTrue(why.contains("reply-to has to be a queue"), why);
        assertEquals(0, got(queue).getBody()[0], "it was not settled");
    }

    private void refused(Object token) throws Exception {
        Channel c = connection.createChannel();
        assertNotNull(c.basicGet(queue, false));
        AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder()
                .headers(deferring(1, "x-token", token))
                .build();
        String why = ErrorCodes.channelClosed(406, c, () -> c.basicPublish("amq.settle", "", properties, new byte[0]));
        assertTrue(why.startsWith("PRECONDITION_FAILED - invalid header 'x-token'"), why);
    }

    @Test
    void theNameIsGoodForNothingElse() throws Exception {
        String name = "amq.deferred.t";
        reserved(c -> c.queueDeclare(name, false, false, false, null));
        reserved(c -> c.queueDeclarePassive(name));
        reserved(c -> c.basicConsume(name, new DefaultConsumer(c)));
        reserved(c -> c.basicPublish("", name, null, new byte[0]));
        assertNull(channel.basicGet(name, false), "what is not there is no mistake");
    }

    private interface OnChannel {
        void run(Channel c) throws Exception;
    }

    private void reserved(OnChannel what) throws Exception {
        Channel c = connection.createChannel();
        String why = ErrorCodes.channelClosed(403, c, () -> what.run(c));
        String text = "ACCESS_REFUSED - queue name 'amq.deferred.t' contains reserved prefix 'amq.*'";
        assertTrue(why.startsWith(text), why);
    }
}
