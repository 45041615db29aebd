package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.ClientCase;
import io.tallymq.amqp.session.ErrorCodes;
import io.tallymq.broker.view.BrokerView;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** x-queue-type: stream, with the real client. */
class StreamsTest extends ClientCase {
    private static int streams;
    private String stream;

    /** What a reader gets: the number in its body, and its offset. */
    private record Came(long number, long offset, long tag, Channel on) {
        void ack() throws IOException {
            on.basicAck(tag, false);
        }
    }

    @BeforeEach
    void begin() throws Exception {
        channel.confirmSelect();
        stream = "stream" + streams++;
        declareStream(Map.of());
    }

    private void declareStream(Map<String, Object> more) throws IOException {
        Map<String, Object> a = new TreeMap<>(more);
        a.put("x-queue-type", "stream");
        channel.queueDeclare(stream, true, false, false, a);
    }

    private void publish(int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            publish(i, null);
        }
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
    }

    private void publish(int i, String filter) throws IOException {
        AMQP.BasicProperties p = filter == null
                ? null
                : new AMQP.BasicProperties.Builder()
                        .headers(Map.of("x-stream-filter-value", filter))
                        .build();
        channel.basicPublish("", stream, p, Integer.toString(i).getBytes());
    }

    private BlockingQueue<Came> read(int prefetch, Object... arguments) throws IOException {
        Map<String, Object> a = new TreeMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            a.put((String) arguments[i], arguments[i + 1]);
        }
        BlockingQueue<Came> came = new LinkedBlockingQueue<>();
        Channel reading = connection.createChannel();
        reading.basicQos(prefetch);
        reading.basicConsume(stream, false, a, new DefaultConsumer(reading) {
            @Override
            public void handleDelivery(String tag, Envelope e, AMQP.BasicProperties p, byte[] body) {
                long offset = ((Number) p.getHeaders().get("x-stream-offset")).longValue();
                assertFalse(e.isRedeliver());
                came.add(new Came(Long.parseLong(new String(body)), offset, e.getDeliveryTag(), reading));
            }
        });
        return came;
    }

    /** Takes and acks so many; returns their numbers. */
    private static List<Long> take(BlockingQueue<Came> came, int count) throws Exception {
        List<Long> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Came one = came.poll(PATIENCE, TimeUnit.SECONDS);
            assertNotNull(one, "only " + numbers + " came");
            numbers.add(one.number);
            one.ack();
        }
        return numbers;
    }

    private static List<Long> numbers(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    @Test
    @Row("queue x-queue-type")
    void everyReaderGetsAllAndNothingGoes() throws Exception {
        publish(0, 500);
        for (int r = 0; r < 3; r++) {
            BlockingQueue<Came> came = read(20, "x-stream-offset", "first");
            assertEquals(numbers(0, 500), take(came, 500));
        }
        assertEquals(500, channel.messageCount(stream));
    }

    /** As RabbitMQ: the flag means nothing to a stream. */
    @Test
    void anExclusiveReaderReadsBesideOthers() throws Exception {
        publish(0, 10);
        for (int r = 0; r < 2; r++) {
            Channel reading = connection.createChannel();
            reading.basicQos(5);
            BlockingQueue<Long> came = new LinkedBlockingQueue<>();
            reading.basicConsume(
                    stream,
                    false,
                    "",
                    false,
                    true,
                    Map.of("x-stream-offset", "first"),
                    (tag, d) -> came.add(d.getEnvelope().getDeliveryTag()),
                    tag -> {});
            assertEquals(1L, came.poll(PATIENCE, TimeUnit.SECONDS));
        }
    }

    @Test
    void whoReadsAlongGetsWhatComes() throws Exception {
        publish(0, 10);
        BlockingQueue<Came> came = read(5);
        publish(10, 300);
        assertEquals(numbers(10, 300), take(came, 290));
    }

    /** Found by the proof with kills: what was held back went back at the cancel, and what came behind it was still sent. */
    @Test
    void whoCancelsMissesNothingInBetween() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Thread publisher = new Thread(() -> {
            try (Connection own = server.connect()) {
                Channel c = own.createChannel();
                c.confirmSelect();
                while (!done.get()) {
                    c.basicPublish("", stream, null, new byte[1]);
                    c.waitForConfirms(PATIENCE * 1000);
                }
            } catch (IOException | InterruptedException | TimeoutException e) {
                throw new IllegalStateException(e);
            }
        });
        publisher.start();
        try {
            for (int round = 0; round < 150; round++) {
                readAndCancel(1 + round % 3, 5 + round % 7);
            }
        } finally {
            done.set(true);
            publisher.join();
        }
    }

    private void readAndCancel(int prefetch, int after) throws Exception {
        Channel c = connection.createChannel();
        c.basicQos(prefetch);
        List<Long> offsets = new ArrayList<>();
        CountDownLatch some = new CountDownLatch(after);
        CountDownLatch cancelled = new CountDownLatch(1);
        String tag = c.basicConsume(stream, false, Map.of("x-stream-offset", "first"), new DefaultConsumer(c) {
            @Override
            public void handleDelivery(String t, Envelope e, AMQP.BasicProperties p, byte[] body) throws IOException {
                offsets.add(((Number) p.getHeaders().get("x-stream-offset")).longValue());
                c.basicAck(e.getDeliveryTag(), false);
                some.countDown();
            }

            @Override
            public void handleCancelOk(String t) {
                cancelled.countDown();
            }
        });
        assertTrue(some.await(PATIENCE, TimeUnit.SECONDS));
        c.basicCancel(tag);
        assertTrue(cancelled.await(PATIENCE, TimeUnit.SECONDS));
        assertEquals(numbers(0, offsets.size()), offsets);
        c.close();
    }

    @Test
    void thePrefetchHoldsItBack() throws Exception {
        publish(0, 100);
        BlockingQueue<Came> came = read(3, "x-stream-offset", "first");
        List<Came> three = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            three.add(came.poll(PATIENCE, TimeUnit.SECONDS));
        }
        channel.basicQos(1); // answered behind what would have come
        assertEquals(null, came.poll());
        three.get(2).on.basicAck(three.get(2).tag, true);
        assertEquals(numbers(3, 100), take(came, 97));
    }

    @Test
    @Row({"consumer x-stream-offset", "header x-stream-offset"})
    void offsets() throws Exception {
        publish(0, 50);
        assertEquals(numbers(17, 50), take(read(10, "x-stream-offset", 17), 33));
        assertEquals(numbers(40, 50), take(read(10, "x-stream-offset", -10), 10));
        Came first = read(10, "x-stream-offset", "last").poll(PATIENCE, TimeUnit.SECONDS);
        assertEquals(first.number, first.offset);
        assertEquals(numbers(0, 50), take(read(10, "x-stream-offset", "1h"), 50));
        assertEquals(numbers(0, 50), take(read(10, "x-stream-offset", new Date(0)), 50));
        BlockingQueue<Came> later = read(10, "x-stream-offset", new Date(server.now() + 3_600_000));
        BlockingQueue<Came> beyond = read(10, "x-stream-offset", 60);
        publish(50, 65);
        assertEquals(numbers(50, 65), take(beyond, 15), "the next ones, as in RabbitMQ");
        assertEquals(numbers(50, 65), take(later, 15), "the next ones, if nothing is as late as that");
    }

    @Test
    @Row({"consumer x-stream-filter", "consumer x-stream-match-unfiltered", "header x-stream-filter-value"})
    void filters() throws Exception {
        for (int i = 0; i < 90; i++) {
            publish(i, i % 3 == 0 ? null : i % 3 == 1 ? "a" : "b");
        }
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        List<Long> a = take(read(4, "x-stream-offset", "first", "x-stream-filter", "a"), 30);
        assertTrue(a.stream().allMatch(n -> n % 3 == 1), a.toString());
        List<Long> both = take(read(4, "x-stream-offset", "first", "x-stream-filter", List.of("a", "b")), 60);
        assertTrue(both.stream().noneMatch(n -> n % 3 == 0), both.toString());
        BlockingQueue<Came> came =
                read(4, "x-stream-offset", "first", "x-stream-filter", "b", "x-stream-match-unfiltered", true);
        assertTrue(take(came, 60).stream().noneMatch(n -> n % 3 == 1));
    }

    @Test
    @Row("queue x-max-length")
    void whatIsTooMuchGoes() throws Exception {
        channel.queueDelete(stream);
        declareStream(Map.of("x-max-length", 20));
        for (int i = 0; i < 100; i += 10) {
            publish(i, i + 10);
        }
        int kept = (int) channel.messageCount(stream);
        assertTrue(kept >= 20 && kept < 30, kept + " are kept: whole chunks go, of ten at most");
        assertEquals(numbers(100 - kept, 100), take(read(5, "x-stream-offset", "first"), kept));
    }

    @Test
    @Row("queue x-max-age")
    void whatIsTooOldGoes() throws Exception {
        channel.queueDelete(stream);
        declareStream(Map.of("x-max-age", "1D"));
        AMQP.BasicProperties own =
                new AMQP.BasicProperties.Builder().expiration("1").build();
        channel.basicPublish("", stream, own, new byte[1]);
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        server.pass(1_000);
        assertEquals(1, channel.messageCount(stream), "a message's own expiration does not count");
        server.pass(86_400_000);
        while (channel.messageCount(stream) > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void readingCostsNoEntries() throws Exception {
        publish(0, 10_000);
        BlockingQueue<Came> came = read(100, "x-stream-offset", "first");
        take(came, 1);
        long before = server.broker().read(BrokerView::appliedIndex);
        take(came, 9_999);
        long after = server.broker().read(BrokerView::appliedIndex);
        assertTrue(after - before < 20, (after - before) + " entries for 9,999 messages");
    }

    @Test
    void largeBodiesToo() throws Exception {
        byte[] body = "7".repeat(3 << 20).getBytes();
        channel.basicPublish("", stream, null, body);
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        for (int r = 0; r < 2; r++) {
            CompletableFuture<Integer> length = new CompletableFuture<>();
            Channel reading = connection.createChannel();
            reading.basicQos(1);
            reading.basicConsume(stream, false, Map.of("x-stream-offset", "first"), new DefaultConsumer(reading) {
                @Override
                public void handleDelivery(String tag, Envelope e, AMQP.BasicProperties p, byte[] b) {
                    length.complete(b.length);
                }
            });
            assertEquals(body.length, length.get(PATIENCE, TimeUnit.SECONDS));
        }
    }

    @Test
    void aDeletedStreamCancelsItsReaders() throws Exception {
        publish(0, 3);
        CompletableFuture<String> cancelled = new CompletableFuture<>();
        Channel reading = connection.createChannel();
        reading.basicQos(1);
        reading.basicConsume(stream, false, new DefaultConsumer(reading) {
            @Override
            public void handleCancel(String tag) {
                cancelled.complete(tag);
            }
        });
        channel.queueDelete(stream);
        assertNotNull(cancelled.get(PATIENCE, TimeUnit.SECONDS));
    }

    @Test
    void whatIsSettledByAMessageIsAnAckToo() throws Exception {
        publish(0, 30);
        BlockingQueue<Came> came = read(1, "x-stream-offset", "first");
        for (int i = 0; i < 30; i++) {
            Came one = came.poll(PATIENCE, TimeUnit.SECONDS);
            assertEquals(i, one.number);
            one.on.confirmSelect();
            Map<String, Object> headers = Map.of("x-delivery-tag", one.tag, "x-outcome", i % 2 == 0 ? "ack" : "reject");
            one.on.basicPublish(
                    "amq.settle",
                    "",
                    new AMQP.BasicProperties.Builder().headers(headers).build(),
                    new byte[0]);
        }
    }

    @Test
    void nacksAreAcks() throws Exception {
        publish(0, 30);
        BlockingQueue<Came> came = read(2, "x-stream-offset", "first");
        for (int i = 0; i < 30; i++) {
            Came one = came.poll(PATIENCE, TimeUnit.SECONDS);
            assertEquals(i, one.number);
            one.on.basicNack(one.tag, false, true);
        }
    }

    @Test
    void whatAStreamCanNotDo() throws Exception {
        Channel c = connection.createChannel();
        ErrorCodes.channelClosed(406, c, () -> c.basicConsume(stream, false, new DefaultConsumer(c)));
        for (int i = 0; i < 3; i++) {
            int what = i;
            Connection other = server.connect();
            Channel on = other.createChannel();
            on.basicQos(1);
            ErrorCodes.connectionClosed(540, other, () -> {
                switch (what) {
                    case 0 -> on.basicGet(stream, true);
                    case 1 -> on.queuePurge(stream);
                    default -> on.basicConsume(stream, true, new DefaultConsumer(on));
                }
            });
        }
    }

    @Test
    @Row("consumer x-stream-automatic-offset-tracking")
    void whoComesBackGoesOnWhereItHasAcked() throws Exception {
        publish(0, 100);
        Map<String, Object> tracked = Map.of("x-stream-automatic-offset-tracking", true);
        for (int round = 0; round < 3; round++) {
            BlockingQueue<Long> came = new LinkedBlockingQueue<>();
            Connection other = server.connect();
            Channel reading = other.createChannel();
            reading.basicQos(10);
            Map<String, Object> a = new TreeMap<>(tracked);
            if (round == 0) {
                a.put("x-stream-offset", "first");
            }
            reading.basicConsume(stream, false, "me", false, false, a, new DefaultConsumer(reading) {
                @Override
                public void handleDelivery(String tag, Envelope e, AMQP.BasicProperties p, byte[] body)
                        throws IOException {
                    long number = Long.parseLong(new String(body));
                    if (number % 20 != 19 && number < 29) { // that one, and those behind it, come again
                        reading.basicAck(e.getDeliveryTag(), false);
                    }
                    came.add(number);
                }
            });
            long first = round == 0 ? 0 : 19;
            for (long i = first; i < 29; i++) {
                assertEquals(i, came.poll(PATIENCE, TimeUnit.SECONDS));
            }
            if (round == 0) {
                other.close();
            } else {
                reading.basicCancel("me");
                reading.close();
                other.abort();
            }
        }
    }

    /** While the connection stays, for it may break at any time. */
    @Test
    @Row("consumer x-stream-automatic-offset-tracking")
    void acksOfATransactionAreRemembered() throws Exception {
        publish(0, 100);
        Channel reading = connection.createChannel();
        reading.basicQos(10);
        reading.txSelect();
        BlockingQueue<Long> came = track(reading, Map.of("x-stream-offset", "first"), (number, e) -> {
            if (number < 30) {
                reading.basicAck(e.getDeliveryTag(), false);
                reading.txCommit();
            }
        });
        for (long i = 0; i < 30; i++) {
            assertEquals(i, came.poll(PATIENCE, TimeUnit.SECONDS));
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
        long next = 0;
        while (next < 20) { // it is stored once a second
            assertTrue(System.nanoTime() < end, "nothing is remembered");
            Connection other = server.connect();
            Channel again = other.createChannel();
            again.basicQos(1);
            Long first = track(again, Map.of(), (number, e) -> {}).poll(1, TimeUnit.SECONDS);
            next = first == null ? 0 : first; // who has nothing stored waits for what is published next
            other.abort();
        }
    }

    private interface OnMessage {
        void take(long number, Envelope e) throws IOException;
    }

    /** Consumes under one name, and tells what came. */
    private BlockingQueue<Long> track(Channel on, Map<String, Object> more, OnMessage taking) throws IOException {
        return track("me", on, more, taking);
    }

    private BlockingQueue<Long> track(String name, Channel on, Map<String, Object> more, OnMessage taking)
            throws IOException {
        BlockingQueue<Long> came = new LinkedBlockingQueue<>();
        Map<String, Object> a = new TreeMap<>(more);
        a.put("x-stream-automatic-offset-tracking", true);
        on.basicConsume(stream, false, name, false, false, a, new DefaultConsumer(on) {
            @Override
            public void handleDelivery(String tag, Envelope e, AMQP.BasicProperties p, byte[] body) throws IOException {
                long number = Long.parseLong(new String(body));
                taking.take(number, e);
                came.add(number);
            }
        });
        return came;
    }

    /** All of a channel's readers are told of in one look, and of each where it is. */
    @Test
    @Row("consumer x-stream-automatic-offset-tracking")
    void ofSeveralReadersOfAChannelEachGoesOnWhereItHasAcked() throws Exception {
        publish(0, 40);
        Channel reading = connection.createChannel();
        reading.basicQos(10);
        for (int reader = 1; reader <= 5; reader++) {
            long upTo = 5 * reader;
            BlockingQueue<Long> came = track("r" + reader, reading, Map.of("x-stream-offset", "first"), (number, e) -> {
                if (number < upTo) {
                    reading.basicAck(e.getDeliveryTag(), false);
                }
            });
            for (long i = 0; i < upTo + 10; i++) {
                assertEquals(i, came.poll(PATIENCE, TimeUnit.SECONDS));
            }
        }
        reading.close();
        Channel again = connection.createChannel();
        again.basicQos(1);
        for (int reader = 1; reader <= 5; reader++) {
            assertEquals(
                    5L * reader,
                    track("r" + reader, again, Map.of(), (number, e) -> {}).poll(PATIENCE, TimeUnit.SECONDS));
        }
    }

    static List<Object> wrong() {
        return List.of("soon", "5x", true, List.of("first"), 1.5, "", "-1h");
    }

    @ParameterizedTest
    @Row("consumer x-stream-offset")
    @MethodSource("wrong")
    void wrongOffsets(Object offset) throws Exception {
        Channel c = connection.createChannel();
        c.basicQos(1);
        ErrorCodes.channelClosed(
                406, c, () -> c.basicConsume(stream, false, Map.of("x-stream-offset", offset), new DefaultConsumer(c)));
    }

    /** A filter is a text or a list of texts. */
    @ParameterizedTest
    @MethodSource
    void wrongFilters(Object filter) throws Exception {
        Channel c = connection.createChannel();
        c.basicQos(1);
        String text = ErrorCodes.channelClosed(
                406, c, () -> c.basicConsume(stream, false, Map.of("x-stream-filter", filter), new DefaultConsumer(c)));
        assertEquals(
                "PRECONDITION_FAILED - invalid arg 'x-stream-filter' for a consumer of queue '" + stream
                        + "' in vhost '/': a text or a list of texts expected",
                text);
    }

    static List<Object> wrongFilters() {
        return List.of(7, true, new byte[] {1}, Map.of("a", "b"), List.of("a", 7), new Date(0));
    }

    @Test
    void aStreamStays() throws Exception {
        Map<String, Object> a = Map.of("x-queue-type", "stream");
        for (int i = 0; i < 4; i++) {
            int what = i;
            Channel c = connection.createChannel();
            ErrorCodes.channelClosed(
                    406, c, () -> c.queueDeclare(what == 3 ? "" : "flags", what != 0, what == 1, what == 2, a));
        }
    }

    static List<Map<String, Object>> foreign() {
        return List.of(
                Map.of("x-message-ttl", 1000),
                Map.of("x-dead-letter-exchange", "x"),
                Map.of("x-max-priority", 3),
                Map.of("x-single-active-consumer", true),
                Map.of("x-overflow", "reject-publish"),
                Map.of("x-max-age", "1 day"),
                Map.of("x-max-age", 5));
    }

    @ParameterizedTest
    @MethodSource("foreign")
    void foreignArguments(Map<String, Object> arguments) throws Exception {
        Map<String, Object> a = new TreeMap<>(arguments);
        a.put("x-queue-type", "stream");
        ErrorCodes.channelClosed(406, channel, () -> channel.queueDeclare("foreign", true, false, false, a));
    }

    /** Within the second in which nothing is stored. */
    @ParameterizedTest
    @Row("consumer x-stream-automatic-offset-tracking")
    @ValueSource(booleans = {false, true})
    void acksBeforeAChannelsErrorOrABrokenSocketAreRemembered(boolean breaks) throws Exception {
        publish(0, 100);
        ConnectionFactory f = server.factory().clone();
        List<Socket> sockets = new CopyOnWriteArrayList<>();
        f.setSocketConfigurator(sockets::add);
        Connection own = f.newConnection();
        Channel reading = own.createChannel();
        reading.basicQos(10);
        BlockingQueue<Long> came = track(reading, Map.of("x-stream-offset", "first"), (number, e) -> {
            if (number < 30) {
                reading.basicAck(e.getDeliveryTag(), false);
            }
        });
        for (long i = 0; i < 30; i++) {
            assertEquals(i, came.poll(PATIENCE, TimeUnit.SECONDS));
        }
        if (breaks) {
            own.createChannel().close(); // the acks before are there
            sockets.get(0).close();
        } else {
            ErrorCodes.channelClosed(404, reading, () -> reading.queueDeclarePassive("none"));
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
        long next = -1;
        while (next != 30) {
            assertTrue(System.nanoTime() < end, "it begins with " + next);
            Connection other = server.connect();
            Channel again = other.createChannel();
            again.basicQos(1);
            Long first = track(again, Map.of(), (number, e) -> {}).poll(1, TimeUnit.SECONDS);
            next = first == null ? -1 : first;
            other.abort();
        }
        own.abort();
    }
}
