package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.Frame;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.MethodCodec;
import io.tallymq.amqp.wire.QueueMethod;
import io.tallymq.amqp.wire.ShortString;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * 4.10 of the specification, and what peers were bitten by: whatever one client sends, it gets a clear error and nobody else
 * notices. A good client works before and after each of these.
 */
class BadInputTest {
    private static TestServer server;
    private static Connection good;

    @BeforeAll
    static void start() throws Exception {
        server = new TestServer();
        good = server.connect();
    }

    @AfterAll
    static void stop() {
        good.abort();
        server.close();
    }

    @AfterEach
    void othersAreServedAsBefore() throws Exception {
        try (Channel channel = good.createChannel()) {
            String queue = channel.queueDeclare().getQueue();
            channel.basicPublish("", queue, null, new byte[] {42});
            assertArrayEquals(new byte[] {42}, channel.basicGet(queue, true).getBody());
            channel.queueDelete(queue);
        }
    }

    private static RawClient openChannel() throws IOException {
        return server.raw().open().openChannel(1);
    }

    private static ConnectionMethod.Close closed(int code, RawClient client) throws IOException {
        ConnectionMethod.Close close = client.expect(ConnectionMethod.Close.class);
        assertEquals(code, close.replyCode(), close.replyText());
        return close;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void garbageFromTheFirstOctetOn(long seed) throws IOException {
        byte[] garbage = new byte[5000];
        new Random(seed).nextBytes(garbage);
        try (RawClient client = server.raw()) {
            client.send(garbage);
            byte[] answer = new byte[4];
            for (int i = 0; i < answer.length; i++) {
                answer[i] = (byte) client.read();
            }
            assertArrayEquals("AMQP".getBytes(StandardCharsets.US_ASCII), answer);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void garbageOnAnOpenConnection(long seed) throws IOException {
        Random random = new Random(seed);
        try (RawClient client = openChannel()) {
            byte[] garbage = new byte[2000];
            random.nextBytes(garbage);
            garbage[0] = (byte) (1 + random.nextInt(3));
            garbage[1] = 0;
            garbage[2] = (byte) random.nextInt(2);
            garbage[3] = 0;
            garbage[4] = 0;
            garbage[5] = (byte) random.nextInt(4);
            client.send(garbage);
            Method answer = client.receiveMethod();
            assertTrue(answer instanceof ConnectionMethod.Close, () -> "got " + answer);
        }
    }

    /** 4.2.3: the general frame format. */
    @ParameterizedTest
    @Row("501")
    @CsvSource({"0,501", "4,501", "7,501", "9,501", "255,501"})
    void anUnknownFrameType(int type, int code) throws IOException {
        try (RawClient client = openChannel()) {
            client.frame(type, 0, new byte[4], Frame.END);
            closed(code, client);
        }
    }

    @Test
    void aWrongFrameEnd() throws IOException {
        try (RawClient client = openChannel()) {
            ByteBuf payload = Unpooled.buffer();
            MethodCodec.encode(new ChannelMethod.Flow(true), payload);
            byte[] octets = new byte[payload.readableBytes()];
            payload.readBytes(octets);
            client.frame(Frame.METHOD, 1, octets, 0);
            closed(501, client);
        }
    }

    @Test
    void aFrameOverFrameMax() throws IOException {
        try (RawClient client = server.raw().open(4096, 0).openChannel(1)) {
            client.frame(Frame.METHOD, 1, new byte[5000], Frame.END);
            closed(501, client);
        }
    }

    @Test
    void aFrameThatDeclaresFourGigabytes() throws IOException {
        try (RawClient client = openChannel()) {
            client.send(new byte[] {1, 0, 1, -1, -1, -1, -1});
            closed(501, client);
        }
    }

    @ParameterizedTest
    @Row("540")
    @CsvSource({"60,99", "61,10", "0,0", "65535,65535", "10,13"})
    void anUnknownMethod(int classId, int methodId) throws IOException {
        try (RawClient client = openChannel()) {
            byte[] ids = {(byte) (classId >> 8), (byte) classId, (byte) (methodId >> 8), (byte) methodId};
            client.frame(Frame.METHOD, 1, ids, Frame.END);
            ConnectionMethod.Close close = closed(540, client);
            assertEquals(classId, close.failedClassId());
            assertEquals(methodId, close.failedMethodId());
        }
    }

    @Test
    @Row("503")
    void aMethodThatOnlyServersSend() throws IOException {
        try (RawClient client = openChannel()) {
            client.send(1, new BasicMethod.ConsumeOk("t"));
            closed(503, client);
        }
    }

    @Test
    @Row("501")
    void aMethodThatIsCutOff() throws IOException {
        try (RawClient client = openChannel()) {
            client.frame(Frame.METHOD, 1, new byte[] {0, 50, 0, 10, 0, 0, 20, 'q'}, Frame.END);
            ConnectionMethod.Close close = closed(501, client);
            assertEquals(50, close.failedClassId());
        }
    }

    private static BasicMethod.Publish publish() {
        return new BasicMethod.Publish(ShortString.EMPTY, ShortString.of("nowhere"), false, false);
    }

    /** 4.2.6: method, header, body, in this order. */
    @Test
    void aBodyLongerThanDeclared() throws IOException {
        try (RawClient client = openChannel()) {
            client.send(1, publish());
            client.header(1, 60, 10);
            client.body(1, new byte[6]);
            client.body(1, new byte[5]);
            closed(501, client);
        }
    }

    @Test
    @Row("505")
    void aHeaderWithoutMethod() throws IOException {
        try (RawClient client = openChannel()) {
            client.header(1, 60, 10);
            closed(505, client);
        }
    }

    @Test
    void aBodyWithoutHeader() throws IOException {
        try (RawClient client = openChannel()) {
            client.send(1, publish());
            client.body(1, new byte[1]);
            closed(505, client);
        }
    }

    @Test
    void aMethodWithinContent() throws IOException {
        try (RawClient client = openChannel()) {
            client.send(1, publish());
            client.header(1, 60, 10);
            client.send(1, publish());
            closed(505, client);
        }
    }

    @Test
    void aHeaderOfAnotherClass() throws IOException {
        try (RawClient client = openChannel()) {
            client.send(1, publish());
            client.header(1, 50, 10);
            closed(505, client);
        }
    }

    private static byte[] header(int classId, int weight, long bodySize) {
        ByteBuf out = Unpooled.buffer();
        out.writeShort(classId).writeShort(weight).writeLong(bodySize).writeShort(0);
        byte[] payload = new byte[out.readableBytes()];
        out.readBytes(payload);
        return payload;
    }

    /** E19: whether a header is due comes before what is wrong with it; only what has no header's length is malformed. */
    @ParameterizedTest
    @CsvSource({
        "false, 60, 1, 3, 505",
        "true, 60, 1, 3, 505",
        "true, 50, 0, 3, 505",
        "false, 50, 10, -1, 505",
        "true, 50, 10, -1, 505",
        "false, 60, 0, -1, 505",
        "true, 60, 0, -1, 501"
    })
    void headersThatAreNotDueOrNotRight(boolean due, int classId, int weight, long bodySize, int code)
            throws IOException {
        try (RawClient client = openChannel()) {
            if (due) {
                client.send(1, publish());
            }
            client.frame(Frame.HEADER, 1, header(classId, weight, bodySize), Frame.END);
            closed(code, client);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHeaderThatIsTooShort(boolean due) throws IOException {
        try (RawClient client = openChannel()) {
            if (due) {
                client.send(1, publish());
            }
            client.frame(Frame.HEADER, 1, new byte[] {0, 60, 0, 0}, Frame.END);
            closed(501, client);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aMethodFrameWithoutItsIds(int octets) throws IOException {
        try (RawClient client = openChannel()) {
            client.frame(Frame.METHOD, 1, new byte[octets], Frame.END);
            closed(501, client);
        }
    }

    /** Channel 0 is the connection's: 504 for all that has no place there. */
    @Test
    @Row("504")
    void methodsWithoutAPlaceOnChannelZero() throws IOException {
        List<Method> misplaced = List.of(
                new QueueMethod.Declare("q", false, false, false, true, false, noTable()),
                publish(),
                new ChannelMethod.Open(),
                RawClient.startOk("guest", "guest"),
                new ConnectionMethod.Open("/"),
                new ConnectionMethod.OpenOk(),
                new ConnectionMethod.CloseOk());
        for (Method method : misplaced) {
            try (RawClient client = openChannel()) {
                client.send(0, method);
                closed(504, client);
            }
        }
    }

    /** A header of the message whose name is not UTF-8: it goes through as it came. */
    @Test
    void aHeaderNameThatIsNotUtf8() throws IOException {
        try (RawClient client = openChannel()) {
            client.send(1, new QueueMethod.Declare("octets", false, false, true, false, false, noTable()));
            client.expect(QueueMethod.DeclareOk.class);
            byte[] properties = {0x20, 0, 0, 0, 0, 9, 2, -1, -2, 'S', 0, 0, 0, 1, 'v'};
            ByteBuf out = Unpooled.buffer();
            FrameWriter.method(
                    out, 1, new BasicMethod.Publish(ShortString.EMPTY, ShortString.of("octets"), false, false));
            FrameWriter.header(out, 1, 0, properties, 0, properties.length);
            client.send(out);
            client.send(1, new BasicMethod.Get("octets", true));
            client.expect(BasicMethod.GetOk.class);
            byte[] header = client.receive().payload();
            assertArrayEquals(properties, Arrays.copyOfRange(header, 12, header.length));
        }
    }

    @Test
    void contentOnChannelZero() throws IOException {
        try (RawClient client = openChannel()) {
            client.header(0, 60, 10);
            closed(505, client);
        }
    }

    @Test
    void contentOnAChannelThatIsNotOpen() throws IOException {
        try (RawClient client = openChannel()) {
            client.header(2, 60, 10);
            closed(505, client);
        }
    }

    /** A body over the maximum is refused by its header; what follows is ignored and the connection goes on. */
    @Test
    void aBodyOverTheMaximum() throws IOException {
        try (RawClient client = openChannel()) {
            client.send(1, publish());
            client.header(1, 60, Long.MAX_VALUE);
            client.body(1, new byte[100]);
            ChannelMethod.Close close = client.expect(ChannelMethod.Close.class);
            assertEquals(406, close.replyCode());
            client.body(1, new byte[100]);
            client.send(1, publish());
            client.send(1, new ChannelMethod.CloseOk());
            client.openChannel(1);
        }
    }

    @Test
    void aBodyOfMoreThan64Bits() throws IOException {
        try (RawClient client = openChannel()) {
            client.send(1, publish());
            client.header(1, 60, -1);
            closed(501, client);
        }
    }

    @Test
    void propertiesThatAreCutOff() throws IOException {
        try (RawClient client = openChannel()) {
            client.send(1, publish());
            byte[] header = new byte[16];
            header[1] = 60;
            header[12] = (byte) 0x80;
            header[14] = 100;
            client.frame(Frame.HEADER, 1, header, Frame.END);
            closed(501, client);
        }
    }

    /** Tables within tables before the login: no stack is deep enough for what a peer can send. */
    @Test
    void tenThousandNestedTablesInStartOk() throws IOException {
        ByteBuf fields = Unpooled.buffer();
        int depth = 10_000;
        int size = depth * 7;
        for (int i = 0; i < depth; i++) {
            fields.writeByte(1).writeByte('a').writeByte('F');
            size -= 7;
            fields.writeInt(size);
        }
        byte[] table = new byte[Math.min(8000, fields.readableBytes())];
        fields.readBytes(table);
        ByteBuf payload = Unpooled.buffer();
        payload.writeShort(10).writeShort(11).writeInt(table.length).writeBytes(table);
        byte[] octets = new byte[payload.readableBytes()];
        payload.readBytes(octets);
        try (RawClient client = server.raw().protocolHeader()) {
            client.expect(ConnectionMethod.Start.class);
            client.frame(Frame.METHOD, 0, octets, Frame.END);
            closed(501, client);
        }
        ByteBuf declare = Unpooled.buffer();
        declare.writeShort(50).writeShort(10).writeShort(0).writeByte(0).writeByte(0);
        fields.readerIndex(0);
        declare.writeInt(fields.readableBytes()).writeBytes(fields);
        byte[] big = new byte[declare.readableBytes()];
        declare.readBytes(big);
        try (RawClient client = openChannel()) {
            client.frame(Frame.METHOD, 1, big, Frame.END);
            closed(501, client);
        }
    }

    /** 4.10: nothing but close-ok counts between connection.close and connection.close-ok. */
    @Test
    void whatFollowsAnErrorIsIgnored() throws IOException {
        try (RawClient client = openChannel()) {
            client.send(1, new BasicMethod.ConsumeOk("t"));
            client.send(1, new QueueMethod.Declare("after", false, false, false, false, false, noTable()));
            closed(503, client);
            client.send(0, new ConnectionMethod.CloseOk());
            assertEquals(-1, client.read());
        }
        try (RawClient client = openChannel()) {
            client.send(1, new QueueMethod.Declare("after", true, false, false, false, false, noTable()));
            assertEquals(404, client.expect(ChannelMethod.Close.class).replyCode());
        }
    }

    private static FieldTable noTable() {
        return FieldTable.EMPTY;
    }

    /** A stream of valid frames with single bits flipped: an error for this client, whatever it is. */
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
    void flippedBits(long seed) throws IOException {
        Random random = new Random(seed);
        for (int round = 0; round < 20; round++) {
            try (RawClient client = openChannel()) {
                ByteBuf out = Unpooled.buffer();
                for (int i = 0; i < 20; i++) {
                    FrameWriter.method(out, 1, publish());
                    byte[] props = {0, 0};
                    FrameWriter.header(out, 1, 5, props, 0, 2);
                    FrameWriter.body(out, 1, new byte[5], 0, 5, 4096);
                }
                int at = random.nextInt(out.readableBytes());
                out.setByte(at, out.getByte(at) ^ 1 << random.nextInt(8));
                client.send(out);
                client.send(0, new ConnectionMethod.Close(200, "", 0, 0));
                // A flipped length may make the server wait for more, rightly.
                client.shutdownOutput();
                drain(client);
            }
        }
    }

    /** Until the server closes, or says that it wants to. */
    private static void drain(RawClient client) throws IOException {
        try {
            while (true) {
                Method method = client.receiveMethod();
                if (method instanceof ConnectionMethod.CloseOk || method instanceof ConnectionMethod.Close) {
                    return;
                }
                if (method instanceof ChannelMethod.Close) {
                    client.send(1, new ChannelMethod.CloseOk());
                }
            }
        } catch (EOFException | SocketException e) {
            // Closed is fine, too.
        }
    }
}
