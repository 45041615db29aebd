package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.ClientCase;
import io.tallymq.amqp.session.ErrorCodes;
import io.tallymq.amqp.session.RawClient;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.FieldTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** 1.8.3 of the method reference: consume, deliver, get, ack, reject, nack, recover, qos, cancel with the real client. */
class ConsumeTest extends ClientCase {
    private String queue;

    @BeforeEach
    void begin() throws Exception {
        queue = channel.queueDeclare("q-" + System.nanoTime(), false, false, false, null)
                .getQueue();
    }

    /** Keeps what arrives. */
    private static final class Collector extends DefaultConsumer {
        final BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
        final CompletableFuture<String> cancelled = new CompletableFuture<>();
        final CompletableFuture<String> cancelOk = new CompletableFuture<>();

        Collector(Channel channel) {
            super(channel);
        }

        @Override
        public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            deliveries.add(new Delivery(envelope, properties, body));
        }

        @Override
        public void handleCancel(String tag) {
            cancelled.complete(tag);
        }

        @Override
        public void handleCancelOk(String tag) {
            cancelOk.complete(tag);
        }

        Delivery next() throws InterruptedException {
            Delivery delivery = deliveries.poll(60, TimeUnit.SECONDS);
            if (delivery == null) {
                throw new AssertionError("no delivery");
            }
            return delivery;
        }

        List<String> next(int count) throws InterruptedException {
            List<String> bodies = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                bodies.add(text(next().getBody()));
            }
            return bodies;
        }
    }

    private static String text(byte[] body) {
        return new String(body, StandardCharsets.UTF_8);
    }

    private void publish(int from, int to) throws Exception {
        try (Channel publisher = connection.createChannel()) {
            publisher.confirmSelect();
            for (int i = from; i <= to; i++) {
                publisher.basicPublish("", queue, null, Integer.toString(i).getBytes(StandardCharsets.UTF_8));
            }
            assertTrue(publisher.waitForConfirms(20_000));
        }
    }

    private static List<String> numbers(int from, int to) {
        List<String> numbers = new ArrayList<>();
        for (int i = from; i <= to; i++) {
            numbers.add(Integer.toString(i));
        }
        return numbers;
    }

    /** Ready messages, seen by another channel: an answer that comes after all that this client did before. */
    private long ready() throws Exception {
        try (Channel other = connection.createChannel()) {
            return other.messageCount(queue);
        }
    }

    /** Messages arrive in order, whichever window limits them; no-ack consumers go beyond theirs. */
    @ParameterizedTest
    @Row("basic.deliver")
    @CsvSource({"true,0", "false,0", "false,1", "false,7", "false,1000"})
    void messagesArriveInOrder(boolean noAck, int prefetch) throws Exception {
        int count = 4000;
        publish(1, count / 2);
        channel.basicQos(prefetch);
        Collector collector = new Collector(channel);
        channel.basicConsume(queue, noAck, collector);
        publish(count / 2 + 1, count);
        for (int i = 1; i <= count; i++) {
            Delivery delivery = collector.next();
            assertEquals(Integer.toString(i), text(delivery.getBody()));
            assertEquals(i, delivery.getEnvelope().getDeliveryTag(), "tags count from 1");
            assertFalse(delivery.getEnvelope().isRedeliver());
            if (!noAck && i % 5 == 0) {
                channel.basicAck(i, true);
            } else if (prefetch == 1 || prefetch == 7) {
                channel.basicAck(i, false);
            }
        }
        channel.close();
        assertEquals(0, ready());
    }

    /** 1.8.3.1 basic.qos: no more than so many unacked messages for each consumer. */
    @Test
    @Row("basic.qos")
    void prefetchLimitsEachConsumer() throws Exception {
        publish(1, 10);
        channel.basicQos(3);
        Collector first = new Collector(channel);
        channel.basicConsume(queue, false, first);
        Collector second = new Collector(channel);
        channel.basicConsume(queue, false, second);
        assertEquals(numbers(1, 3), first.next(3));
        assertEquals(numbers(4, 6), second.next(3));
        assertEquals(4, ready());
        assertTrue(first.deliveries.isEmpty() && second.deliveries.isEmpty());
        channel.basicAck(2, false);
        assertEquals("7", text(first.next().getBody()));
        assertEquals(3, ready());
    }

    @Test
    @Row("basic.qos")
    void prefetchSizeIsRefused() throws Exception {
        ErrorCodes.connectionClosed(540, connection, () -> channel.basicQos(1000, 1, false));
    }

    @Test
    @Row({"basic.ack", "406"})
    void ackOfAnUnknownTagClosesTheChannel() throws Exception {
        publish(1, 1);
        GetResponse got = channel.basicGet(queue, false);
        channel.basicAck(got.getEnvelope().getDeliveryTag(), false);
        String text = ErrorCodes.channelClosed(406, channel, () -> channel.basicAck(1, false));
        assertEquals("PRECONDITION_FAILED - unknown delivery tag 1", text);
        assertEquals(0, ready(), "the first ack counted");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ackOfATagNeverGivenClosesTheChannel(boolean multiple) throws Exception {
        publish(1, 1);
        channel.basicGet(queue, false);
        ErrorCodes.channelClosed(406, channel, () -> channel.basicAck(2, multiple));
        assertEquals(1, ready(), "what was not acked is ready again");
    }

    /** 1.8.3.13: delivery-tag 0 with multiple means all outstanding messages. */
    @Test
    @Row("basic.ack")
    void tagZeroWithMultipleAcksAll() throws Exception {
        publish(1, 5);
        for (int i = 0; i < 5; i++) {
            channel.basicGet(queue, false);
        }
        channel.basicAck(0, true);
        channel.close();
        assertEquals(0, ready());
    }

    /** 1.8.3.14 basic.reject and RabbitMQ's basic.nack with requeue: back to its place, flagged. */
    @Test
    @Row({"basic.nack", "basic.reject"})
    void requeuedMessagesComeAgainFlagged() throws Exception {
        publish(1, 3);
        channel.basicGet(queue, false);
        channel.basicGet(queue, false);
        channel.basicNack(2, true, true);
        GetResponse again = channel.basicGet(queue, false);
        assertEquals("1", text(again.getBody()));
        assertTrue(again.getEnvelope().isRedeliver());
        assertNull(again.getProps().getHeaders(), "a nack does not count as a failed attempt");
        channel.basicReject(again.getEnvelope().getDeliveryTag(), true);
        GetResponse third = channel.basicGet(queue, false);
        assertEquals("1", text(third.getBody()));
        assertTrue(third.getEnvelope().isRedeliver());
        assertNull(third.getProps().getHeaders(), "the count is quorum queues'");
    }

    /** RabbitMQ's quorum queues tell how many attempts have failed, its classic ones do not. */
    @Test
    @Row({"queue x-queue-type", "header x-delivery-count"})
    void quorumQueuesTellOfFailedAttempts() throws Exception {
        String quorum = "counted";
        channel.queueDeclare(quorum, true, false, false, Map.of("x-queue-type", "quorum"));
        channel.basicPublish("", quorum, null, new byte[] {1});
        for (int attempts = 0; attempts < 3; attempts++) {
            GetResponse got = channel.basicGet(quorum, false);
            Map<String, Object> headers = got.getProps().getHeaders();
            assertEquals(
                    attempts == 0 ? null : (long) attempts, headers == null ? null : headers.get("x-delivery-count"));
            channel.basicReject(got.getEnvelope().getDeliveryTag(), true);
        }
        channel.queueDelete(quorum);
    }

    @ParameterizedTest
    @Row({"basic.nack", "basic.reject"})
    @ValueSource(booleans = {true, false})
    void withoutRequeueTheMessageIsGone(boolean reject) throws Exception {
        publish(1, 2);
        channel.basicGet(queue, false);
        if (reject) {
            channel.basicReject(1, false);
        } else {
            channel.basicNack(1, false, false);
        }
        assertEquals("2", text(channel.basicGet(queue, true).getBody()));
        assertNull(channel.basicGet(queue, true));
    }

    /** 1.8.3.16 basic.recover: all that is unacked comes again, and old tags are void. */
    @Test
    @Row({"basic.recover", "basic.recover-ok"})
    void recoverRequeuesWhatIsUnacked() throws Exception {
        publish(1, 3);
        channel.basicQos(3);
        Collector collector = new Collector(channel);
        channel.basicConsume(queue, false, collector);
        assertEquals(numbers(1, 3), collector.next(3));
        channel.basicAck(2, false);
        channel.basicRecover(true);
        Delivery first = collector.next();
        Delivery second = collector.next();
        assertEquals("1", text(first.getBody()));
        assertEquals("3", text(second.getBody()));
        assertTrue(first.getEnvelope().isRedeliver());
        assertEquals(4, first.getEnvelope().getDeliveryTag());
        ErrorCodes.channelClosed(406, channel, () -> channel.basicAck(1, false));
    }

    @Test
    @Row("basic.recover")
    void recoverWithoutRequeueIsRefused() throws Exception {
        ErrorCodes.connectionClosed(540, connection, () -> channel.basicRecover(false));
    }

    @Test
    void closingTheChannelReturnsWhatIsUnacked() throws Exception {
        publish(1, 4);
        Collector collector = new Collector(channel);
        channel.basicConsume(queue, false, collector);
        collector.next(4);
        channel.basicAck(2, true);
        channel.close();
        assertEquals(2, ready());
    }

    /** 1.8.3.6: cancel-ok follows the last deliver, and what was delivered can still be acked. */
    @Test
    @Row({"basic.cancel", "basic.cancel-ok"})
    void cancelEndsDeliveriesAndKeepsTags() throws Exception {
        publish(1, 2);
        Collector collector = new Collector(channel);
        String tag = channel.basicConsume(queue, false, collector);
        assertEquals(numbers(1, 2), collector.next(2));
        channel.basicCancel(tag);
        assertEquals(tag, ErrorCodes.await(collector.cancelOk));
        publish(3, 3);
        assertEquals(1, ready());
        channel.basicAck(2, true);
        channel.close();
        assertEquals(1, ready());
        assertTrue(collector.deliveries.isEmpty());
    }

    @Test
    void aTagCanBeUsedAgainOnceCancelled() throws Exception {
        Collector collector = new Collector(channel);
        channel.basicConsume(queue, true, "mine", collector);
        channel.basicCancel("mine");
        channel.basicConsume(queue, true, "mine", collector);
        publish(1, 1);
        assertEquals(numbers(1, 1), collector.next(1));
    }

    @Test
    @Row({"basic.consume", "530"})
    void aTagInUseIsRefused() throws Exception {
        try (RawClient client = server.raw().open().openChannel(1)) {
            BasicMethod.Consume consume =
                    new BasicMethod.Consume(queue, "mine", false, true, false, false, FieldTable.EMPTY);
            client.send(1, consume);
            client.expect(BasicMethod.ConsumeOk.class);
            client.send(1, consume);
            ConnectionMethod.Close close = client.expect(ConnectionMethod.Close.class);
            assertEquals("NOT_ALLOWED - attempt to reuse consumer tag 'mine'", close.replyText());
            assertEquals(530, close.replyCode());
        }
    }

    @Test
    @Row({"basic.consume", "name amq.ctag-"})
    void serverMadeTagsHaveThePrefix() throws Exception {
        String tag = channel.basicConsume(queue, true, new Collector(channel));
        assertTrue(tag.startsWith("amq.ctag-"), tag);
    }

    /** RabbitMQ's consumer_cancel_notify. */
    @Test
    @Row("basic.cancel")
    void deletingTheQueueCancelsItsConsumers() throws Exception {
        Collector collector = new Collector(channel);
        String tag = channel.basicConsume(queue, false, collector);
        channel.queueDelete(queue);
        assertEquals(tag, ErrorCodes.await(collector.cancelled));
    }

    @Test
    @Row({"basic.consume", "403"})
    void anExclusiveConsumerIsAlone() throws Exception {
        channel.basicConsume(queue, true, "one", false, true, null, new Collector(channel));
        Channel other = connection.createChannel();
        String text = ErrorCodes.channelClosed(403, other, () -> other.basicConsume(queue, true, new Collector(other)));
        assertEquals("ACCESS_REFUSED - queue '" + queue + "' in vhost '/' in exclusive use", text);
    }

    /** E20: basic.get gets what the exclusive consumer has no room for, as with RabbitMQ. */
    @Test
    void getBesideAnExclusiveConsumer() throws Exception {
        channel.basicQos(1);
        Collector collector = new Collector(channel);
        channel.basicConsume(queue, false, "one", false, true, null, collector);
        publish(1, 2);
        try (Channel other = connection.createChannel()) {
            assertEquals("2", text(other.basicGet(queue, true).getBody()));
        }
    }

    @Test
    void consumingFromNoQueueIs404() throws Exception {
        String text = ErrorCodes.channelClosed(
                404, channel, () -> channel.basicConsume("missing", true, new Collector(channel)));
        assertEquals("NOT_FOUND - no queue 'missing' in vhost '/'", text);
    }

    @Test
    @Row("consumer x-filter-match-type")
    void argumentsThatWouldChangeWhatHappensAreRefused() throws Exception {
        ErrorCodes.connectionClosed(
                540,
                connection,
                () -> channel.basicConsume(queue, true, Map.of("x-filter-match-type", "any"), new Collector(channel)));
    }

    @Test
    @Row({"basic.get", "basic.get-ok", "basic.get-empty"})
    void getTellsHowManyRemain() throws Exception {
        publish(1, 3);
        assertEquals(2, channel.basicGet(queue, true).getMessageCount());
        assertEquals(1, channel.basicGet(queue, false).getMessageCount());
        assertEquals(0, channel.basicGet(queue, true).getMessageCount());
        assertNull(channel.basicGet(queue, true));
        channel.close();
        assertEquals(1, ready());
    }

    /** A disconnect without connection.close returns messages just as well. */
    @Test
    void aBrokenConnectionReturnsWhatIsUnacked() throws Exception {
        publish(1, 2);
        try (RawClient client = server.raw().open().openChannel(1)) {
            client.send(1, new BasicMethod.Consume(queue, "t", false, false, true, false, FieldTable.EMPTY));
            client.expect(BasicMethod.ConsumeOk.class);
            client.expect(BasicMethod.Deliver.class);
        }
        Collector collector = new Collector(channel);
        consumeOnceFree(collector);
        assertEquals(numbers(1, 2), collector.next(2));
    }

    /** The exclusive consumer of the broken connection goes a moment after its socket. */
    private void consumeOnceFree(Collector collector) throws Exception {
        for (int i = 0; i < 1000; i++) {
            Channel attempt = connection.createChannel();
            try {
                attempt.basicConsume(queue, true, collector);
                return;
            } catch (IOException e) {
                assertFalse(attempt.isOpen());
            }
        }
        throw new AssertionError("the queue stays in exclusive use");
    }

    /** Bodies over 1 MiB are streamed; small messages on the same and on other channels stay whole. */
    @Test
    void bigMessagesAmongSmallOnes() throws Exception {
        byte[] big = new byte[3_500_000];
        new Random(1).nextBytes(big);
        channel.confirmSelect();
        Channel other = connection.createChannel();
        Collector onOther = new Collector(other);
        String otherQueue = other.queueDeclare().getQueue();
        other.basicConsume(otherQueue, true, onOther);
        Collector collector = new Collector(channel);
        channel.basicQos(2);
        channel.basicConsume(queue, false, collector);
        for (int i = 0; i < 6; i++) {
            channel.basicPublish("", queue, null, i % 2 == 0 ? big : new byte[] {(byte) i});
            channel.basicPublish("", otherQueue, null, new byte[] {(byte) i});
        }
        for (int i = 0; i < 6; i++) {
            Delivery delivery = collector.next();
            assertArrayEquals(i % 2 == 0 ? big : new byte[] {(byte) i}, delivery.getBody());
            channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
            assertArrayEquals(new byte[] {(byte) i}, onOther.next().getBody());
        }
        assertTrue(channel.waitForConfirms(20_000));
        channel.close();
        assertEquals(0, ready());
    }

    /** One copy of a body serves several queues. */
    @Test
    @Row({"basic.deliver", "name amq.fanout"})
    void fanOutDeliversTheSameBodyToAll() throws Exception {
        List<Collector> collectors = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String bound = channel.queueDeclare().getQueue();
            channel.queueBind(bound, "amq.fanout", "");
            Collector collector = new Collector(channel);
            collectors.add(collector);
            channel.basicConsume(bound, true, collector);
        }
        channel.confirmSelect();
        List<byte[]> bodies = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            byte[] body = new byte[i * 37 % 3000];
            new Random(i).nextBytes(body);
            bodies.add(body);
            channel.basicPublish("amq.fanout", "k" + i % 3, null, body);
        }
        assertTrue(channel.waitForConfirms(20_000));
        for (Collector collector : collectors) {
            for (int i = 0; i < 200; i++) {
                Delivery delivery = collector.next();
                assertArrayEquals(bodies.get(i), delivery.getBody());
                assertEquals("k" + i % 3, delivery.getEnvelope().getRoutingKey());
                assertEquals("amq.fanout", delivery.getEnvelope().getExchange());
            }
        }
    }
}
