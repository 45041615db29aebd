package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import io.tallymq.amqp.session.TestServer;
import java.io.IOException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client was not sent is ready: in every count, for every rule, and without a flag when it comes. */
class UnsentMessagesTest {
    private static final int PREFETCH = 100;
    /** Less than one is assigned beyond it. */
    private static final int AHEAD = 2 * PREFETCH;
    /** Who settles as often does not rest: that takes a tenth of a second. */
    private static final int SLOW_MILLIS = 30;

    private TestServer server;
    private Connection connection;
    private Channel channel;
    private String queue;

    @BeforeEach
    void connect() throws Exception {
        server = new TestServer();
        connection = server.connect();
        channel = connection.createChannel();
        queue = channel.queueDeclare(
                        "unsent-" + UUID.randomUUID(), true, false, false, Map.of("x-queue-type", "quorum"))
                .getQueue();
        channel.confirmSelect();
    }

    @AfterEach
    void disconnect() {
        connection.abort();
        server.close();
    }

    private void publish(int messages) throws Exception {
        for (int i = 0; i < messages; i++) {
            channel.basicPublish("", queue, null, Integer.toString(i).getBytes());
        }
        channel.waitForConfirmsOrDie();
    }

    /** Consumes, settles the first ones and then rests, with all of its prefetch unsettled. */
    private Channel rest(int settled) throws Exception {
        Channel consuming = connection.createChannel();
        consuming.basicQos(PREFETCH);
        CountDownLatch all = new CountDownLatch(settled + PREFETCH);
        AtomicInteger acked = new AtomicInteger();
        consuming.basicConsume(
                queue,
                false,
                (tag, delivery) -> {
                    if (acked.incrementAndGet() <= settled) {
                        consuming.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
                    }
                    all.countDown();
                },
                tag -> {});
        assertEquals(true, all.await(60, TimeUnit.SECONDS));
        return consuming;
    }

    private long ready() throws IOException {
        return channel.queueDeclarePassive(queue).getMessageCount();
    }

    /** 400 messages and a prefetch of 100: ready was 0, if-empty deleted what nobody was sent, the second consumer got nothing. */
    @Test
    void aRestingConsumerHoldsItsPrefetchAndNoMore() throws Exception {
        publish(400);
        rest(0);
        assertEquals(300, ready());
        Channel other = connection.createChannel();
        assertThrows(IOException.class, () -> other.queueDelete(queue, false, true));
        assertEquals(299, channel.basicGet(queue, true).getMessageCount());
        rest(0);
        assertEquals(199, ready());
        assertEquals(199, channel.queuePurge(queue).getMessageCount());
    }

    /** A consumer that settled fast and then rests gives back what it was assigned ahead, as if it had never left. */
    @Test
    void whatWasAssignedAheadGoesBackWhenTheConsumerRests() throws Exception {
        publish(6_000);
        Channel consuming = rest(3_000);
        awaitReady(6_000 - 3_000 - PREFETCH);
        consuming.close();
        int flagged = 0;
        int attempts = 0;
        for (int i = 3_000; i < 6_000; i++) {
            GetResponse next = channel.basicGet(queue, true);
            assertEquals(Integer.toString(i), new String(next.getBody()));
            flagged += next.getEnvelope().isRedeliver() ? 1 : 0;
            Map<String, Object> headers = next.getProps().getHeaders();
            attempts += headers != null && headers.containsKey("x-delivery-count") ? 1 : 0;
        }
        assertEquals(PREFETCH, flagged);
        assertEquals(PREFETCH, attempts);
    }

    /**
     * A consumer that was fast, and now settles one message whenever it is told to, never rests for long; what it was assigned
     * ahead would have kept the second consumer waiting until it had sent all of it.
     */
    @Test
    void aSecondConsumerNeedNotWaitForASlowFirst() throws Exception {
        publish(6_000);
        Channel slow = connection.createChannel();
        slow.basicQos(PREFETCH);
        BlockingQueue<Long> got = new LinkedBlockingQueue<>();
        slow.basicConsume(queue, false, (tag, d) -> got.add(d.getEnvelope().getDeliveryTag()), tag -> {});
        for (int i = 0; i < 3_000; i++) {
            slow.basicAck(got.take(), false);
        }
        Channel consuming = connection.createChannel();
        BlockingQueue<Long> second = new LinkedBlockingQueue<>();
        consuming.basicQos(1);
        consuming.basicConsume(
                queue, false, (tag, d) -> second.add(d.getEnvelope().getDeliveryTag()), tag -> {});
        int acked = 0;
        while (second.poll(SLOW_MILLIS, TimeUnit.MILLISECONDS) == null) {
            slow.basicAck(got.take(), false);
            slow.queueDeclarePassive(queue); // what the ack set off has happened
            consuming.queueDeclarePassive(queue);
            acked++;
        }
        assertTrue(acked < AHEAD, "the first had settled " + acked + " before the second got one");
    }

    /** A fast consumer has settled 3,000 of 6,000 messages when they are purged: what it had been assigned ahead came to it behind purge-ok. */
    @Test
    void aPurgeTakesWhatWasAssignedAhead() throws Exception {
        publish(6_000);
        Channel consuming = connection.createChannel();
        consuming.basicQos(PREFETCH);
        BlockingQueue<Delivery> got = new LinkedBlockingQueue<>();
        consuming.basicConsume(queue, false, (tag, d) -> got.add(d), tag -> {});
        for (int i = 0; i < 3_000; i++) {
            consuming.basicAck(got.take().getEnvelope().getDeliveryTag(), false);
        }
        channel.queuePurge(queue);
        assertEquals(0, ready());
        channel.basicPublish("", queue, null, "behind".getBytes());
        channel.waitForConfirmsOrDie();
        int came = 3_000;
        for (Delivery d = got.take(); !new String(d.getBody()).equals("behind"); d = got.take()) {
            consuming.basicAck(d.getEnvelope().getDeliveryTag(), false);
            came++;
        }
        assertTrue(came <= 3_000 + PREFETCH, came + " came of what was purged");
    }

    private void awaitReady(long messages) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (ready() != messages && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertEquals(messages, ready());
    }
}
