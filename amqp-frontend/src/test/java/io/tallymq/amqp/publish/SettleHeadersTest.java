package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.ErrorCodes;
import io.tallymq.amqp.session.TestServer;
import io.tallymq.amqp.wire.FieldTable;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** x-reason and x-set-* with the real client: what comes again has them, wrong ones are refused, and a nack says why. */
class SettleHeadersTest {
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
    void disconnect() {
        connection.abort();
    }

    private static AMQP.BasicProperties properties(Map<String, Object> headers) {
        return new AMQP.BasicProperties.Builder()
                .headers(headers)
                .messageId("m")
                .build();
    }

    private void publish(Map<String, Object> headers, byte[] body) throws Exception {
        channel.basicPublish("", queue, properties(headers), body);
        assertTrue(channel.waitForConfirms(PATIENCE));
    }

    private static Map<String, Object> settling(long tag, String outcome, Object... namesAndValues) {
        Map<String, Object> headers = new HashMap<>(Map.of("x-delivery-tag", tag, "x-outcome", outcome));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers;
    }

    private boolean settled(Map<String, Object> headers) throws Exception {
        channel.basicPublish("amq.settle", "", properties(headers), new byte[0]);
        return channel.waitForConfirms(PATIENCE);
    }

    private GetResponse got(String from) throws Exception {
        GetResponse r = null;
        for (long end = System.nanoTime() + PATIENCE * 1_000_000; r == null && System.nanoTime() < end; ) {
            r = channel.basicGet(from, false);
        }
        assertNotNull(r);
        return r;
    }

    private static long tag(GetResponse r) {
        return r.getEnvelope().getDeliveryTag();
    }

    private static String text(GetResponse r, String header) {
        Object value = r.getProps().getHeaders().get(header);
        return value == null ? null : value.toString();
    }

    @Test
    @Row({"header x-reason", "header x-set-*"})
    void whatComesAgainHasThemBesideItsOwn() throws Exception {
        publish(Map.of("own", "o", "step", "first"), new byte[3]);
        Map<String, Object> headers = settling(
                tag(got(queue)), "release", "x-reason", "busy", "x-set-step", 2, "x-set-list", List.of(true, "x"));
        assertTrue(settled(headers));
        GetResponse again = got(queue);
        Map<String, Object> seen = again.getProps().getHeaders();
        assertEquals("o", text(again, "own"));
        assertEquals("busy", text(again, "x-reason"));
        assertEquals(2, seen.get("step"));
        assertEquals(Boolean.TRUE, ((List<?>) seen.get("list")).get(0));
        assertEquals(4, seen.size(), seen.toString());
        assertEquals("m", again.getProps().getMessageId());
        assertEquals(3, again.getBody().length);
        assertTrue(settled(settling(tag(again), "reject", "x-reason", "broken")));
        GetResponse third = got(queue);
        assertEquals("broken", text(third, "x-reason"));
        assertEquals(2, third.getProps().getHeaders().get("step"), "what was set stays");
    }

    @Test
    void aMessageWithoutPropertiesAndALargeOneHaveThemToo() throws Exception {
        for (int size : new int[] {0, 3_000_000}) {
            channel.basicPublish("", queue, null, new byte[size]);
            assertTrue(channel.waitForConfirms(PATIENCE));
            assertTrue(settled(settling(tag(got(queue)), "release", "x-set-a", "x".repeat(3_000))));
            GetResponse again = got(queue);
            assertEquals("x".repeat(3_000), text(again, "a"));
            assertEquals(size, again.getBody().length);
            channel.basicAck(tag(again), false);
        }
    }

    @Test
    void consumersGetThemToo() throws Exception {
        queue = channel.queueDeclare("", true, false, false, Map.of("x-queue-type", "classic"))
                .getQueue();
        publish(Map.of(), new byte[] {0});
        publish(Map.of(), new byte[] {1});
        assertTrue(settled(settling(tag(got(queue)), "release", "x-set-a", "b")));
        BlockingQueue<String> seen = new ArrayBlockingQueue<>(9);
        channel.basicConsume(queue, true, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope e, AMQP.BasicProperties p, byte[] body) {
                seen.add(body[0] + " " + p.getHeaders());
            }
        });
        assertEquals("0 {a=b}", seen.poll(PATIENCE, TimeUnit.MILLISECONDS));
        assertEquals("1 {}", seen.poll(PATIENCE, TimeUnit.MILLISECONDS));
        channel.queueDelete(queue);
    }

    @Test
    void deadLettersHaveThem() throws Exception {
        String dead = channel.queueDeclare().getQueue();
        Map<String, Object> arguments = Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", dead);
        queue = channel.queueDeclare("", false, false, false, arguments).getQueue();
        publish(Map.of("own", "o"), new byte[1]);
        assertTrue(settled(settling(tag(got(queue)), "dead-letter", "x-reason", "no such customer", "x-set-own", "p")));
        GetResponse letter = got(dead);
        assertEquals("no such customer", text(letter, "x-reason"));
        assertEquals("p", text(letter, "own"));
        assertEquals("rejected", text(letter, "x-last-death-reason"));
        assertTrue(settled(settling(tag(letter), "release", "x-reason", "still none")));
        assertEquals("still none", text(got(dead), "x-reason"));
    }

    @Test
    void wrongOnesAreRefusedAndNothingIsSettled() throws Exception {
        publish(Map.of(), new byte[1]);
        Map<String, Object> many = settling(1, "release");
        for (int i = 0; i < 33; i++) {
            many.put("x-set-" + i, i);
        }
        refused("x-reason", settling(1, "ack", "x-reason", "done"));
        refused("x-set-*", settling(1, "ack", "x-set-a", "b"));
        refused("x-reason", settling(1, "release", "x-reason", 7));
        refused("x-reason", settling(1, "release", "x-reason", "\u00e4".repeat(513)));
        refused("x-set-", settling(1, "release", "x-set-", "b"));
        refused("33 headers", many);
        refused("bytes", settling(1, "reject", "x-set-a", "x".repeat(4_096)));
        for (String name : List.of(
                "x-reason",
                "x-death",
                "x-first-death-queue",
                "x-last-death-reason",
                "x-delivery-count",
                "x-acquired-count",
                "x-stream-offset",
                "CC",
                "BCC",
                "x-delay",
                "x-schedule-id")) {
            refused("the broker's", settling(1, "release", "x-set-" + name, "b"));
        }
        assertNotNull(channel.basicGet(queue, true), "it was not settled");
    }

    private void refused(String text, Map<String, Object> headers) throws Exception {
        Channel c = connection.createChannel();
        GetResponse held = c.basicGet(queue, false);
        assertNotNull(held);
        String why = ErrorCodes.channelClosed(
                406, c, () -> c.basicPublish("amq.settle", "", properties(headers), new byte[0]));
        assertTrue(why.startsWith("PRECONDITION_FAILED - invalid header '"), why);
        assertTrue(why.contains(text), why);
    }

    @Test
    void messagesOfAStreamStayAsTheyAre() throws Exception {
        String stream = "settled-stream";
        channel.queueDeclare(stream, true, false, false, Map.of("x-queue-type", "stream"));
        channel.basicPublish("", stream, null, new byte[1]);
        assertTrue(channel.waitForConfirms(PATIENCE));
        Channel c = connection.createChannel();
        c.basicQos(5);
        BlockingQueue<Long> tags = new ArrayBlockingQueue<>(9);
        c.basicConsume(stream, false, Map.of("x-stream-offset", "first"), new DefaultConsumer(c) {
            @Override
            public void handleDelivery(String tag, Envelope e, AMQP.BasicProperties p, byte[] body) {
                tags.add(e.getDeliveryTag());
            }
        });
        Long tag = tags.poll(PATIENCE, TimeUnit.MILLISECONDS);
        assertNotNull(tag);
        String why = ErrorCodes.channelClosed(
                406,
                c,
                () -> c.basicPublish(
                        "amq.settle", "", properties(settling(tag, "release", "x-reason", "busy")), new byte[0]));
        assertTrue(why.contains("stream"), why);
        channel.queueDelete(stream);
    }

    private static List<String> told(Channel of) {
        List<String> told = new CopyOnWriteArrayList<>();
        of.addReturnListener(
                r -> told.add("return " + r.getReplyCode() + " " + r.getReplyText() + ", from " + r.getExchange() + ", "
                        + r.getBody().length + " bytes, " + r.getProperties().getMessageId()));
        of.addConfirmListener((tag, multiple) -> told.add("ack"), (tag, multiple) -> told.add("nack"));
        return told;
    }

    private static final String NOT_HELD =
            "return 406 PRECONDITION_FAILED - the message is not held any more: it was purged, deleted or taken back,"
                    + " and may come again, from amq.settle, 0 bytes, m";

    @Test
    void aNackSaysWhyToWhoAsks() throws Exception {
        List<String> told = told(channel);
        notHeld(channel, true);
        notHeld(channel, false);
        assertEquals(
                List.of(NOT_HELD, "nack", "nack"),
                told.subList(told.indexOf(NOT_HELD), told.size()).stream()
                        .filter(s -> !s.equals("ack"))
                        .toList());
    }

    @Test
    void withTheCapabilityEachNackDoes() throws Exception {
        ConnectionFactory f = server.factory().clone();
        Map<String, Object> client = new HashMap<>(f.getClientProperties());
        client.put("capabilities", Map.of("confirm_reasons", true));
        f.setClientProperties(client);
        try (Connection own = f.newConnection()) {
            Channel c = own.createChannel();
            c.confirmSelect();
            List<String> told = told(c);
            notHeld(c, false);
            assertEquals(Arrays.asList("ack", NOT_HELD, "nack"), told);
        }
    }

    private static void notHeld(Channel c, boolean mandatory) throws IOException, Exception {
        String queue = c.queueDeclare("", false, false, false, Map.of()).getQueue();
        c.basicPublish("", queue, null, new byte[1]);
        assertTrue(c.waitForConfirms(PATIENCE));
        GetResponse r = c.basicGet(queue, false);
        c.queueDelete(queue);
        byte[] body = new byte[5];
        c.basicPublish("amq.settle", "", mandatory, properties(settling(tag(r), "ack")), body);
        assertFalse(c.waitForConfirms(PATIENCE));
        assertTrue(c.isOpen());
    }

    @Test
    void whatGoesBackWithoutThemHasNone() throws Exception {
        publish(Map.of(), new byte[1]);
        assertTrue(settled(settling(tag(got(queue)), "release")));
        assertNull(text(got(queue), "x-reason"));
    }

    /** Octet by octet they would be longer as text than a name may be. */
    @Test
    void namesThatAreNoTextAreRefused() throws Exception {
        byte[] odd = new byte[200];
        Arrays.fill(odd, (byte) 0xff);
        ByteBuf plain = Unpooled.buffer()
                .writeByte(206)
                .writeBytes("x-set-".getBytes())
                .writeBytes(odd)
                .writeByte('V');
        ByteBuf within =
                Unpooled.buffer().writeByte(7).writeBytes("x-set-a".getBytes()).writeByte('F');
        within.writeInt(202).writeByte(200).writeBytes(odd).writeByte('V');
        for (ByteBuf b : List.of(plain, within)) {
            FieldTable headers = FieldTable.decode(ByteBufUtil.getBytes(b));
            assertEquals(
                    "names in UTF-8 expected", SettleHeaders.problem(headers).text());
        }
    }
}
