package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.session.RawClient;
import io.tallymq.amqp.session.ServerCase;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.BasicProperties;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.ConfirmMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.Frame;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.QueueMethod;
import io.tallymq.amqp.wire.ShortString;
import io.tallymq.broker.message.MessageHeaders;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Properties are limited by frame-max and nothing else; no header frame is larger than what its client asked for. */
class LargePropertiesTest extends ServerCase {
    private static final int FRAME_MAX = 131_072;
    /** A header frame without properties but for the flags. */
    private static final int FRAME = 8 + 12;

    /** Properties of exactly this many octets. */
    private static byte[] properties(int octets) {
        byte[] small = BasicProperties.builder()
                .headers(FieldTable.of(Map.of("h", "")))
                .build()
                .raw();
        char[] text = new char[octets - small.length];
        Arrays.fill(text, 'x');
        return BasicProperties.builder()
                .headers(FieldTable.of(Map.of("h", new String(text))))
                .build()
                .raw();
    }

    private static RawClient queue(String name) throws IOException {
        RawClient client = server.raw().open(FRAME_MAX, 0).openChannel(1);
        FieldTable quorum = FieldTable.of(Map.of("x-queue-type", "quorum"));
        client.send(1, new QueueMethod.Declare(name, false, true, false, false, false, quorum));
        client.expect(QueueMethod.DeclareOk.class);
        client.send(1, new ConfirmMethod.Select(false));
        client.expect(ConfirmMethod.SelectOk.class);
        return client;
    }

    private static void publish(RawClient client, String key, byte[] properties, int bodySize) throws IOException {
        ByteBuf out = Unpooled.buffer();
        FrameWriter.method(out, 1, new BasicMethod.Publish(ShortString.EMPTY, ShortString.of(key), true, false));
        FrameWriter.header(out, 1, bodySize, properties, 0, properties.length);
        FrameWriter.body(out, 1, new byte[bodySize], 0, bodySize, FRAME_MAX);
        client.send(out);
    }

    /** Gets the message and returns its properties. */
    private static byte[] get(RawClient client, String queue, boolean redelivered) throws IOException {
        client.send(1, new BasicMethod.Get(queue, false));
        assertEquals(redelivered, client.expect(BasicMethod.GetOk.class).redelivered());
        return header(client);
    }

    private static byte[] header(RawClient client) throws IOException {
        RawClient.Received header = client.receive();
        assertEquals(Frame.HEADER, header.type());
        assertTrue(header.payload().length + 8 <= FRAME_MAX, "a header frame over frame-max");
        return Arrays.copyOfRange(header.payload(), 12, header.payload().length);
    }

    @ParameterizedTest
    @ValueSource(ints = {65_535, 65_536, 100_000, FRAME_MAX - FRAME})
    void comeBackAsTheyWere(int size) throws IOException {
        String queue = "props-" + size;
        try (RawClient client = queue(queue)) {
            byte[] sent = properties(size);
            publish(client, queue, sent, 0);
            client.expect(BasicMethod.Ack.class);
            assertArrayEquals(sent, get(client, queue, false));
            publish(client, "nowhere", sent, 0);
            client.expect(BasicMethod.Return.class);
            assertArrayEquals(sent, header(client));
        }
    }

    /** With the largest body that stands in one entry of the log, and beside one in parts. */
    @ParameterizedTest
    @ValueSource(ints = {1 << 20, (1 << 20) + 1})
    void besideALargeBody(int bodySize) throws IOException {
        String queue = "body-" + bodySize;
        try (RawClient client = queue(queue)) {
            byte[] sent = properties(FRAME_MAX - FRAME);
            publish(client, queue, sent, bodySize);
            client.expect(BasicMethod.Ack.class);
            assertArrayEquals(sent, get(client, queue, false));
        }
    }

    @Test
    void aFrameMoreIsRefusedByTheFrameLayer() throws IOException {
        try (RawClient client = queue("over")) {
            publish(client, "over", properties(FRAME_MAX - FRAME + 1), 0);
            assertEquals(501, client.expect(ConnectionMethod.Close.class).replyCode());
        }
    }

    /** The count of failed attempts goes into the frame if it has room for it. */
    @Test
    void aRedeliveryIsNotLargerThanAFrame() throws IOException {
        try (RawClient client = queue("redelivered")) {
            byte[] sent = properties(FRAME_MAX - FRAME - 10);
            publish(client, "redelivered", sent, 0);
            client.expect(BasicMethod.Ack.class);
            get(client, "redelivered", false);
            client.send(1, new BasicMethod.Reject(1, true));
            assertArrayEquals(sent, get(client, "redelivered", true));
        }
    }

    /** Its history makes room for it: what the publisher sent is what counts. */
    @Test
    void aDeadLetterIsNotLargerThanAFrame() throws IOException {
        for (int size : new int[] {FRAME_MAX - FRAME - 400, FRAME_MAX - FRAME}) {
            String queue = "dies-" + size;
            try (RawClient client = queue(queue + "-dead")) {
                FieldTable arguments = FieldTable.of(Map.of(
                        "x-queue-type",
                        "quorum",
                        "x-dead-letter-exchange",
                        "",
                        "x-dead-letter-routing-key",
                        queue + "-dead"));
                client.send(1, new QueueMethod.Declare(queue, false, true, false, false, false, arguments));
                client.expect(QueueMethod.DeclareOk.class);
                byte[] sent = properties(size);
                publish(client, queue, sent, 0);
                client.expect(BasicMethod.Ack.class);
                get(client, queue, false);
                client.send(1, new BasicMethod.Reject(1, false));
                byte[] dead = getWhenThere(client, queue + "-dead");
                Map<String, Object> headers = MessageHeaders.decode(dead, 0, dead.length);
                assertEquals(MessageHeaders.decode(sent, 0, sent.length).get("h"), headers.get("h"));
                assertEquals(size < FRAME_MAX - FRAME, headers.containsKey("x-death"));
            }
        }
    }

    /** Dead letters go their way after the settle. */
    private static byte[] getWhenThere(RawClient client, String queue) throws IOException {
        while (true) {
            client.send(1, new BasicMethod.Get(queue, false));
            Method m = client.expect(Method.class);
            if (m instanceof BasicMethod.GetOk) {
                return header(client);
            }
        }
    }

    /** Who chose small frames can't get it: told so, and the message stays for others; that it failed counts. */
    @Test
    void aClientWithSmallerFramesIsToldWhatItNeeds() throws IOException {
        try (RawClient publisher = queue("small");
                RawClient small = server.raw().open(4096, 0).openChannel(1)) {
            byte[] sent = properties(5000);
            publish(publisher, "small", sent, 3);
            publisher.expect(BasicMethod.Ack.class);
            small.send(1, new BasicMethod.Consume("small", "t", false, false, false, false, FieldTable.EMPTY));
            small.expect(BasicMethod.ConsumeOk.class);
            ConnectionMethod.Close close = small.expect(ConnectionMethod.Close.class);
            assertEquals(501, close.replyCode());
            assertTrue(close.replyText().contains("5020") && close.replyText().contains("4096"), close.replyText());
            small.send(0, new ConnectionMethod.CloseOk());
            byte[] again = get(publisher, "small", true);
            assertEquals(
                    1L,
                    MessageHeaders.decode(again, 0, again.length).get("x-delivery-count"),
                    "else a consumer that comes again would have it for ever");
            assertFalse(publisher.receive().payload().length == 0);
            publisher.send(1, new ChannelMethod.Close(200, "", 0, 0));
            publisher.expect(ChannelMethod.CloseOk.class);
        }
    }
}
