package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.RpcClient;
import com.rabbitmq.client.RpcClientParams;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.ErrorCodes;
import io.tallymq.amqp.session.RawClient;
import io.tallymq.amqp.session.ServerCase;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.BasicProperties;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.Frame;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.ShortString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests and replies without a queue for the replies, with the real client. */
class DirectReplyToTest extends ServerCase {
    private static final String REPLY_TO = "amq.rabbitmq.reply-to";

    private Connection asking;
    private Connection answering;
    private Channel requester;
    private Channel responder;
    private String requests;
    private final BlockingQueue<Delivery> replies = new LinkedBlockingQueue<>();

    @BeforeEach
    void connect() throws Exception {
        asking = server.connect();
        answering = server.connect();
        requester = asking.createChannel();
        responder = answering.createChannel();
        requests = responder.queueDeclare("", false, false, true, null).getQueue();
    }

    @AfterEach
    void disconnect() {
        asking.abort();
        answering.abort();
    }

    private String consume() throws IOException {
        return requester.basicConsume(REPLY_TO, true, (tag, reply) -> replies.add(reply), tag -> {});
    }

    private static AMQP.BasicProperties asks() {
        return new AMQP.BasicProperties.Builder().replyTo(REPLY_TO).build();
    }

    /** The name that a request of the requester's carries. */
    private String address() throws IOException {
        requester.basicPublish("", requests, asks(), new byte[] {1});
        requester.queueDeclarePassive(requests);
        return responder.basicGet(requests, true).getProps().getReplyTo();
    }

    private Delivery reply() throws InterruptedException {
        return replies.poll(60, TimeUnit.SECONDS);
    }

    /** All replies published before are delivered, or never will be. */
    private void settle() throws IOException {
        responder.queueDeclarePassive(requests);
        requester.queueDeclarePassive(requests);
    }

    @Test
    @Row({"name amq.rabbitmq.reply-to", "property reply-to"})
    void theReplyComesToWhoAsked() throws Exception {
        String tag = consume();
        String address = address();
        assertTrue(address.matches("amq\\.rabbitmq\\.reply-to\\.[A-Za-z0-9_-]{22}"), address);
        AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder()
                .correlationId("7")
                .headers(Map.of("h", 1))
                .build();
        responder.basicPublish("", address, properties, new byte[] {1, 2, 3});
        Delivery reply = reply();
        assertArrayEquals(new byte[] {1, 2, 3}, reply.getBody());
        assertEquals("7", reply.getProperties().getCorrelationId());
        assertEquals(1, reply.getProperties().getHeaders().get("h"));
        assertEquals("", reply.getEnvelope().getExchange());
        assertEquals(address, reply.getEnvelope().getRoutingKey());
        assertEquals(1, reply.getEnvelope().getDeliveryTag());
        assertFalse(reply.getEnvelope().isRedeliver());
        assertTrue(tag.startsWith("amq.ctag-"), tag);
        assertEquals(address, address(), "a consumer has one name");
        responder.basicPublish("", address, null, new byte[0]);
        reply = reply();
        assertEquals(0, reply.getBody().length);
        assertEquals(2, reply.getEnvelope().getDeliveryTag());
    }

    /** All but the name stays as it was sent. */
    @Test
    void onlyReplyToIsRewritten() throws Exception {
        consume();
        AMQP.BasicProperties all = new AMQP.BasicProperties(
                "text/plain",
                "utf-8",
                Map.of("a", 1, "BCC", List.of("nowhere")),
                2,
                5,
                "corr",
                REPLY_TO,
                null,
                "id",
                new Date(1_000),
                "type",
                "guest",
                "app",
                "");
        requester.basicPublish("", requests, all, new byte[1]);
        AMQP.BasicProperties plain = asks().builder().replyTo("elsewhere").build();
        requester.basicPublish("", requests, plain, new byte[1]);
        requester.queueDeclarePassive(requests);
        AMQP.BasicProperties got = responder.basicGet(requests, true).getProps();
        assertTrue(got.getReplyTo().startsWith(REPLY_TO + "."));
        assertEquals(
                all.builder().replyTo(got.getReplyTo()).headers(Map.of("a", 1)).build(), got);
        assertEquals("corr", got.getCorrelationId());
        assertEquals("app", got.getAppId());
        assertEquals("elsewhere", responder.basicGet(requests, true).getProps().getReplyTo());
    }

    /** What the libraries' own RPC client does. */
    @Test
    void rpcClient() throws Exception {
        responder.basicConsume(
                requests,
                true,
                (tag, request) -> {
                    AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder()
                            .correlationId(request.getProperties().getCorrelationId())
                            .build();
                    String answer = "re: " + new String(request.getBody(), StandardCharsets.UTF_8);
                    responder.basicPublish(
                            "",
                            request.getProperties().getReplyTo(),
                            properties,
                            answer.getBytes(StandardCharsets.UTF_8));
                },
                tag -> {});
        try (RpcClient client = new RpcClient(new RpcClientParams()
                .channel(requester)
                .exchange("")
                .routingKey(requests)
                .timeout(20_000))) {
            for (int i = 0; i < 200; i++) {
                assertEquals("re: " + i, client.stringCall("" + i));
            }
        }
    }

    @Test
    void whatIsRefused() throws Exception {
        Channel c = asking.createChannel();
        String text = ErrorCodes.channelClosed(406, c, () -> c.basicPublish("", requests, asks(), new byte[1]));
        assertEquals("PRECONDITION_FAILED - fast reply consumer does not exist", text);
        Channel acks = asking.createChannel();
        text = ErrorCodes.channelClosed(406, acks, () -> acks.basicConsume(REPLY_TO, false, (t, d) -> {}, t -> {}));
        assertEquals("PRECONDITION_FAILED - reply consumer cannot acknowledge", text);
        consume();
        text = ErrorCodes.channelClosed(406, requester, this::consume);
        assertEquals("PRECONDITION_FAILED - reply consumer already set", text);
        String name = REPLY_TO;
        text = ErrorCodes.channelClosed(403, responder, () -> responder.queueBind(name, "amq.direct", "k"));
        assertEquals(
                "ACCESS_REFUSED - 'amq.rabbitmq.reply-to' is no queue and can't be bound: publish to it by the default exchange",
                text);
    }

    @Test
    void aCancelledConsumerIsGone() throws Exception {
        String tag = consume();
        String address = address();
        requester.basicCancel(tag);
        responder.basicPublish("", address, null, new byte[1]);
        settle();
        assertNull(replies.poll());
        consume();
        String next = address();
        assertNotEquals(address, next, "who knows the old one can't reach the new one");
        responder.basicPublish("", address, null, new byte[] {1});
        responder.basicPublish("", next, null, new byte[] {2});
        assertEquals(2, reply().getBody()[0]);
    }

    /** The client publishes the same octets again: what was rewritten for the consumer before must not go out. */
    @Test
    void theSameRequestAfterACancelIsRefused() throws Exception {
        String tag = consume();
        address();
        requester.basicCancel(tag);
        String text = ErrorCodes.channelClosed(
                406, requester, () -> requester.basicPublish("", requests, asks(), new byte[1]));
        assertEquals("PRECONDITION_FAILED - fast reply consumer does not exist", text);
    }

    @Test
    @Row("name amq.rabbitmq.reply-to")
    void declareTellsWhetherSomebodyWaits() throws Exception {
        consume();
        String address = address();
        AMQP.Queue.DeclareOk ok = responder.queueDeclarePassive(address);
        assertEquals(address, ok.getQueue());
        assertEquals(1, ok.getConsumerCount());
        assertEquals(0, ok.getMessageCount());
        assertEquals(1, responder.queueDeclare(address, false, true, true, null).getConsumerCount());
        assertEquals(REPLY_TO, responder.queueDeclarePassive(REPLY_TO).getQueue());
        requester.close();
        String text = ErrorCodes.channelClosed(404, responder, () -> responder.queueDeclarePassive(address));
        assertEquals("NOT_FOUND - no queue '" + address + "' in vhost '/'", text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"channel", "connection", "never"})
    void aLateReplyIsUnroutable(String gone) throws Exception {
        consume();
        String address = gone.equals("never") ? REPLY_TO + ".AAAA" : address();
        if (gone.equals("channel")) {
            requester.close();
        } else if (gone.equals("connection")) {
            asking.close();
        }
        List<Integer> returned = new ArrayList<>();
        responder.addReturnListener(r -> returned.add(r.getReplyCode()));
        responder.confirmSelect();
        responder.basicPublish("", address, false, null, new byte[1]);
        assertTrue(responder.waitForConfirms(20_000));
        assertEquals(List.of(), returned);
        responder.basicPublish("", address, true, null, new byte[1]);
        responder.basicPublish("", address, true, null, new byte[3_000_000]);
        assertTrue(responder.waitForConfirms(20_000));
        assertEquals(List.of(312, 312), returned);
    }

    /** A number that a new channel has is not the old one's. */
    @Test
    void aNewChannelWithTheNumberIsNotReached() throws Exception {
        consume();
        String address = address();
        int number = requester.getChannelNumber();
        requester.close();
        requester = asking.createChannel(number);
        consume();
        responder.basicPublish("", address, null, new byte[1]);
        settle();
        assertNull(replies.poll());
    }

    @Test
    void aReplyIsConfirmedAndNotReturned() throws Exception {
        consume();
        String address = address();
        List<Integer> returned = new ArrayList<>();
        responder.addReturnListener(r -> returned.add(r.getReplyCode()));
        responder.confirmSelect();
        responder.basicPublish("", address, true, null, new byte[1]);
        assertTrue(responder.waitForConfirms(20_000));
        assertEquals(1, reply().getBody().length);
        assertEquals(List.of(), returned);
    }

    @ParameterizedTest
    @ValueSource(ints = {300_000, 1 << 20, (1 << 20) + 1, 9_000_001})
    void largeReplies(int size) throws Exception {
        consume();
        String address = address();
        responder.confirmSelect();
        byte[] body = new byte[size];
        new Random(size).nextBytes(body);
        for (int i = 0; i < 3; i++) {
            body[0] = (byte) i;
            responder.basicPublish("", address, null, body.clone());
            responder.basicPublish("", address, null, new byte[] {(byte) i});
        }
        assertTrue(responder.waitForConfirms(20_000));
        for (int i = 0; i < 3; i++) {
            body[0] = (byte) i;
            assertArrayEquals(body, reply().getBody());
            assertEquals(i, reply().getBody()[0]);
        }
    }

    @Test
    void withinATransaction() throws Exception {
        consume();
        String address = address();
        responder.txSelect();
        responder.basicPublish("", address, null, new byte[] {1});
        responder.basicPublish("", requests, null, new byte[] {2});
        responder.basicPublish("", address, null, new byte[700_000]);
        responder.basicPublish("", address, null, new byte[2_000_000]);
        settle();
        assertNull(replies.poll());
        responder.txCommit();
        assertEquals(1, reply().getBody().length);
        assertEquals(700_000, reply().getBody().length);
        assertEquals(2_000_000, reply().getBody().length);
        responder.basicPublish("", address, null, new byte[] {3});
        responder.txRollback();
        settle();
        assertNull(replies.poll());
        requester.txSelect();
        requester.basicPublish("", requests, asks(), new byte[1]);
        requester.txCommit();
        assertEquals(2, responder.basicGet(requests, true).getBody()[0]);
        assertEquals(address, responder.basicGet(requests, true).getProps().getReplyTo());
    }

    /** Replies and the messages of an ordinary consumer share the channel and its tags. */
    @Test
    void besideAnOrdinaryConsumer() throws Exception {
        consume();
        String address = address();
        String work = requester.queueDeclare("", false, true, false, null).getQueue();
        List<Long> tags = new ArrayList<>();
        CompletableFuture<Void> all = new CompletableFuture<>();
        requester.basicConsume(
                work,
                false,
                (tag, d) -> {
                    tags.add(d.getEnvelope().getDeliveryTag());
                    requester.basicAck(d.getEnvelope().getDeliveryTag(), false);
                    if (tags.size() == 100) {
                        all.complete(null);
                    }
                },
                tag -> {});
        for (int i = 0; i < 100; i++) {
            responder.basicPublish("", work, null, new byte[1]);
            responder.basicPublish("", address, null, new byte[] {(byte) i});
        }
        ErrorCodes.await(all);
        for (int i = 0; i < 100; i++) {
            Delivery d = reply();
            assertEquals(i, d.getBody()[0]);
            assertFalse(tags.contains(d.getEnvelope().getDeliveryTag()));
        }
        assertEquals(100, tags.stream().distinct().count());
        requester.close();
        assertEquals(0, asking.createChannel().queueDeclarePassive(work).getMessageCount(), "all acks counted");
    }

    /** consume, publish and cancel in one go, without waiting for an answer. */
    @Test
    void pipelined() throws Exception {
        try (RawClient client = server.raw().open().openChannel(1)) {
            client.send(1, new BasicMethod.Consume(REPLY_TO, "t", false, true, false, true, FieldTable.EMPTY));
            client.send(1, new BasicMethod.Cancel("t", true));
            client.send(1, new BasicMethod.Consume(REPLY_TO, "t", false, true, false, false, FieldTable.EMPTY));
            assertEquals("t", client.expect(BasicMethod.ConsumeOk.class).consumerTag());
            client.send(1, new BasicMethod.Cancel("t", false));
            assertEquals("t", client.expect(BasicMethod.CancelOk.class).consumerTag());
            client.send(1, new BasicMethod.Cancel("t", false));
            assertEquals("t", client.expect(BasicMethod.CancelOk.class).consumerTag(), "nothing to cancel");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void itsTagIsNobodyElses(boolean first) throws Exception {
        try (RawClient client = server.raw().open().openChannel(1)) {
            String one = first ? REPLY_TO : requests;
            String other = first ? requests : REPLY_TO;
            client.send(1, new BasicMethod.Consume(one, "t", false, true, false, false, FieldTable.EMPTY));
            client.expect(BasicMethod.ConsumeOk.class);
            client.send(1, new BasicMethod.Consume(other, "t", false, true, false, false, FieldTable.EMPTY));
            ConnectionMethod.Close close = client.expect(ConnectionMethod.Close.class);
            assertEquals("NOT_ALLOWED - attempt to reuse consumer tag 't'", close.replyText());
        }
    }

    /** What a client that does not read is answered is bounded, the rest is dropped; nobody waits for it. */
    @Test
    void repliesNobodyReadsAreBounded() throws Exception {
        int size = 100_000;
        try (RawClient slow = server.raw().open().openChannel(1)) {
            slow.send(1, new BasicMethod.Consume(REPLY_TO, "t", false, true, false, false, FieldTable.EMPTY));
            slow.expect(BasicMethod.ConsumeOk.class);
            ByteBuf out = Unpooled.buffer();
            byte[] properties = BasicProperties.builder()
                    .text(BasicProperties.Property.REPLY_TO, REPLY_TO)
                    .build()
                    .raw();
            ShortString key = ShortString.of(requests);
            FrameWriter.method(out, 1, new BasicMethod.Publish(ShortString.EMPTY, key, false, false));
            FrameWriter.header(out, 1, 0, properties, 0, properties.length);
            slow.send(out);
            GetResponse request = null;
            while (request == null) {
                request = responder.basicGet(requests, true);
            }
            String address = request.getProps().getReplyTo();
            responder.confirmSelect();
            int sent = 0;
            long before = server.broker().runtime().metrics().droppedReplies();
            while (server.broker().runtime().metrics().droppedReplies() == before) {
                responder.basicPublish("", address, null, new byte[size]);
                sent++;
                assertTrue(responder.waitForConfirms(20_000));
                assertTrue(sent < 2_000, "it is kept for ever");
            }
            for (int i = 0; i < 50; i++) {
                responder.basicPublish("", address, null, new byte[size]);
            }
            assertTrue(responder.waitForConfirms(20_000));
            long dropped = server.broker().runtime().metrics().droppedReplies() - before;
            assertTrue(dropped > 45, "dropped " + dropped);
            int got = sent + 50 - (int) dropped;
            for (int i = 0; i < got; i++) {
                assertEquals(i + 1, slow.expect(BasicMethod.Deliver.class).deliveryTag());
                read(slow, size);
            }
            responder.basicPublish("", address, null, new byte[3]);
            assertEquals(got + 1, slow.expect(BasicMethod.Deliver.class).deliveryTag(), "there is room again");
            read(slow, 3);
        }
    }

    private static void read(RawClient client, int size) throws IOException {
        assertEquals(Frame.HEADER, client.receive().type());
        for (int read = 0; read < size; ) {
            RawClient.Received frame = client.receive();
            assertEquals(Frame.BODY, frame.type());
            read += frame.payload().length;
        }
    }
}
