package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.config.AmqpServerConfig;
import io.tallymq.amqp.config.ProtocolLimits;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.Frame;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.LongString;
import io.tallymq.amqp.wire.ProtocolHeader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** 2.2.4 and 1.4 of the specification: from the protocol header to connection.open-ok. */
class HandshakeTest extends ServerCase {
    private static final byte[] HEADER = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};

    /** 4.2.2: a header that can't be served is answered with one that can, then the socket is closed. */
    @ParameterizedTest
    @CsvSource({"AMQP,0,1,0,0", "AMQP,3,1,0,0", "AMQP,1,1,8,0", "HTTP,1,1,1,1", "GETX,47,32,72,84"})
    void otherProtocolsGetOurHeader(String name, int a, int b, int c, int d) throws IOException {
        try (RawClient client = server.raw()) {
            client.send(name.getBytes(StandardCharsets.US_ASCII));
            client.send(new byte[] {(byte) a, (byte) b, (byte) c, (byte) d});
            byte[] answer = new byte[8];
            for (int i = 0; i < answer.length; i++) {
                answer[i] = (byte) client.read();
            }
            assertArrayEquals(HEADER, answer);
            assertEquals(-1, client.read());
        }
    }

    /** 1.4.2.1 connection.start: only what works is advertised. */
    @Test
    @Row("connection.start")
    void startTellsWhatTheServerCan() throws IOException {
        try (RawClient client = server.raw()) {
            client.protocolHeader();
            ConnectionMethod.Start start = client.expect(ConnectionMethod.Start.class);
            assertEquals(0, start.versionMajor());
            assertEquals(9, start.versionMinor());
            assertEquals("PLAIN AMQPLAIN", start.mechanisms().toString());
            assertEquals("TallyMQ", start.serverProperties().getString("product"));
            assertEquals("3.13.7", start.serverProperties().getString("version"));
            assertEquals("0.1", start.serverProperties().getString("tallymq_version"));
            assertEquals("test", start.serverProperties().getString("cluster_name"));
            assertEquals(
                    Set.of(
                            "capabilities",
                            "cluster_name",
                            "copyright",
                            "information",
                            "platform",
                            "product",
                            "tallymq_version",
                            "version"),
                    start.serverProperties().fields().keySet());
            assertTrue(start.serverProperties().getString("copyright").contains("TallyMQ"));
            start.serverProperties()
                    .getTable("capabilities")
                    .fields()
                    .forEach((name, can) -> assertEquals(true, can, name));
            assertEquals(
                    Set.of(
                            "publisher_confirms",
                            "exchange_exchange_bindings",
                            "basic.nack",
                            "consumer_cancel_notify",
                            "connection.blocked",
                            "authentication_failure_close",
                            "per_consumer_qos",
                            "direct_reply_to",
                            "consumer_priorities",
                            "confirm_reasons"),
                    start.serverProperties().getTable("capabilities").fields().keySet());
        }
    }

    /** 1.4.2.5 connection.tune. */
    @Test
    @Row("connection.tune")
    void tuneOffersTheLimits() throws IOException {
        try (RawClient client = server.raw()) {
            ConnectionMethod.Tune tune = client.login();
            assertEquals(new ConnectionMethod.Tune(2047, 131_072, 60), tune);
        }
    }

    /** 1.4.2.6 connection.tune-ok: more than was offered, or a frame-max below 4096, is refused. */
    @ParameterizedTest
    @Row({"connection.tune-ok", "530"})
    @CsvSource({"2047,131073", "2048,131072", "2047,4095", "2047,1"})
    void tuneOkBeyondTheLimitsIsRefused(int channelMax, long frameMax) throws IOException {
        try (RawClient client = server.raw()) {
            client.login();
            client.send(0, new ConnectionMethod.TuneOk(channelMax, frameMax, 0));
            ConnectionMethod.Close close = client.expect(ConnectionMethod.Close.class);
            assertEquals(530, close.replyCode());
            assertTrue(close.replyText().startsWith("NOT_ALLOWED - negotiated "), close.replyText());
            assertEquals(10, close.failedClassId());
        }
    }

    /** 4.2.3: every peer accepts frames of 4096 octets. */
    @ParameterizedTest
    @Row({"connection.tune-ok", "connection.open", "connection.open-ok"})
    @CsvSource({"1,4096", "0,0"})
    void tuneOkWithinTheLimitsIsAccepted(int channelMax, long frameMax) throws IOException {
        try (RawClient client = server.raw()) {
            client.login();
            client.send(0, new ConnectionMethod.TuneOk(channelMax, frameMax, 0));
            client.send(0, new ConnectionMethod.Open("/"));
            client.expect(ConnectionMethod.OpenOk.class);
        }
    }

    /** 1.4.2.7 connection.open. */
    @Test
    @Row({"connection.open", "530"})
    void anUnknownVhostIsRefused() throws IOException {
        try (RawClient client = server.raw()) {
            client.login();
            client.send(0, new ConnectionMethod.TuneOk(10, 131_072, 0));
            client.send(0, new ConnectionMethod.Open("nowhere"));
            ConnectionMethod.Close close = client.expect(ConnectionMethod.Close.class);
            assertEquals(530, close.replyCode());
            assertEquals("NOT_ALLOWED - vhost nowhere not found", close.replyText());
        }
    }

    @Test
    @Row("503")
    void anUnknownMechanismIsRefused() throws IOException {
        try (RawClient client = server.raw()) {
            client.protocolHeader();
            client.expect(ConnectionMethod.Start.class);
            client.send(0, new ConnectionMethod.StartOk(FieldTable.EMPTY, "ANONYMOUS", LongString.EMPTY, "en_US"));
            assertEquals(503, client.expect(ConnectionMethod.Close.class).replyCode());
        }
    }

    @Test
    @Row("connection.start-ok")
    void amqplainLogsIn() throws IOException {
        try (RawClient client = server.raw()) {
            client.protocolHeader();
            client.expect(ConnectionMethod.Start.class);
            byte[] response =
                    FieldTable.of(Map.of("LOGIN", "guest", "PASSWORD", "guest")).toByteArray();
            client.send(
                    0,
                    new ConnectionMethod.StartOk(FieldTable.EMPTY, "AMQPLAIN", LongString.copyOf(response), "en_US"));
            client.expect(ConnectionMethod.Tune.class);
        }
    }

    /** authentication_failure_close: 403 for clients that can take it, without a hint what was wrong. */
    @Test
    @Row("403")
    void aWrongPasswordIs403() throws IOException {
        try (RawClient client = server.raw()) {
            client.protocolHeader();
            client.expect(ConnectionMethod.Start.class);
            client.send(0, RawClient.startOk("guest", "wrong"));
            ConnectionMethod.Close wrongPassword = client.expect(ConnectionMethod.Close.class);
            assertEquals(403, wrongPassword.replyCode());
            try (RawClient other = server.raw()) {
                other.protocolHeader();
                other.expect(ConnectionMethod.Start.class);
                other.send(0, RawClient.startOk("nobody", "guest"));
                assertEquals(wrongPassword, other.expect(ConnectionMethod.Close.class));
            }
        }
        ConnectionFactory factory = server.factory().clone();
        factory.setPassword("wrong");
        assertThrows(AuthenticationFailureException.class, factory::newConnection);
    }

    @Test
    void aWrongPasswordOfAnOldClientIsAClosedSocket() throws IOException {
        try (RawClient client = server.raw()) {
            client.protocolHeader();
            client.expect(ConnectionMethod.Start.class);
            client.send(
                    0,
                    new ConnectionMethod.StartOk(FieldTable.EMPTY, "PLAIN", LongString.of("\0guest\0wrong"), "en_US"));
            assertTrue(client.isClosedSilently());
        }
    }

    /** E12: what comes behind connection.open before it is answered gets its turn. */
    @Test
    void whatIsPipelinedBehindOpenIsTaken() throws IOException {
        try (RawClient client = server.raw()) {
            ByteBuf out = Unpooled.buffer();
            ProtocolHeader.write(out);
            FrameWriter.method(out, 0, RawClient.startOk("guest", "guest"));
            FrameWriter.method(out, 0, new ConnectionMethod.TuneOk(2047, 131_072, 0));
            FrameWriter.method(out, 0, new ConnectionMethod.Open("/"));
            FrameWriter.method(out, 1, new ChannelMethod.Open());
            FrameWriter.method(out, 1, new BasicMethod.Qos(0, 1, false));
            FrameWriter.method(out, 0, new ConnectionMethod.Close(200, "", 0, 0));
            client.send(out);
            client.expect(ConnectionMethod.Start.class);
            client.expect(ConnectionMethod.Tune.class);
            client.expect(ConnectionMethod.OpenOk.class);
            client.expect(ChannelMethod.OpenOk.class);
            client.expect(BasicMethod.QosOk.class);
            client.expect(ConnectionMethod.CloseOk.class);
        }
    }

    /** What is kept for a client whose connection.open is not answered is bounded: it is not read further. */
    @Test
    void whatIsPipelinedWithoutAnAnswerIsBounded() throws Exception {
        try (TestServer held = new TestServer();
                RawClient client = held.raw()) {
            held.broker().hold();
            client.login();
            client.send(0, new ConnectionMethod.TuneOk(2047, 131_072, 0));
            client.send(0, new ConnectionMethod.Open("/"));
            int questions = 200_000;
            CompletableFuture<Void> asking = CompletableFuture.runAsync(() -> ask(client, questions));
            ErrorCodes.await(CompletableFuture.runAsync(() -> {
                while (held.server().connections().stream()
                        .noneMatch(c -> c.traffic().receivedBytes() > 60_000)) {
                    Thread.onSpinWait();
                }
            }));
            assertTrue(held.server().connections().get(0).traffic().receivedBytes() < 1 << 20);
            held.broker().release();
            client.expect(ConnectionMethod.OpenOk.class);
            client.expect(ChannelMethod.OpenOk.class);
            for (int i = 0; i < questions; i++) {
                client.expect(BasicMethod.QosOk.class);
            }
            ErrorCodes.await(asking);
        }
    }

    /** basic.qos, so many times. */
    private static void ask(RawClient client, int times) {
        try {
            client.send(1, new ChannelMethod.Open());
            ByteBuf out = Unpooled.buffer();
            for (int i = 0; i < times; i++) {
                FrameWriter.method(out, 1, new BasicMethod.Qos(0, 1, false));
            }
            client.send(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void methodsOutOfTurnAreRefused() throws IOException {
        try (RawClient client = server.raw()) {
            client.protocolHeader();
            client.expect(ConnectionMethod.Start.class);
            client.send(0, new ConnectionMethod.Open("/"));
            assertEquals(504, client.expect(ConnectionMethod.Close.class).replyCode());
        }
        try (RawClient client = server.raw()) {
            client.login();
            client.send(0, new ConnectionMethod.Open("/"));
            assertEquals(504, client.expect(ConnectionMethod.Close.class).replyCode());
        }
    }

    /** RabbitMQ's update-secret: without OAuth there is nothing to change. */
    @Test
    @Row({"connection.update-secret", "connection.update-secret-ok"})
    void updateSecretIsAnswered() throws IOException {
        try (RawClient client = server.raw().open()) {
            client.send(0, new ConnectionMethod.UpdateSecret(LongString.of("x"), "renewed"));
            client.expect(ConnectionMethod.UpdateSecretOk.class);
        }
    }

    /** 1.4.2.9 connection.close. */
    @Test
    @Row({"connection.close", "connection.close-ok", "200"})
    void closeIsAnsweredWithCloseOk() throws IOException {
        try (RawClient client = server.raw().open()) {
            client.send(0, new ConnectionMethod.Close(200, "bye", 0, 0));
            client.expect(ConnectionMethod.CloseOk.class);
            assertEquals(-1, client.read());
        }
    }

    @Test
    void closeIsAnsweredDuringTheHandshake() throws IOException {
        try (RawClient client = server.raw()) {
            client.login();
            client.send(0, new ConnectionMethod.Close(200, "bye", 0, 0));
            client.expect(ConnectionMethod.CloseOk.class);
            assertEquals(-1, client.read());
        }
    }

    @Test
    void theRealClientConnects() throws Exception {
        try (Connection connection = server.connect()) {
            assertEquals(131_072, connection.getFrameMax());
            assertEquals(2047, connection.getChannelMax());
            assertEquals(60, connection.getHeartbeat());
            AmqpConnectionInfo info = server.server().connections().stream()
                    .filter(c -> c.name().startsWith("127.0.0.1:" + connectionPort(connection) + " -> "))
                    .findFirst()
                    .orElseThrow();
            assertEquals("running", info.state());
            assertEquals("guest", info.info().user());
            assertEquals("/", info.info().vhost());
            assertTrue(info.traffic().receivedBytes() > 0);
            assertTrue(info.traffic().sentBytes() > 0);
        }
    }

    private static int connectionPort(Connection connection) {
        return ((com.rabbitmq.client.impl.AMQConnection) connection).getLocalPort();
    }

    /** A client that says nothing is closed; others are served meanwhile. */
    @Test
    void aStalledHandshakeTimesOut() throws Exception {
        AmqpServerConfig config = TestServer.defaults();
        ProtocolLimits limits = config.protocol().withHandshakeTimeout(300);
        try (TestServer impatient = new TestServer(config.withProtocol(limits));
                RawClient silent = impatient.raw();
                RawClient halfway = impatient.raw();
                RawClient slow = impatient.raw();
                Connection good = impatient.connect()) {
            halfway.protocolHeader();
            halfway.expect(ConnectionMethod.Start.class);
            slow.login();
            assertTrue(silent.isClosedSilently());
            assertTrue(halfway.isClosedSilently());
            assertTrue(slow.isClosedSilently());
            assertTrue(good.isOpen(), "a connection that is open has all the time in the world");
            good.createChannel().close();
        }
    }

    /** 4.2.7: heartbeats come, and a peer that sends nothing for two intervals is dropped without a word. */
    @Test
    void heartbeatsBothWays() throws IOException {
        try (RawClient client = server.raw().open(131_072, 1)) {
            assertEquals(Frame.HEARTBEAT, client.receive().type());
            int octet = client.read();
            while (octet == Frame.HEARTBEAT) {
                for (int i = 1; i < Frame.OVERHEAD_BYTES; i++) {
                    client.read();
                }
                octet = client.read();
            }
            assertEquals(-1, octet, "dropped, not closed with a method");
        }
    }

    /** Limits on what somebody may send who has not logged in. */
    @Test
    void bytesBeforeTheLoginAreLimited() throws IOException {
        try (RawClient client = server.raw()) {
            client.protocolHeader();
            client.expect(ConnectionMethod.Start.class);
            client.frame(Frame.METHOD, 0, new byte[8193], Frame.END);
            ConnectionMethod.Close close = client.expect(ConnectionMethod.Close.class);
            assertEquals(501, close.replyCode());
        }
        try (RawClient client = server.raw()) {
            client.protocolHeader();
            client.expect(ConnectionMethod.Start.class);
            boolean refused = false;
            for (int i = 0; i < 100_000 && !refused; i++) {
                try {
                    client.frame(Frame.HEARTBEAT, 0, new byte[0], Frame.END);
                } catch (IOException e) {
                    refused = true;
                }
            }
            assertTrue(client.isClosedSilently());
        }
    }

    @Test
    void tooManyConnectionsAreRefusedAndFreedAgain() throws Exception {
        AmqpServerConfig config = TestServer.defaults();
        try (TestServer small = new TestServer(config.withFlow(config.flow().withMaxConnections(2)))) {
            RawClient first = small.raw().open();
            try (RawClient second = small.raw().open();
                    RawClient third = small.raw()) {
                Exception refused = assertThrows(IOException.class, small::connect);
                assertTrue(
                        refused.getCause().getMessage().contains("530")
                                && refused.getCause()
                                        .getMessage()
                                        .contains("NOT_ALLOWED - connection refused: node connection limit (2) is"
                                                + " reached"),
                        refused.getCause().getMessage());
                third.protocolHeader();
                third.expect(ConnectionMethod.Start.class);
                assertEquals(2, small.server().registry().refused());
                assertEquals(2, small.server().registry().size());
                first.send(0, new ConnectionMethod.Close(200, "", 0, 0));
                first.expect(ConnectionMethod.CloseOk.class);
                assertEquals(-1, first.read());
                first.close();
                second.send(0, new ConnectionMethod.UpdateSecret(LongString.EMPTY, ""));
                second.expect(ConnectionMethod.UpdateSecretOk.class);
                try (RawClient fourth = retry(small)) {
                    assertFalse(small.server().connections().isEmpty());
                    assertTrue(fourth.isOpen());
                }
            }
        }
    }

    /** Who is told why takes a descriptor until then: of those, too, there are not too many. */
    @Test
    void farTooManyConnectionsAreClosedWithoutAWord() throws Exception {
        AmqpServerConfig config = TestServer.defaults();
        List<RawClient> clients = new ArrayList<>();
        try (TestServer small = new TestServer(config.withFlow(config.flow().withMaxConnections(1)))) {
            clients.add(small.raw().open());
            for (int i = 0; i < ConnectionRegistry.MOST_SURPLUS; i++) {
                RawClient surplus = small.raw();
                clients.add(surplus);
                surplus.protocolHeader();
                surplus.expect(ConnectionMethod.Start.class);
            }
            RawClient last = small.raw();
            clients.add(last);
            assertEquals(-1, last.read());
            assertEquals(ConnectionRegistry.MOST_SURPLUS + 1, small.server().refusedConnections());
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    /** The end of a connection is noticed a moment after its socket closes. */
    private static RawClient retry(TestServer small) throws IOException {
        for (int i = 0; i < 1000; i++) {
            RawClient client = small.raw();
            try {
                return client.open();
            } catch (IOException | AssertionError e) { // closed, or told with 530 instead of connection.open-ok
                client.close();
            }
        }
        throw new AssertionError("no connection is admitted although one has gone");
    }

    /** 320 CONNECTION_FORCED when the server stops. */
    @Test
    @Row("320")
    void stoppingClosesClientsWith320() throws Exception {
        TestServer stopping = new TestServer();
        try (RawClient client = stopping.raw().open()) {
            Thread stop = new Thread(stopping::close);
            stop.start();
            ConnectionMethod.Close close = client.expect(ConnectionMethod.Close.class);
            assertEquals(320, close.replyCode());
            assertEquals("CONNECTION_FORCED - the test is over", close.replyText());
            client.send(0, new ConnectionMethod.CloseOk());
            assertEquals(-1, client.read());
            stop.join();
        }
    }
}
