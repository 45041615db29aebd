package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.config.ProtocolLimits;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.ConfirmMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.ProtocolHeader;
import io.tallymq.amqp.wire.QueueMethod;
import io.tallymq.amqp.wire.ShortString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What anybody can do who reaches the port: conversations with mistakes in them, and connections that go nowhere. */
class StrangersTest {
    private static final int CONVERSATIONS = 60;
    private static final int HALF_OPEN = 150;
    private static final int WRONG_PASSWORDS = 40;

    private static TestServer server;

    @BeforeAll
    static void start() {
        ProtocolLimits impatient = ProtocolLimits.defaults().withHandshakeTimeout(5_000);
        server = new TestServer(TestServer.defaults().withProtocol(impatient));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** All a client says from its protocol header on, as one stream. */
    private static byte[] conversation() {
        ByteBuf out = Unpooled.buffer();
        ProtocolHeader.write(out);
        FrameWriter.method(out, 0, RawClient.startOk("guest", "guest"));
        FrameWriter.method(out, 0, new ConnectionMethod.TuneOk(2047, 131_072, 0));
        FrameWriter.method(out, 0, new ConnectionMethod.Open("/"));
        FrameWriter.method(out, 1, new ChannelMethod.Open());
        FrameWriter.method(out, 1, new ConfirmMethod.Select(false));
        FrameWriter.method(out, 1, new QueueMethod.Declare("f", false, false, false, true, false, FieldTable.EMPTY));
        for (int i = 0; i < 5; i++) {
            FrameWriter.method(out, 1, new BasicMethod.Publish(ShortString.EMPTY, ShortString.of("f"), true, false));
            FrameWriter.header(out, 1, 20, new byte[2], 0, 2);
            FrameWriter.body(out, 1, new byte[20], 0, 20, 4096);
        }
        FrameWriter.method(out, 1, new BasicMethod.Consume("f", "t", false, false, false, false, FieldTable.EMPTY));
        FrameWriter.method(out, 1, new BasicMethod.Ack(1, true));
        FrameWriter.method(out, 1, new ChannelMethod.Close(200, "", 0, 0));
        FrameWriter.method(out, 0, new ConnectionMethod.Close(200, "", 0, 0));
        return octets(out);
    }

    private static byte[] octets(ByteBuf buffer) {
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes);
        return bytes;
    }

    /** Octets changed, left out, said twice. */
    private static byte[] mistakes(byte[] right, Random random) {
        int at = random.nextInt(right.length);
        int kind = random.nextInt(3);
        if (kind == 0) {
            return Arrays.copyOf(right, at);
        }
        if (kind == 1) {
            int again = random.nextInt(Math.min(200, right.length - at) + 1);
            return octets(Unpooled.buffer().writeBytes(right, 0, at + again).writeBytes(right, at, right.length - at));
        }
        byte[] wrong = right.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            wrong[random.nextInt(wrong.length)] = (byte) random.nextInt();
        }
        return wrong;
    }

    /** Whatever was wrong, the connection ends, nothing stays behind, and the next client is served. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void conversationsWithMistakes(long seed) throws Exception {
        Random random = new Random(seed);
        byte[] right = conversation();
        for (int i = 0; i < CONVERSATIONS; i++) {
            try (RawClient client = server.raw()) {
                client.send(mistakes(right, random));
                client.shutdownOutput();
                drain(client);
            } catch (IOException reset) {
                // The server does not read on after an error.
            }
        }
        awaitNobody();
        try (RawClient client = server.raw().open().openChannel(1)) {
            assertTrue(client.isOpen());
        }
        awaitNobody();
        assertEquals(0, server.server().bodyBudget().bytes());
    }

    private static void drain(RawClient client) throws IOException {
        while (client.read() >= 0) {
            // Answers, as far as there are any.
        }
    }

    private static void awaitNobody() {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (server.server().registry().size() > 0 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertEquals(List.of(), server.server().connections());
    }

    /** Many that stop somewhere in the handshake: all go at its time-out, and others are served meanwhile. */
    @Test
    void halfOpenConnectionsGo() throws Exception {
        List<RawClient> asleep = new ArrayList<>();
        try {
            for (int i = 0; i < HALF_OPEN; i++) {
                RawClient client = server.raw();
                asleep.add(client);
                client.send(Arrays.copyOf(conversation(), new int[] {0, 8, 40}[i % 3]));
            }
            try (RawClient good = server.raw().open().openChannel(1)) {
                assertTrue(good.isOpen());
            }
            for (RawClient client : asleep) {
                drain(client);
            }
            awaitNobody();
        } finally {
            for (RawClient client : asleep) {
                client.close();
            }
        }
    }

    /** The right name with the wrong password, again and again: refused each time, and the right one is served behind it. */
    @Test
    void wrongPasswords() throws Exception {
        long refused = server.server().refused();
        for (int i = 0; i < WRONG_PASSWORDS; i++) {
            try (RawClient client = server.raw().protocolHeader()) {
                client.expect(ConnectionMethod.Start.class);
                client.send(0, RawClient.startOk("guest", "wrong" + i));
                ConnectionMethod.Close close = client.expect(ConnectionMethod.Close.class);
                assertEquals(403, close.replyCode());
            }
        }
        assertTrue(server.server().refused() >= refused + WRONG_PASSWORDS);
        awaitNobody();
        try (RawClient client = server.raw().open().openChannel(1)) {
            assertTrue(client.isOpen());
        }
    }

    /** Before anybody has logged in: a TLS greeting, a frame of 100 MB, nonsense behind the right header. */
    @Test
    void whatNobodyReadsIsNotGathered() throws Exception {
        byte[] tls = new byte[300];
        tls[0] = 0x16;
        tls[1] = 3;
        tls[2] = 1;
        ByteBuf large = Unpooled.buffer();
        ProtocolHeader.write(large);
        large.writeByte(1).writeShort(0).writeInt(100_000_000).writeBytes(new byte[50_000]);
        ByteBuf nonsense = Unpooled.buffer();
        ProtocolHeader.write(nonsense);
        nonsense.writeBytes("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        for (byte[] said : List.of(tls, octets(large), octets(nonsense))) {
            long refused = server.server().refused();
            try (RawClient client = server.raw()) {
                client.send(said);
                drain(client);
            } catch (IOException reset) {
                // It need not be read to its end.
            }
            assertTrue(server.server().refused() > refused);
        }
        awaitNobody();
    }
}
