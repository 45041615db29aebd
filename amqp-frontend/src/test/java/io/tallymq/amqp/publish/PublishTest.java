package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.ClientCase;
import io.tallymq.amqp.session.ErrorCodes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** basic.publish, basic.return and publisher confirms with the real client. */
class PublishTest extends ClientCase {
    private static final int CONFIRM_TIMEOUT = 20_000;

    private String queue;

    @BeforeEach
    void begin() throws Exception {
        queue = channel.queueDeclare().getQueue();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private void publish(byte[] body) throws IOException {
        channel.basicPublish("", queue, null, body);
    }

    /** 4.2.6: bodies of no frame, one frame, many frames, and beyond what fits one entry of the log. */
    @ParameterizedTest
    @Row("basic.publish")
    @ValueSource(
            ints = {0, 1, 131_063, 131_064, 131_065, 262_128, 1_048_575, 1_048_576, 1_048_577, 2_097_152, 5_000_000})
    void bodiesOfAllSizesComeBackAsTheyWere(int size) throws Exception {
        byte[] body = random(size);
        channel.confirmSelect();
        publish(body);
        assertTrue(channel.waitForConfirms(CONFIRM_TIMEOUT));
        GetResponse got = channel.basicGet(queue, true);
        assertArrayEquals(body, got.getBody());
        assertEquals(queue, got.getEnvelope().getRoutingKey());
        assertEquals("", got.getEnvelope().getExchange());
        assertNull(channel.basicGet(queue, true));
    }

    /** All fourteen, each as it was sent. */
    @Test
    @Row({
        "property content-type",
        "property content-encoding",
        "property headers",
        "property delivery-mode",
        "property priority",
        "property correlation-id",
        "property reply-to",
        "property expiration",
        "property message-id",
        "property timestamp",
        "property type",
        "property user-id",
        "property app-id",
        "property cluster-id"
    })
    @SuppressWarnings("JavaUtilDate") // the client's API
    void propertiesComeBackAsTheyWere() throws Exception {
        AMQP.BasicProperties sent = new AMQP.BasicProperties(
                "text/plain",
                "identity",
                Map.of("n", 1, "b", true, "nested", Map.of("list", List.of(1, 2L, new Date(5_000)))),
                2,
                7,
                "c",
                "r",
                "600000",
                "m",
                new Date(1_000_000_000_000L),
                "t",
                "guest",
                "a",
                "k");
        channel.basicPublish("", queue, sent, new byte[] {1});
        assertEquals(sent, channel.basicGet(queue, true).getProps(), "7 is kept, although the queue has no priorities");
    }

    /** Confirms: each publish is confirmed once, in tags from 1 on, whatever came before confirm.select. */
    @Test
    @Row({"basic.ack", "confirm.select", "confirm.select-ok"})
    void confirmsCountFromConfirmSelect() throws Exception {
        publish(random(1));
        publish(random(1));
        channel.confirmSelect();
        channel.confirmSelect();
        List<Long> highest = Collections.synchronizedList(new ArrayList<>());
        channel.addConfirmListener((tag, multiple) -> highest.add(tag), (tag, multiple) -> highest.add(-tag));
        assertEquals(1, channel.getNextPublishSeqNo());
        for (int i = 0; i < 1000; i++) {
            publish(random(10));
        }
        assertTrue(channel.waitForConfirms(CONFIRM_TIMEOUT));
        assertEquals(1000, highest.get(highest.size() - 1));
        List<Long> sorted = new ArrayList<>(highest);
        Collections.sort(sorted);
        assertEquals(sorted, highest, "confirms come in order");
        assertEquals(1002, channel.messageCount(queue));
    }

    /** 1.8.3.9 basic.return: before the confirm, with properties and body. */
    @Test
    @Row({"basic.return", "312"})
    void anUnroutableMandatoryMessageIsReturnedBeforeItsConfirm() throws Exception {
        channel.confirmSelect();
        List<String> events = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<String> returned = new CompletableFuture<>();
        channel.addReturnListener(r -> {
            events.add("return " + r.getReplyCode() + " " + r.getReplyText() + " " + r.getExchange() + " "
                    + r.getRoutingKey());
            returned.complete(r.getProperties().getType() + new String(r.getBody(), StandardCharsets.UTF_8));
        });
        channel.addConfirmListener((tag, multiple) -> events.add("ack " + tag), (tag, m) -> events.add("nack"));
        AMQP.BasicProperties properties =
                new AMQP.BasicProperties.Builder().type("T").build();
        channel.basicPublish("amq.direct", "nowhere", true, properties, "body".getBytes(StandardCharsets.UTF_8));
        assertTrue(channel.waitForConfirms(CONFIRM_TIMEOUT));
        assertEquals("Tbody", ErrorCodes.await(returned));
        assertEquals(List.of("return 312 NO_ROUTE amq.direct nowhere", "ack 1"), events);
    }

    @Test
    void anUnroutableMessageThatIsNotMandatoryIsConfirmed() throws Exception {
        channel.confirmSelect();
        channel.addReturnListener(r -> {
            throw new AssertionError("returned");
        });
        channel.basicPublish("amq.direct", "nowhere", null, new byte[0]);
        assertTrue(channel.waitForConfirms(CONFIRM_TIMEOUT));
    }

    @Test
    @Row({"basic.publish", "404"})
    void publishingToNoExchangeClosesTheChannel() throws Exception {
        String text = ErrorCodes.channelClosed(
                404, channel, () -> channel.basicPublish("missing", "k", null, new byte[] {1}));
        assertEquals("NOT_FOUND - no exchange 'missing' in vhost '/'", text);
        try (Channel next = connection.createChannel()) {
            next.confirmSelect();
            next.basicPublish("", queue, null, new byte[] {2});
            assertTrue(next.waitForConfirms(CONFIRM_TIMEOUT), "the connection goes on");
        }
    }

    /** Publishes that are on their way when the channel fails don't disturb the next channel with its number. */
    @Test
    void aReusedChannelNumberStartsAnew() throws Exception {
        int number = channel.getChannelNumber();
        channel.confirmSelect();
        for (int i = 0; i < 50; i++) {
            publish(random(5));
        }
        ErrorCodes.channelClosed(404, channel, () -> channel.basicPublish("missing", "k", null, new byte[1]));
        Channel again = connection.createChannel(number);
        assertNotNull(again);
        again.confirmSelect();
        List<Long> tags = Collections.synchronizedList(new ArrayList<>());
        again.addConfirmListener((tag, multiple) -> tags.add(tag), (tag, multiple) -> tags.add(-tag));
        again.basicPublish("", queue, null, new byte[1]);
        assertTrue(again.waitForConfirms(CONFIRM_TIMEOUT));
        assertEquals(List.of(1L), tags);
        assertEquals(51, again.messageCount(queue));
    }

    @ParameterizedTest
    @Row("property expiration")
    @ValueSource(strings = {"", "-1", "1.5", "ten", "315360000001", "99999999999999999999", "1 "})
    void anExpirationIsMilliseconds(String expiration) throws Exception {
        AMQP.BasicProperties ttl =
                new AMQP.BasicProperties.Builder().expiration(expiration).build();
        String text = ErrorCodes.channelClosed(406, channel, () -> channel.basicPublish("", queue, ttl, new byte[1]));
        assertTrue(text.startsWith("PRECONDITION_FAILED - invalid expiration '" + expiration + "'"), text);
    }

    /** RabbitMQ's sender-selected distribution: what BCC names nobody sees. */
    @Test
    @Row({"header CC", "header BCC"})
    void ccAndBccNameFurtherRoutingKeys() throws Exception {
        String cc = channel.queueDeclare().getQueue();
        String bcc = channel.queueDeclare().getQueue();
        channel.confirmSelect();
        AMQP.BasicProperties copies =
                headers(Map.of("CC", List.of(cc, "nowhere"), "BCC", List.of(bcc, cc), "kept", "yes"));
        channel.basicPublish("", queue, true, copies, new byte[] {7});
        channel.basicPublish("", queue, true, headers(Map.of("kept", "no")), new byte[] {8});
        channel.basicPublish("", queue, true, copies, random(3_000_000));
        assertTrue(channel.waitForConfirms(CONFIRM_TIMEOUT));
        for (String q : List.of(queue, cc, bcc)) {
            GetResponse first = channel.basicGet(q, true);
            assertEquals(7, first.getBody()[0]);
            assertEquals(queue, first.getEnvelope().getRoutingKey());
            Map<String, Object> seen = first.getProps().getHeaders();
            assertEquals("[CC, kept]", new TreeMap<>(seen).keySet().toString());
            assertEquals("[" + cc + ", nowhere]", seen.get("CC").toString());
            if (q.equals(queue)) {
                assertEquals(8, channel.basicGet(q, true).getBody()[0]);
            }
            assertArrayEquals(random(3_000_000), channel.basicGet(q, true).getBody());
            assertNull(channel.basicGet(q, true));
        }
    }

    @Test
    void oneKeyThatLeadsSomewhereIsEnough() throws Exception {
        List<Integer> returned = new ArrayList<>();
        channel.addReturnListener(r -> returned.add(r.getReplyCode()));
        channel.confirmSelect();
        channel.basicPublish("", "nowhere", true, headers(Map.of("CC", List.of(queue))), new byte[1]);
        assertTrue(channel.waitForConfirms(CONFIRM_TIMEOUT));
        assertEquals(List.of(), returned);
        channel.basicPublish("", "nowhere", true, headers(Map.of("CC", List.of("nowhere too"))), new byte[1]);
        assertTrue(channel.waitForConfirms(CONFIRM_TIMEOUT));
        assertEquals(List.of(312), returned);
    }

    /** What does not fit the record's extension would end every node that applies it. */
    @Test
    void theKeysOfCopiesAreBoundedTogether() throws Exception {
        List<String> keys = Collections.nCopies(300, "k".repeat(250));
        String text = ErrorCodes.channelClosed(
                406, channel, () -> channel.basicPublish("", queue, headers(Map.of("CC", keys)), new byte[1]));
        assertEquals(
                "PRECONDITION_FAILED - the routing keys of CC and BCC are larger than 64511 bytes together: publish more"
                        + " than once",
                text);
    }

    @ParameterizedTest
    @Row({"header CC", "header BCC"})
    @ValueSource(strings = {"CC", "BCC"})
    void copiesAreAnArrayOfStrings(String header) throws Exception {
        List<String> tooMany = Collections.nCopies(PublishHeaders.MOST_KEYS + 1, "k");
        for (Object value : List.of("other", List.of(5), tooMany, List.of("k".repeat(256)))) {
            Channel c = connection.createChannel();
            String text = ErrorCodes.channelClosed(
                    406, c, () -> c.basicPublish("", queue, headers(Map.of(header, value)), new byte[1]));
            assertEquals(
                    "PRECONDITION_FAILED - invalid header '" + header
                            + "': an array of up to 300 strings of up to 255 bytes, the further routing keys, expected",
                    text);
        }
    }

    @Test
    void aHeaderThatOnlyContainsTheNameIsFine() throws Exception {
        AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder()
                .headers(Map.of("x", "CC", "BCCX", "CC"))
                .build();
        channel.confirmSelect();
        channel.basicPublish("", queue, properties, new byte[1]);
        assertTrue(channel.waitForConfirms(CONFIRM_TIMEOUT));
    }

    @Test
    @Row({"basic.publish", "540"})
    void immediateIsRefused() throws Exception {
        ErrorCodes.connectionClosed(
                540, connection, () -> channel.basicPublish("", queue, false, true, null, new byte[1]));
    }

    /** RabbitMQ's validated user-id. */
    @Test
    @Row("property user-id")
    void aForeignUserIdIsRefused() throws Exception {
        AMQP.BasicProperties properties =
                new AMQP.BasicProperties.Builder().userId("root").build();
        String text =
                ErrorCodes.channelClosed(406, channel, () -> channel.basicPublish("", queue, properties, new byte[1]));
        assertEquals("PRECONDITION_FAILED - user_id property set to 'root' but authenticated user was 'guest'", text);
    }

    @Test
    void aBodyOverTheMaximumIsRefused() throws Exception {
        String text = ErrorCodes.channelClosed(406, channel, () -> publish(new byte[(16 << 20) + 1]));
        assertEquals("PRECONDITION_FAILED - message size 16777217 is larger than configured max size 16777216", text);
        try (Channel next = connection.createChannel()) {
            assertNotNull(next.queueDeclarePassive(queue));
        }
    }

    @Test
    void transactionsOnAConfirmChannelAreRefused() throws Exception {
        channel.confirmSelect();
        String text = ErrorCodes.channelClosed(406, channel, channel::txSelect);
        assertEquals("PRECONDITION_FAILED - cannot switch from confirm to tx mode", text);
    }

    /** Several channels of a connection at once, with bodies in many frames: nothing is mixed up. */
    @Test
    void channelsDoNotMix() throws Exception {
        int channels = 8;
        int messages = 30;
        List<CompletableFuture<Void>> publishers = new ArrayList<>();
        for (int c = 0; c < channels; c++) {
            int seed = c;
            publishers.add(CompletableFuture.runAsync(() -> publishMany(seed, messages)));
        }
        for (CompletableFuture<Void> publisher : publishers) {
            ErrorCodes.await(publisher);
        }
        int[] next = new int[channels];
        for (int i = 0; i < channels * messages; i++) {
            GetResponse got = channel.basicGet(queue, true);
            int seed = Integer.parseInt(got.getProps().getAppId());
            int n = Integer.parseInt(got.getProps().getMessageId());
            assertEquals(next[seed]++, n, "the order of a channel's messages");
            assertArrayEquals(random(size(seed, n)), got.getBody());
        }
    }

    private static int size(int seed, int n) {
        return (seed * 7919 + n * 104_729) % 400_000;
    }

    private void publishMany(int seed, int messages) {
        try (Channel own = connection.createChannel()) {
            own.confirmSelect();
            for (int n = 0; n < messages; n++) {
                AMQP.BasicProperties properties = MessageProperties.BASIC
                        .builder()
                        .appId(Integer.toString(seed))
                        .messageId(Integer.toString(n))
                        .build();
                own.basicPublish("", queue, properties, random(size(seed, n)));
            }
            assertTrue(own.waitForConfirms(CONFIRM_TIMEOUT));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
