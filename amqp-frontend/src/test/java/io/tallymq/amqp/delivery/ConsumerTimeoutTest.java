package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.ErrorCodes;
import io.tallymq.amqp.session.ForgetfulBroker;
import io.tallymq.amqp.session.RawClient;
import io.tallymq.amqp.session.ServerCase;
import io.tallymq.amqp.session.TestServer;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.broker.store.ChunkBody;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** x-consumer-timeout: what a client sees that does not ack in time. */
class ConsumerTimeoutTest extends ServerCase {
    private static final long PATIENCE = 60;
    /** Does not pass by itself while a test runs. */
    private static final int HOUR = 3_600_000;

    private final BlockingQueue<Envelope> came = new LinkedBlockingQueue<>();
    private final CompletableFuture<String> cancelled = new CompletableFuture<>();

    private DefaultConsumer listener(Channel channel) {
        return new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties p, byte[] body) {
                came.add(envelope);
            }

            @Override
            public void handleCancel(String tag) {
                cancelled.complete(tag);
            }
        };
    }

    @Test
    @Row("consumer x-consumer-timeout")
    void theConsumerIsCancelledAndTheChannelLivesOn() throws Exception {
        try (Connection connection = server.connect()) {
            Channel channel = connection.createChannel();
            channel.queueDeclare("slow", true, false, false, Map.of("x-queue-type", "quorum"));
            channel.basicQos(1);
            String tag = channel.basicConsume("slow", false, Map.of("x-consumer-timeout", HOUR), listener(channel));
            for (int i = 0; i < 2; i++) {
                channel.basicPublish("", "slow", null, new byte[1]);
            }
            Envelope first = came.poll(PATIENCE, TimeUnit.SECONDS);
            assertNotNull(first);
            server.pass(HOUR);
            assertEquals(tag, cancelled.get(PATIENCE, TimeUnit.SECONDS));
            channel.basicAck(first.getDeliveryTag(), false); // too late, and no error
            GetResponse again = channel.basicGet("slow", true);
            assertTrue(again.getEnvelope().isRedeliver());
            assertNull(again.getProps().getHeaders().get("x-delivery-count"), "nobody failed");
            assertEquals(1L, again.getProps().getHeaders().get("x-acquired-count"));
            assertEquals(1, again.getMessageCount());
            assertEquals(0, came.size());
        }
    }

    /** "Publish the result, ack the input" must not publish when the input is somebody else's by now. */
    @Test
    @Row({"406", "tx.commit"})
    void aTransactionThatAcksTooLateIsRefused() throws Exception {
        try (Connection connection = server.connect()) {
            Channel other = connection.createChannel();
            other.queueDeclare("input", true, false, false, null);
            other.queueDeclare("result", true, false, false, null);
            other.basicPublish("", "input", null, new byte[1]);
            Channel channel = connection.createChannel();
            channel.txSelect();
            String tag = channel.basicConsume("input", false, Map.of("x-consumer-timeout", HOUR), listener(channel));
            Envelope late = came.poll(PATIENCE, TimeUnit.SECONDS);
            assertNotNull(late);
            server.pass(HOUR);
            assertEquals(tag, cancelled.get(PATIENCE, TimeUnit.SECONDS));
            channel.basicPublish("", "result", null, new byte[1]);
            channel.basicAck(late.getDeliveryTag(), false);
            String text = ErrorCodes.channelClosed(406, channel, channel::txCommit);
            assertEquals(
                    "PRECONDITION_FAILED - transaction refused, nothing of it happened: it settles a message that is not held"
                            + " any more, and may come again: open a channel and take what comes"
                            + " (its consumer is gone, timed out or with its queue)",
                    text);
            assertEquals(0, other.messageCount("result"));
            assertEquals(1, other.messageCount("input"));
        }
    }

    /** It waits for the disk; as well for a socket, or for the lease of a node that stood still. */
    @Test
    void whatWasNotWrittenInTimeIsOthers() throws Exception {
        CompletableFuture<Void> disk = new CompletableFuture<>();
        AtomicBoolean slow = new AtomicBoolean(true);
        UnaryOperator<CompletableFuture<ChunkBody>> reads =
                read -> slow.getAndSet(false) ? disk.thenCompose(done -> read) : read;
        try (TestServer forgetful =
                        new TestServer(TestServer.defaults(), b -> new ForgetfulBroker(b, reads, part -> part));
                Connection connection = forgetful.connect();
                Connection others = forgetful.connect()) {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            channel.queueDeclare("unwritten", true, false, false, Map.of("x-consumer-timeout", 200));
            for (int i = 0; i < 10; i++) {
                channel.basicPublish("", "unwritten", null, new byte[1]);
            }
            channel.waitForConfirmsOrDie(PATIENCE * 1_000);
            channel.basicConsume("unwritten", false, listener(channel));
            assertNotNull(cancelled.get(PATIENCE, TimeUnit.SECONDS));
            Channel getting = others.createChannel();
            for (int got = 0; got < 10; ) {
                got += getting.basicGet("unwritten", true) == null ? 0 : 1;
            }
            disk.complete(null);
            channel.basicQos(1); // answered behind what would come
            assertEquals(0, came.size());
            assertEquals(0, channel.messageCount("unwritten"));
        }
    }

    @Test
    @Row({"406", "queue x-consumer-timeout"})
    void whoFetchesIsToldByTheEndOfItsChannel() throws Exception {
        try (Connection connection = server.connect()) {
            Channel channel = connection.createChannel();
            CompletableFuture<ShutdownSignalException> ended = new CompletableFuture<>();
            channel.addShutdownListener(ended::complete);
            channel.queueDeclare("fetched", true, false, false, Map.of("x-consumer-timeout", HOUR));
            channel.basicPublish("", "fetched", null, new byte[1]);
            while (channel.basicGet("fetched", false) == null) {
                Thread.onSpinWait();
            }
            server.pass(HOUR);
            AMQP.Channel.Close close =
                    (AMQP.Channel.Close) ended.get(PATIENCE, TimeUnit.SECONDS).getReason();
            assertEquals(406, close.getReplyCode());
            assertEquals(
                    "PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: 3600000 ms."
                            + " Acknowledge sooner, or set a longer x-consumer-timeout",
                    close.getReplyText());
            assertEquals(1, connection.createChannel().messageCount("fetched"));
        }
    }

    /** The broker knows by a queue of its own what a channel fetched from it; the client has all of them in hand. */
    @Test
    @Row({"406", "queue x-consumer-timeout"})
    void whoFetchesFromSeveralQueuesIsToldOfEach() throws Exception {
        try (Connection connection = server.connect()) {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            CompletableFuture<ShutdownSignalException> ended = new CompletableFuture<>();
            channel.addShutdownListener(ended::complete);
            for (String queue : List.of("first", "second")) {
                channel.queueDeclare(queue, true, false, false, Map.of("x-consumer-timeout", HOUR));
                channel.basicPublish("", queue, null, new byte[1]);
            }
            channel.waitForConfirmsOrDie(PATIENCE * 1_000);
            assertNotNull(channel.basicGet("first", false));
            channel.basicAck(channel.basicGet("second", false).getEnvelope().getDeliveryTag(), false);
            channel.messageCount("second"); // answered behind the ack
            server.pass(HOUR);
            assertTimedOut(ended);
            assertEquals(1, connection.createChannel().messageCount("first"));
        }
    }

    /** Whoever cancelled still has to ack; nobody can tell it by cancelling. */
    @Test
    @Row({"406", "consumer x-consumer-timeout"})
    void whoHasCancelledIsToldByTheEndOfItsChannel() throws Exception {
        try (Connection connection = server.connect()) {
            Channel channel = connection.createChannel();
            CompletableFuture<ShutdownSignalException> ended = new CompletableFuture<>();
            channel.addShutdownListener(ended::complete);
            channel.queueDeclare("left", true, false, false, null);
            channel.basicPublish("", "left", null, new byte[1]);
            String tag = channel.basicConsume("left", false, Map.of("x-consumer-timeout", HOUR), listener(channel));
            assertNotNull(came.poll(PATIENCE, TimeUnit.SECONDS));
            channel.basicCancel(tag);
            server.pass(HOUR);
            assertTimedOut(ended);
            assertEquals(1, connection.createChannel().messageCount("left"));
        }
    }

    /** A consumer that was cancelled for being late knows; so what it had for less may be late, too. */
    @Test
    @Row("consumer x-consumer-timeout")
    void whoWasToldOnceKeepsTheChannel() throws Exception {
        try (Connection connection = server.connect()) {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            channel.queueDeclare("twice", true, false, false, null);
            String tag = channel.basicConsume("twice", false, Map.of("x-consumer-timeout", HOUR), listener(channel));
            channel.basicPublish("", "twice", null, new byte[1]);
            assertNotNull(came.poll(PATIENCE, TimeUnit.SECONDS));
            server.pass(HOUR / 2);
            channel.basicPublish("", "twice", null, new byte[1]);
            assertNotNull(came.poll(PATIENCE, TimeUnit.SECONDS));
            server.pass(HOUR / 2);
            assertEquals(tag, cancelled.get(PATIENCE, TimeUnit.SECONDS));
            assertEquals(1, channel.messageCount("twice"));
            server.pass(HOUR);
            while (channel.messageCount("twice") < 2) {
                Thread.onSpinWait();
            }
            assertTrue(channel.isOpen());
        }
    }

    private static void assertTimedOut(CompletableFuture<ShutdownSignalException> ended) throws Exception {
        AMQP.Channel.Close close =
                (AMQP.Channel.Close) ended.get(PATIENCE, TimeUnit.SECONDS).getReason();
        assertEquals(406, close.getReplyCode());
    }

    @Test
    void whoIsNotToldOfCancelsLosesTheChannel() throws Exception {
        try (Connection connection = server.connect();
                RawClient client = server.raw()) {
            client.login(FieldTable.EMPTY);
            client.openAfterLogin(131_072, 0).openChannel(1);
            Channel channel = connection.createChannel();
            channel.queueDeclare("old", true, false, false, Map.of("x-consumer-timeout", HOUR));
            channel.basicPublish("", "old", null, new byte[1]);
            client.send(1, new BasicMethod.Consume("old", "t", false, false, false, false, FieldTable.EMPTY));
            client.expect(BasicMethod.ConsumeOk.class);
            client.expect(BasicMethod.Deliver.class);
            server.pass(HOUR);
            assertEquals(406, client.expect(ChannelMethod.Close.class).replyCode());
        }
    }
}
