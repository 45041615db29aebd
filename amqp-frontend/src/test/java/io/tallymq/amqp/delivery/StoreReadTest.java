package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.ForgetfulBroker;
import io.tallymq.amqp.session.RawClient;
import io.tallymq.amqp.session.TestServer;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.Method;
import io.tallymq.broker.Broker;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Records;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.ChunkBody;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deliveries whose messages have to be read from the store first: in order, whole, and what if they are gone. */
class StoreReadTest {
    private static final UnaryOperator<CompletableFuture<ChunkBody>> CHUNKS = UnaryOperator.identity();
    private static final UnaryOperator<CompletableFuture<byte[]>> PARTS = UnaryOperator.identity();

    private static TestServer server(
            UnaryOperator<CompletableFuture<ChunkBody>> chunks, UnaryOperator<CompletableFuture<byte[]>> parts) {
        return new TestServer(TestServer.defaults(), broker -> new ForgetfulBroker(broker, chunks, parts));
    }

    private static byte[] body(int number, int size) {
        byte[] body = new byte[size];
        new Random(number).nextBytes(body);
        return body;
    }

    private static int size(int number) {
        return number % 50 == 0 ? 1_500_000 : number % 700;
    }

    /** 4.7: messages that went through one channel, exchange and queue come in order, wherever they are read from. */
    @Test
    void orderIsKept() throws Exception {
        AtomicReference<ForgetfulBroker> forgetful = new AtomicReference<>();
        UnaryOperator<Broker> wrapper = broker -> {
            forgetful.set(new ForgetfulBroker(broker, CHUNKS, PARTS));
            return forgetful.get();
        };
        try (TestServer server = new TestServer(TestServer.defaults(), wrapper);
                Connection connection = server.connect()) {
            Channel channel = connection.createChannel();
            String queue = channel.queueDeclare().getQueue();
            channel.confirmSelect();
            int messages = 500;
            for (int i = 0; i < messages; i++) {
                channel.basicPublish("", queue, null, body(i, size(i)));
            }
            assertTrue(channel.waitForConfirms(60_000));
            channel.basicQos(20);
            BlockingQueue<byte[]> bodies = new LinkedBlockingQueue<>();
            channel.basicConsume(
                    queue,
                    false,
                    (tag, delivery) -> {
                        channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
                        bodies.add(delivery.getBody());
                    },
                    tag -> {});
            for (int i = 0; i < messages; i++) {
                assertArrayEquals(body(i, size(i)), bodies.poll(60, TimeUnit.SECONDS), "message " + i);
            }
            assertTrue(forgetful.get().reads() > 0, "nothing was read from the store");
        }
    }

    /** A queue that was deleted in the meantime has nothing to get. */
    @Test
    void whatIsGoneIsNotDelivered() throws Exception {
        UnaryOperator<CompletableFuture<ChunkBody>> gone = read -> read.thenApply(body -> null);
        try (TestServer server = server(gone, PARTS);
                RawClient client = publishAndConsume(server, 10)) {
            client.send(1, new BasicMethod.Cancel("t", false));
            client.expect(BasicMethod.CancelOk.class);
        }
    }

    @Test
    void aPartThatIsGoneBeforeTheMessageBeganIsPassedOver() throws Exception {
        try (TestServer server = server(CHUNKS, read -> read.thenApply(part -> null));
                RawClient client = publishAndConsume(server, 1_200_000)) {
            client.send(1, new BasicMethod.Cancel("t", false));
            client.expect(BasicMethod.CancelOk.class);
        }
    }

    /** Half of a message was sent and the other half is gone: the connection can't go on. */
    @Test
    void aPartThatIsGoneInTheMiddleClosesTheConnection() throws Exception {
        int[] reads = {0};
        UnaryOperator<CompletableFuture<byte[]>> secondGone =
                read -> reads[0]++ == 0 ? read : read.thenApply(part -> null);
        try (TestServer server = server(CHUNKS, secondGone);
                RawClient client = publishAndConsume(server, 2_500_000)) {
            client.expect(BasicMethod.Deliver.class);
            assertEquals(541, client.expect(ConnectionMethod.Close.class).replyCode());
        }
    }

    @Test
    @Row("541")
    void aReadThatFailsClosesTheConnection() throws Exception {
        UnaryOperator<CompletableFuture<ChunkBody>> broken =
                read -> CompletableFuture.failedFuture(new IllegalStateException("on purpose: the disk is broken"));
        try (TestServer server = server(broken, PARTS);
                RawClient client = publishAndConsume(server, 10)) {
            assertEquals(541, client.expect(ConnectionMethod.Close.class).replyCode());
        }
    }

    private static <T> UnaryOperator<CompletableFuture<T>> busyTwice() {
        AtomicInteger asked = new AtomicInteger();
        return read -> asked.incrementAndGet() > 2
                ? read
                : CompletableFuture.failedFuture(new RejectedExecutionException("on purpose: 65536 reads wait"));
    }

    /** Others have more read than the disk gives: this connection has its messages later, and does not end for that. */
    @ParameterizedTest
    @ValueSource(ints = {10, 2_500_000})
    void aReadForWhichTooManyWaitIsAskedForAgain(int size) throws Exception {
        try (TestServer server = server(busyTwice(), busyTwice());
                RawClient client = publishAndConsume(server, size)) {
            client.expect(BasicMethod.Deliver.class);
            assertEquals(2, client.receive().type(), "a header");
            int left = size;
            while (left > 0) {
                RawClient.Received frame = client.receive();
                assertEquals(3, frame.type(), "a body frame");
                left -= frame.payload().length;
            }
        }
    }

    /** The first two messages, the second of which names a route that is not there: to write it throws. */
    private static ChunkBody broken(ChunkBody body) {
        byte[] bytes = body.bytes().clone();
        int[] offsets = {body.at(0), body.at(1)};
        MessageRecord.setRoute(bytes, offsets[0], 0);
        MessageRecord.setRoute(bytes, offsets[1], 1);
        return ChunkBody.of(new Records(bytes, offsets, new Route[] {body.route(0)}, body.publishedAt()));
    }

    /** Nobody waits for what follows a read: what it throws must not be lost with it, nor what was written before it. */
    @Test
    void aMessageThatCanNotBeWrittenClosesTheConnectionAndThoseBeforeItCountAsSent() throws Exception {
        AtomicBoolean asked = new AtomicBoolean();
        CompletableFuture<Void> go = new CompletableFuture<>();
        UnaryOperator<CompletableFuture<ChunkBody>> second =
                read -> asked.getAndSet(true) ? read : go.thenCombine(read, (nothing, body) -> broken(body));
        try (TestServer server = server(second, PARTS)) {
            try (Connection connection = server.connect()) {
                Channel channel = connection.createChannel();
                channel.queueDeclare("q", false, false, false, null);
                channel.txSelect(); // so that they stand in one chunk
                channel.basicPublish("", "q", null, body(1, 10));
                channel.basicPublish("", "q", null, body(2, 10));
                channel.txCommit();
            }
            try (RawClient client = consume(server.raw().open().openChannel(1))) {
                while (!asked.get()) {
                    Thread.onSpinWait();
                }
                client.send(1, new BasicMethod.Qos(0, 0, false));
                client.expect(BasicMethod.QosOk.class); // so that its turn is over
                go.complete(null);
                assertEquals(1, client.expect(BasicMethod.Deliver.class).deliveryTag());
                assertEquals(541, client.expect(ConnectionMethod.Close.class).replyCode());
            }
            try (RawClient client = consume(server.raw().open().openChannel(1))) {
                assertTrue(client.expect(BasicMethod.Deliver.class).redelivered());
            }
        }
    }

    /** One message of this size in a queue, and a consumer on channel 1. */
    private static RawClient publishAndConsume(TestServer server, int size) throws Exception {
        try (Connection connection = server.connect()) {
            Channel channel = connection.createChannel();
            channel.queueDeclare("q", false, false, false, null);
            channel.confirmSelect();
            channel.basicPublish("", "q", null, body(1, size));
            assertTrue(channel.waitForConfirms(20_000));
        }
        return consume(server.raw().open().openChannel(1));
    }

    private static RawClient consume(RawClient client) throws IOException {
        client.send(1, new BasicMethod.Consume("q", "t", false, false, false, false, FieldTable.EMPTY));
        Method ok = client.receiveMethod();
        assertTrue(ok instanceof BasicMethod.ConsumeOk, () -> "got " + ok);
        return client;
    }

    /** While a big message is on its way in pieces, answers and confirms of its channel wait for its end. */
    @Test
    void nothingComesBetweenTheFramesOfAMessage() throws Exception {
        CompletableFuture<Void> go = new CompletableFuture<>();
        int[] reads = {0};
        UnaryOperator<CompletableFuture<byte[]>> secondWaits =
                read -> reads[0]++ == 0 ? read : go.thenCombine(read, (nothing, part) -> part);
        try (TestServer server = server(CHUNKS, secondWaits);
                RawClient client = publishAndConsume(server, 2_000_000)) {
            client.expect(BasicMethod.Deliver.class);
            client.send(1, new BasicMethod.Qos(0, 5, false));
            client.openChannelAmongContent(2);
            go.complete(null);
            int left = 2_000_000 - client.contentBytes();
            while (left > 0) {
                RawClient.Received frame = client.receive();
                assertEquals(3, frame.type(), "only body frames on channel 1");
                left -= frame.payload().length;
            }
            client.expect(BasicMethod.QosOk.class);
        }
    }

    /** channel.close in the middle of a message: close-ok follows its last frame. */
    @Test
    void closeOkFollowsTheMessageInHand() throws Exception {
        CompletableFuture<Void> go = new CompletableFuture<>();
        int[] reads = {0};
        UnaryOperator<CompletableFuture<byte[]>> secondWaits =
                read -> reads[0]++ == 0 ? read : go.thenCombine(read, (nothing, part) -> part);
        try (TestServer server = server(CHUNKS, secondWaits);
                RawClient client = publishAndConsume(server, 2_000_000)) {
            client.expect(BasicMethod.Deliver.class);
            client.send(1, new ChannelMethod.Close(200, "", 0, 0));
            client.openChannelAmongContent(2);
            go.complete(null);
            int left = 2_000_000 - client.contentBytes();
            while (left > 0) {
                left -= client.receive().payload().length;
            }
            client.expect(ChannelMethod.CloseOk.class);
            client.openChannel(1);
        }
    }
}
