package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.config.AmqpServerConfig;
import io.tallymq.amqp.config.OutboundLimits;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.ConfirmMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.QueueMethod;
import io.tallymq.amqp.wire.ShortString;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What clients notice of a broker that can't go on for a while: connection.blocked, and no reads from publishers. */
class FlowTest {
    private TestServer server;

    @BeforeEach
    void start() {
        AmqpServerConfig config = TestServer.defaults();
        server = new TestServer(config.withFlow(config.flow().withCloseTimeout(500)));
    }

    @AfterEach
    void stop() {
        server.broker().release();
        server.close();
    }

    private static BasicMethod.Publish publish() {
        return new BasicMethod.Publish(ShortString.EMPTY, ShortString.of("nowhere"), false, false);
    }

    /** RabbitMQ's connection.blocked: publishers hear of it, also those that begin to publish later; others don't. */
    @Test
    @Row({"connection.blocked", "connection.unblocked"})
    void publishersAreToldThatTheBrokerIsBlocked() throws Exception {
        try (RawClient publisher = server.raw().open().openChannel(1);
                RawClient late = server.raw().open().openChannel(1)) {
            publisher.send(1, new ConfirmMethod.Select(false));
            publisher.expect(ConfirmMethod.SelectOk.class);
            publisher.send(1, publish());
            publisher.header(1, 60, 0);
            publisher.expect(BasicMethod.Ack.class);
            server.broker().runtime().alarm("the disk is full");
            assertEquals(
                    "the disk is full",
                    publisher.expect(ConnectionMethod.Blocked.class).reason());
            late.send(1, new ChannelMethod.Flow(true));
            late.expect(ChannelMethod.FlowOk.class);
            late.send(1, publish());
            late.header(1, 60, 0);
            assertEquals(
                    "the disk is full",
                    late.expect(ConnectionMethod.Blocked.class).reason());
            server.broker().runtime().alarm(null);
            publisher.expect(ConnectionMethod.Unblocked.class);
            late.expect(ConnectionMethod.Unblocked.class);
        }
    }

    /** Who publishes while the broker is blocked is not read, with the capability or without; who consumes is. */
    @Test
    void publishersAreNotReadWhileTheBrokerIsBlocked() throws Exception {
        try (RawClient consumer = server.raw().open().openChannel(1);
                RawClient publisher = server.raw()) {
            publisher.login(FieldTable.EMPTY);
            publisher.openAfterLogin(131_072, 0).openChannel(1);
            server.broker().runtime().alarm("the disk is full");
            for (int i = 0; i < 2; i++) { // what was told before the first answer is heard before the second one
                publisher.send(1, new ChannelMethod.Flow(true));
                publisher.expect(ChannelMethod.FlowOk.class);
            }
            publisher.send(1, publish());
            publisher.header(1, 60, 0);
            while (state(publisher).equals("running")) {
                Thread.onSpinWait();
            }
            assertEquals("blocked", state(publisher), "whether it can be told so or not");
            assertEquals("running", state(consumer));
            publisher.send(1, new ChannelMethod.Flow(true));
            for (int i = 0; i < 100; i++) {
                consumer.send(1, new ChannelMethod.Flow(true));
                consumer.expect(ChannelMethod.FlowOk.class);
            }
            assertEquals(0, publisher.available());
            server.broker().runtime().alarm(null);
            publisher.expect(ChannelMethod.FlowOk.class);
        }
    }

    private String state(RawClient client) {
        return server.server().connections().stream()
                .filter(c -> c.name().startsWith("127.0.0.1:" + client.localPort() + " "))
                .findFirst()
                .orElseThrow()
                .state();
    }

    /** What comes behind connection.close, unread by the broker, must not cost the client its close-ok. */
    @Test
    void closeOkArrivesWhateverTheClientStillSends() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (RawClient client = server.raw().open().openChannel(1)) {
                client.send(0, new ConnectionMethod.Close(200, "", 0, 0));
                for (int n = 0; n < 500; n++) {
                    client.send(1, publish());
                    client.header(1, 60, 1000);
                    client.body(1, new byte[1000]);
                }
                client.expect(ConnectionMethod.CloseOk.class);
                assertEquals(-1, client.read());
            }
        }
    }

    /** What is there may be declared again, looked at, used and deleted; what is new is refused until there is room again. */
    @Test
    void nothingIsAddedWhileAHeapIsFull() throws Exception {
        try (Connection connection = server.connect()) {
            Channel channel = connection.createChannel();
            channel.queueDeclare("old", true, false, false, null);
            channel.exchangeDeclare("x", "topic", true);
            channel.exchangeDeclare("y", "fanout", true);
            channel.queueBind("old", "x", "a");
            channel.exchangeBind("y", "x", "a");
            server.broker().runtime().fullHeap("node 'n1' keeps 9 bytes in its heap, 8 are allowed");
            channel.queueDeclare("old", true, false, false, null);
            channel.exchangeDeclare("x", "topic", true);
            channel.queueBind("old", "x", "a");
            channel.exchangeBind("y", "x", "a");
            channel.queueUnbind("old", "x", "b");
            for (Adding adding : List.<Adding>of(
                    c -> c.queueDeclare("new", true, false, false, null),
                    c -> c.exchangeDeclare("new", "direct"),
                    c -> c.queueBind("old", "x", "b"),
                    c -> c.exchangeBind("y", "x", "b"))) {
                Channel refused = connection.createChannel();
                assertEquals(
                        "PRECONDITION_FAILED - nothing can be added: node 'n1' keeps 9 bytes in its heap, 8 are allowed."
                                + " Delete queues and bindings that are not needed any more, or give the node a larger heap",
                        ErrorCodes.channelClosed(406, refused, () -> adding.to(refused)));
            }
            Channel asking = connection.createChannel();
            ErrorCodes.channelClosed(404, asking, () -> asking.queueDeclarePassive("new"));
            server.broker().runtime().fullHeap(null);
            channel.queueDeclare("new", true, false, false, null);
        }
    }

    private interface Adding {
        void to(Channel channel) throws IOException;
    }

    /** A client that reads nothing of what waits for it does not stay for ever. */
    @Test
    void aClientThatStopsReadingIsDropped() throws Exception {
        AmqpServerConfig config = TestServer.defaults();
        try (TestServer impatient = new TestServer(config.withFlow(
                        config.flow().withOutbound(OutboundLimits.defaults().withTimes(200, 200))));
                Connection good = impatient.connect();
                RawClient slow = impatient.raw().open().openChannel(1)) {
            Channel channel = good.createChannel();
            String queue =
                    channel.queueDeclare("unread", false, false, false, null).getQueue();
            slow.send(1, new BasicMethod.Consume(queue, "t", false, true, false, false, FieldTable.EMPTY));
            slow.expect(BasicMethod.ConsumeOk.class);
            for (int i = 0; i < 200; i++) {
                channel.basicPublish("", queue, null, new byte[100_000]);
            }
            while (impatient.server().registry().stuck() == 0) {
                Thread.onSpinWait();
            }
            assertTrue(channel.isOpen());
            while (channel.consumerCount(queue) > 0) {
                Thread.onSpinWait();
            }
        }
    }

    /** A node that may have been left behind hands out nothing, not even what it was assigned before. */
    @Test
    void nothingIsDeliveredWithoutTheLease() throws Exception {
        try (RawClient client = server.raw().open().openChannel(1).openChannel(2)) {
            client.send(1, new QueueMethod.Declare("leased", false, false, true, false, false, FieldTable.EMPTY));
            client.expect(QueueMethod.DeclareOk.class);
            client.send(1, new BasicMethod.Consume("leased", "t", false, false, false, false, FieldTable.EMPTY));
            client.expect(BasicMethod.ConsumeOk.class);
            client.send(2, new ConfirmMethod.Select(false));
            client.expect(ConfirmMethod.SelectOk.class);
            server.broker().lease(false);
            client.send(2, new BasicMethod.Publish(ShortString.EMPTY, ShortString.of("leased"), false, false));
            client.header(2, 60, 0);
            client.expect(BasicMethod.Ack.class);
            client.send(1, new ChannelMethod.Flow(true));
            client.expect(ChannelMethod.FlowOk.class); // a delivery would have come before
            server.broker().lease(true);
            client.expect(BasicMethod.Deliver.class);
        }
    }

    /** Without a majority nothing is confirmed, what is pending is bounded, and all of it is confirmed afterwards. */
    @Test
    void withoutMajorityPublishersWaitAndLoseNothing() throws Exception {
        try (Connection connection = server.connect()) {
            Channel channel = connection.createChannel();
            String queue = channel.queueDeclare().getQueue();
            channel.confirmSelect();
            channel.basicPublish("", queue, null, new byte[1]);
            assertTrue(channel.waitForConfirms(20_000));
            server.broker().hold();
            int messages = 1200;
            CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < messages; i++) {
                        channel.basicPublish("", queue, null, new byte[100_000]);
                    }
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            while (state().equals("running")) { // then "flow", or "blocked" where 64 MB take longer than a second
                Thread.onSpinWait();
            }
            assertFalse(publishing.isDone(), "120 MB were taken although nothing can be stored");
            server.broker().release();
            ErrorCodes.await(publishing);
            assertTrue(channel.waitForConfirms(60_000));
            assertEquals(messages + 1, channel.messageCount(queue));
        }
    }

    private String state() {
        return server.server().connections().get(0).state();
    }

    /** connection.close does not wait for a majority that may never come back. */
    @Test
    void closeOkDoesNotWaitForEver() throws Exception {
        try (RawClient client = server.raw().open()) {
            server.broker().hold();
            client.send(0, new ConnectionMethod.Close(200, "", 0, 0));
            client.expect(ConnectionMethod.CloseOk.class);
            assertEquals(-1, client.read());
        }
    }

    /** An operator closes one connection with 320; the others stay. */
    @Test
    @Row("320")
    void oneConnectionCanBeForcedToClose() throws Exception {
        try (RawClient victim = server.raw().open();
                RawClient other = server.raw().open().openChannel(1)) {
            String name = server.server().connections().stream()
                    .map(AmqpConnectionInfo::name)
                    .filter(n -> n.startsWith("127.0.0.1:" + victim.localPort() + " "))
                    .findFirst()
                    .orElseThrow();
            assertTrue(server.server().registry().close(name, "maintenance"));
            ConnectionMethod.Close close = victim.expect(ConnectionMethod.Close.class);
            assertEquals(320, close.replyCode());
            assertEquals("CONNECTION_FORCED - maintenance", close.replyText());
            // No close-ok: the socket is closed all the same.
            assertEquals(-1, victim.read());
            other.send(1, new ChannelMethod.Flow(true));
            other.expect(ChannelMethod.FlowOk.class);
            assertFalse(server.server().registry().close("nobody", "maintenance"));
        }
    }
}
