package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.TestServer;
import io.tallymq.broker.view.BrokerView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** x-filter, with the real client. */
class FiltersTest {
    private static final long PATIENCE = 30;
    private static int queues;
    private static TestServer server;
    private Connection connection;
    private Channel channel;
    private String queue;

    /** What a consumer gets: the number in its body, and whether it came before. */
    private record Came(long number, boolean again, Envelope envelope, Channel on) {
        void ack() throws IOException {
            on.basicAck(envelope.getDeliveryTag(), false);
        }

        void requeue() throws IOException {
            on.basicNack(envelope.getDeliveryTag(), false, true);
        }
    }

    @BeforeAll
    static void start() {
        server = new TestServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void connect() throws Exception {
        connection = server.connect();
        channel = connection.createChannel();
        channel.confirmSelect();
        queue = "filtered" + queues++;
    }

    @AfterEach
    void disconnect() {
        connection.abort();
    }

    private void declare(String type, Object... arguments) throws IOException {
        Map<String, Object> a = map(arguments);
        a.put("x-queue-type", type);
        channel.queueDeclare(queue, true, false, false, a);
    }

    private static Map<String, Object> map(Object... pairs) {
        Map<String, Object> map = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }

    private void publish(long number, AMQP.BasicProperties.Builder properties) throws IOException {
        channel.basicPublish(
                "", queue, properties.build(), Long.toString(number).getBytes());
    }

    private void publish(long number, Object... headers) throws IOException {
        publish(number, new AMQP.BasicProperties.Builder().headers(map(headers)));
    }

    private void confirmed() throws Exception {
        assertTrue(channel.waitForConfirms(PATIENCE * 1_000));
    }

    /** Messages of these numbers, whose header n is the number and whose header kind goes round a, b and c. */
    private void publishKinds(long from, long to) throws Exception {
        for (long i = from; i < to; i++) {
            publish(i, "n", i, "kind", Character.toString('a' + (int) (i % 3)));
        }
        confirmed();
    }

    private BlockingQueue<Came> consume(int prefetch, boolean noAck, Map<String, Object> filter) throws IOException {
        Channel own = connection.createChannel();
        own.basicQos(prefetch);
        return consume(own, noAck, filter);
    }

    private BlockingQueue<Came> consume(Channel on, boolean noAck, Map<String, Object> filter) throws IOException {
        BlockingQueue<Came> came = new LinkedBlockingQueue<>();
        Map<String, Object> a = filter == null ? Map.of() : Map.of("x-filter", filter);
        on.basicConsume(queue, noAck, a, new DefaultConsumer(on) {
            @Override
            public void handleDelivery(String tag, Envelope e, AMQP.BasicProperties p, byte[] body) {
                came.add(new Came(Long.parseLong(new String(body)), e.isRedeliver(), e, on));
            }
        });
        return came;
    }

    private static Came next(BlockingQueue<Came> came) throws Exception {
        Came one = came.poll(PATIENCE, TimeUnit.SECONDS);
        assertNotNull(one, "nothing came");
        return one;
    }

    /** Takes and acks so many; returns their numbers. */
    private static List<Long> take(BlockingQueue<Came> came, int count) throws Exception {
        List<Long> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Came one = next(came);
            numbers.add(one.number);
            one.ack();
        }
        return numbers;
    }

    private static List<Long> numbers(long from, long to, long step) {
        return LongStream.range(from, to)
                .filter(n -> (n - from) % step == 0)
                .boxed()
                .toList();
    }

    /** What is left, in order and as nobody had it. */
    private List<Long> rest() throws Exception {
        List<Long> left = new ArrayList<>();
        for (GetResponse g = channel.basicGet(queue, true); g != null; g = channel.basicGet(queue, true)) {
            assertFalse(g.getEnvelope().isRedeliver(), "who passes a message over has not had it");
            assertFalse(g.getProps().getHeaders().containsKey("x-delivery-count"));
            left.add(Long.parseLong(new String(g.getBody())));
        }
        return left;
    }

    /** The consumer will not get anything any more that is on its way: what comes behind it does. */
    private void settled() throws Exception {
        channel.queueDeclarePassive(queue);
    }

    @Row("consumer x-filter")
    @ParameterizedTest
    @ValueSource(strings = {"classic", "quorum"})
    void whatDoesNotMatchIsLeftAsItWas(String type) throws Exception {
        declare(type);
        publishKinds(0, 300);
        BlockingQueue<Came> came = consume(10, false, map("kind", "b"));
        assertEquals(numbers(1, 300, 3), take(came, 100));
        publishKinds(300, 600);
        assertEquals(numbers(301, 600, 3), take(came, 100));
        settled();
        assertEquals(null, came.poll());
        List<Long> left =
                LongStream.range(0, 600).filter(n -> n % 3 != 1).boxed().toList();
        assertEquals(left, rest());
    }

    @Test
    void eachConsumerGetsItsOwn() throws Exception {
        declare("quorum");
        List<BlockingQueue<Came>> all = new ArrayList<>();
        for (String kind : List.of("a", "b", "c")) {
            all.add(consume(5, false, map("kind", kind)));
        }
        publishKinds(0, 900);
        for (int k = 0; k < 3; k++) {
            assertEquals(numbers(k, 900, 3), take(all.get(k), 300));
        }
        settled();
        assertEquals(0, channel.messageCount(queue));
    }

    @Test
    void valuesAreComparedByWhatTheyAre() throws Exception {
        declare("classic");
        publish(1, "v", 7);
        publish(2, "v", 7L);
        publish(3, "v", (short) 7, "w", true);
        publish(4, "v", 7.0);
        publish(5, "v", "7");
        publish(6, "v", 8);
        publish(7, "v", new Date(7_000));
        publish(8, "v", Collections.nCopies(3, 7));
        publish(9);
        confirmed();
        assertEquals(List.of(1L, 2L, 3L, 4L, 7L), all(map("v", 7), 5));
        assertEquals(List.of(5L), all(map("v", "7"), 1));
        assertEquals(List.of(6L), all(map("v", map("gt", 7.5)), 1));
        assertEquals(List.of(8L, 9L), all(map("v", map("ne", 7), "w", map("exists", false)), 2));
    }

    /** What a filter brings, which is so much; it is gone then. */
    private List<Long> all(Map<String, Object> filter, int count) throws Exception {
        Channel own = connection.createChannel();
        List<Long> numbers = take(consume(own, false, filter), count);
        own.close();
        return numbers;
    }

    @Test
    void operatorsOfOneEntryHoldTogether() throws Exception {
        declare("classic");
        publishKinds(0, 30);
        assertEquals(List.of(12L, 15L), all(map("n", map("gte", 10, "lt", 18), "kind", "a"), 2));
        assertEquals(List.of(1L, 2L), all(map("n", List.of(1, 2, 40)), 2));
        assertEquals(
                List.of(28L, 29L), all(map("n", map("in", List.of(28, 29)), "kind", map("gt", "a", "lte", "c")), 2));
    }

    @Test
    void propertiesMayBeAskedFor() throws Exception {
        declare("classic");
        publish(
                1,
                new AMQP.BasicProperties.Builder().type("order").appId("shop").priority(3));
        publish(
                2,
                new AMQP.BasicProperties.Builder().type("order").messageId("m2").contentType("text/plain"));
        publish(
                3,
                new AMQP.BasicProperties.Builder().timestamp(new Date(50_000)).correlationId("c"));
        publish(4, new AMQP.BasicProperties.Builder().userId("guest"));
        confirmed();
        assertEquals(List.of(1L), all(map("properties.type", "order", "properties.app-id", "shop"), 1));
        assertEquals(List.of(2L), all(map("properties.content-type", "text/plain", "properties.message-id", "m2"), 1));
        assertEquals(
                List.of(3L),
                all(map("properties.timestamp", map("gte", new Date(50_000)), "properties.correlation-id", "c"), 1));
        assertEquals(
                List.of(4L), all(map("properties.user-id", "guest", "properties.priority", map("exists", false)), 1));
    }

    private static Came nextOf(BlockingQueue<Came> one, BlockingQueue<Came> another) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
        Came came = null;
        while (came == null && System.nanoTime() < deadline) {
            came = one.poll(5, TimeUnit.MILLISECONDS);
            came = came == null ? another.poll() : came;
        }
        assertNotNull(came, "nothing came");
        return came;
    }

    @Test
    void aPrefetchHolds() throws Exception {
        declare("quorum");
        publishKinds(0, 60);
        BlockingQueue<Came> came = consume(3, false, map("kind", "a"));
        List<Came> first = List.of(next(came), next(came), next(came));
        BlockingQueue<Came> other = consume(0, false, map("kind", "a"));
        List<Long> others = new ArrayList<>();
        for (int i = 0; i < 17; i++) {
            others.add(next(other).number);
        }
        settled();
        assertEquals(null, came.poll(), "more than its prefetch");
        assertEquals(numbers(9, 60, 3), others);
        first.get(1).requeue();
        // Both have room now: who looks first gets it.
        assertEquals(3, nextOf(came, other).number, "who has room gets what comes back");
    }

    @Test
    void whatComesBackComesAgainFlagged() throws Exception {
        declare("quorum");
        publishKinds(0, 30);
        BlockingQueue<Came> came = consume(2, false, map("kind", "c"));
        Came first = next(came);
        assertFalse(first.again);
        first.requeue();
        List<Long> seen = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Came one = next(came);
            assertEquals(one.number == 2, one.again, one.toString());
            seen.add(one.number);
            one.ack();
        }
        assertEquals(numbers(2, 30, 3), seen.stream().sorted().toList());
    }

    @Test
    void withoutAcksItWorksToo() throws Exception {
        declare("classic");
        BlockingQueue<Came> came = consume(0, true, map("kind", "a"));
        publishKinds(0, 9_000);
        for (long i = 0; i < 3_000; i++) {
            assertEquals(3 * i, next(came).number);
        }
        settled();
        assertEquals(6_000, channel.messageCount(queue));
    }

    @Test
    void withoutALimitItGoesOnToo() throws Exception {
        declare("classic");
        BlockingQueue<Came> came = consume(0, false, map("kind", "a"));
        publishKinds(0, 12_000);
        for (long i = 0; i < 4_000; i++) {
            assertEquals(3 * i, next(came).number);
        }
    }

    @Test
    void whoTakesAllComesFirst() throws Exception {
        declare("classic");
        BlockingQueue<Came> filtered = consume(0, false, map("kind", "a"));
        BlockingQueue<Came> plain = consume(0, false, null);
        publishKinds(0, 30);
        for (long i = 0; i < 30; i++) {
            assertEquals(i, next(plain).number);
        }
        settled();
        assertEquals(null, filtered.poll());
    }

    @Test
    void whatAnotherGivesBackIsFound() throws Exception {
        declare("quorum");
        Channel plain = connection.createChannel();
        BlockingQueue<Came> held = consume(plain, false, null);
        publishKinds(0, 30);
        for (int i = 0; i < 30; i++) {
            next(held);
        }
        BlockingQueue<Came> came = consume(100, false, map("kind", "b"));
        plain.close();
        for (long i = 1; i < 30; i += 3) {
            Came one = next(came);
            assertEquals(i, one.number);
            assertTrue(one.again);
        }
    }

    @Test
    void aGlobalPrefetchMakesRoomForFiltersWhenOthersAck() throws Exception {
        declare("classic");
        String second = queue + "-second";
        channel.queueDeclare(second, true, false, false, null);
        Channel own = connection.createChannel();
        own.basicQos(1, true);
        BlockingQueue<Envelope> of = new LinkedBlockingQueue<>();
        channel.basicPublish("", second, null, "0".getBytes());
        confirmed();
        own.basicConsume(second, false, new DefaultConsumer(own) {
            @Override
            public void handleDelivery(String tag, Envelope e, AMQP.BasicProperties p, byte[] body) {
                of.add(e);
            }
        });
        Envelope e = of.poll(PATIENCE, TimeUnit.SECONDS);
        BlockingQueue<Came> came = consume(own, false, map("kind", "a"));
        publishKinds(0, 9);
        settled();
        assertEquals(null, came.poll());
        own.basicAck(e.getDeliveryTag(), false);
        assertEquals(List.of(0L, 3L, 6L), take(came, 3));
    }

    @Test
    void acksOfATransactionMakeRoom() throws Exception {
        declare("classic");
        Channel own = connection.createChannel();
        own.basicQos(2);
        own.txSelect();
        publishKinds(0, 12);
        BlockingQueue<Came> came = consume(own, false, map("kind", "a"));
        next(came).ack();
        next(came).ack();
        settled();
        assertEquals(null, came.poll());
        own.txCommit();
        assertEquals(6, next(came).number);
        assertEquals(9, next(came).number);
    }

    @Test
    void aSettleByMessageMakesRoom() throws Exception {
        declare("quorum");
        publishKinds(0, 12);
        Channel own = connection.createChannel();
        own.basicQos(1);
        BlockingQueue<Came> came = consume(own, false, map("kind", "a"));
        Came first = next(came);
        Map<String, Object> ack = map("x-delivery-tag", first.envelope.getDeliveryTag(), "x-outcome", "ack");
        own.basicPublish(
                "amq.settle",
                "",
                new AMQP.BasicProperties.Builder().headers(ack).build(),
                new byte[0]);
        assertEquals(3, next(came).number);
    }

    /** A worker's note to the next one, see decision 032. */
    @Test
    void headersThatASettleAddedCount() throws Exception {
        declare("quorum");
        BlockingQueue<Came> first = consume(1, false, Map.of("step", 1));
        BlockingQueue<Came> second = consume(1, false, Map.of("step", 2, "x-reason", "checked"));
        publish(7, "step", 1);
        confirmed();
        Came came = next(first);
        publishOn(
                came.on(),
                "amq.settle",
                map(
                        "x-delivery-tag",
                        came.envelope().getDeliveryTag(),
                        "x-outcome",
                        "release",
                        "x-reason",
                        "checked",
                        "x-set-step",
                        2));
        assertEquals(7, next(second).number());
        publish(8, "step", 1);
        confirmed();
        assertEquals(8, next(first).number(), "7 is no longer for the first one");
    }

    private static void publishOn(Channel on, String exchange, Map<String, Object> headers) throws IOException {
        on.basicPublish(
                exchange,
                "",
                new AMQP.BasicProperties.Builder().headers(headers).build(),
                new byte[0]);
    }

    @Test
    void higherPrioritiesAreTakenFirst() throws Exception {
        declare("classic", "x-max-priority", 5);
        for (int i = 0; i < 60; i++) {
            publish(i, new AMQP.BasicProperties.Builder().priority(i % 5).headers(map("kind", i % 2 == 0 ? "a" : "b")));
        }
        confirmed();
        List<Long> expected = new ArrayList<>();
        for (int p = 4; p >= 0; p--) {
            for (long i = 0; i < 60; i++) {
                if (i % 5 == p && i % 2 == 0) {
                    expected.add(i);
                }
            }
        }
        assertEquals(expected, take(consume(1, false, map("kind", "a")), 30));
    }

    @Test
    void whatHasExpiredIsNotTaken() throws Exception {
        declare("classic");
        publish(0, "kind", "none");
        publish(1, new AMQP.BasicProperties.Builder().expiration("1").headers(map("kind", "a")));
        publish(2, "kind", "a");
        confirmed();
        long published = server.broker().read(BrokerView::clock);
        while (server.broker().read(BrokerView::clock) < published + 2) {
            publish(3, "kind", "none"); // so time goes on in the log
            confirmed();
        }
        assertEquals(List.of(2L), take(consume(10, false, map("kind", "a")), 1));
    }

    @Test
    void purgesAndDeletesEndIt() throws Exception {
        declare("quorum");
        publishKinds(0, 300);
        BlockingQueue<Came> came = consume(5, false, map("kind", "a"));
        assertEquals(numbers(0, 60, 3), take(came, 20));
        channel.queuePurge(queue);
        publishKinds(300, 330);
        List<Long> seen = new ArrayList<>();
        while (seen.isEmpty() || seen.get(seen.size() - 1) < 327) {
            seen.addAll(take(came, 1));
        }
        assertEquals(numbers(300, 330, 3), seen.subList(seen.size() - 10, seen.size()));
        channel.queueDelete(queue);
        declare("quorum");
        publishKinds(0, 3);
        assertEquals(3, channel.messageCount(queue), "it was a consumer of the queue that is gone");
    }

    @Test
    void aCancelledOneTakesNoMore() throws Exception {
        declare("classic");
        publishKinds(0, 30);
        Channel own = connection.createChannel();
        own.basicQos(1);
        BlockingQueue<Came> came = new LinkedBlockingQueue<>();
        String tag = own.basicConsume(queue, false, Map.of("x-filter", map("kind", "a")), new DefaultConsumer(own) {
            @Override
            public void handleDelivery(String t, Envelope e, AMQP.BasicProperties p, byte[] body) {
                came.add(new Came(Long.parseLong(new String(body)), e.isRedeliver(), e, own));
            }
        });
        Came held = next(came);
        own.basicCancel(tag);
        held.ack();
        own.basicQos(0);
        assertEquals(numbers(3, 30, 3), take(consume(own, false, map("kind", "a")), 9));
        assertEquals(null, came.poll());
        assertEquals(20, rest().size());
    }

    @Test
    void aRareMessageIsFoundBehindALongBacklog() throws Exception {
        declare("quorum");
        for (int i = 0; i < 20_000; i++) {
            publish(i, "kind", i == 15_000 ? "rare" : "plain");
        }
        confirmed();
        assertEquals(List.of(15_000L), take(consume(1, false, map("kind", "rare")), 1));
        settled();
        assertEquals(19_999, channel.messageCount(queue));
    }

    @Test
    void largeBodiesComeToo() throws Exception {
        declare("classic");
        byte[] large = new byte[3 << 20];
        for (int i = 0; i < 4; i++) {
            large[0] = (byte) i;
            var p = new AMQP.BasicProperties.Builder().headers(map("kind", i % 2 == 0 ? "a" : "b"));
            channel.basicPublish("", queue, p.build(), large);
        }
        confirmed();
        Channel own = connection.createChannel();
        own.basicQos(1);
        BlockingQueue<Integer> came = new LinkedBlockingQueue<>();
        own.basicConsume(queue, false, Map.of("x-filter", map("kind", "b")), new DefaultConsumer(own) {
            @Override
            public void handleDelivery(String tag, Envelope e, AMQP.BasicProperties p, byte[] body) throws IOException {
                came.add(body.length == large.length ? (int) body[0] : -1);
                own.basicAck(e.getDeliveryTag(), false);
            }
        });
        assertEquals(1, came.poll(PATIENCE, TimeUnit.SECONDS));
        assertEquals(3, came.poll(PATIENCE, TimeUnit.SECONDS));
        assertEquals(2, channel.messageCount(queue));
    }

    @Test
    void lastValuesMayBeFiltered() throws Exception {
        declare("classic", "x-last-value", "device");
        BlockingQueue<Came> came = consume(1, false, map("floor", 2));
        for (int i = 0; i < 12; i++) {
            publish(i, "device", "d" + i % 4, "floor", i % 2 + 1);
        }
        confirmed();
        Map<Long, Long> newest = new TreeMap<>();
        for (Came one = next(came); ; one = next(came)) {
            newest.put(one.number % 4, one.number);
            one.ack();
            if (newest.equals(Map.of(1L, 9L, 3L, 11L))) {
                break;
            }
        }
        assertEquals(List.of(8L, 10L), rest());
    }

    private String refused(int code, Map<String, Object> arguments) throws Exception {
        Channel own = connection.createChannel();
        IOException e = assertThrows(
                IOException.class, () -> own.basicConsume(queue, false, arguments, new DefaultConsumer(own)));
        ShutdownSignalException why = assertInstanceOf(ShutdownSignalException.class, e.getCause());
        AMQP.Channel.Close close = assertInstanceOf(AMQP.Channel.Close.class, why.getReason());
        assertEquals(code, close.getReplyCode());
        return close.getReplyText();
    }

    private void faulty(String fault, Object filter) throws Exception {
        String text = refused(406, map("x-filter", filter));
        assertTrue(text.contains("invalid arg 'x-filter'") && text.contains(fault), text);
    }

    @Row("consumer x-filter")
    @Test
    void aFilterThatIsNoneIsRefusedWithItsFault() throws Exception {
        declare("classic");
        faulty("table expected, longstr received", "kind = 'a'");
        faulty("it has no entry", Map.of());
        faulty(
                "'n' has the operator 'above', which is none of gt, gte, lt, lte, ne, in, exists",
                map("n", map("above", 1)));
        faulty("'n' has no operator", map("n", map()));
        faulty("'n' has a list without values", map("n", List.of()));
        faulty("'exists' of 'n': bool expected, long received", map("n", map("exists", 1)));
        faulty("'gt' of 'n': a number, timestamp or string expected, bool received", map("n", map("gt", true)));
        faulty("'n': a string, number, bool or timestamp expected, array received", map("n", map("ne", List.of(1))));
        faulty("'in' of 'n': array expected, long received", map("n", map("in", 1)));
        faulty("there is no 'properties.reply-to'", map("properties.reply-to", "x"));
        Map<String, Object> many = new TreeMap<>();
        for (int i = 0; i < 17; i++) {
            many.put("h" + i, i);
        }
        faulty("17 entries, 16 are the most", many);
        faulty("more than 64 values", map("a", Collections.nCopies(40, 1), "b", map("in", Collections.nCopies(25, 2))));
        faulty("4096 are the most", map("a", "x".repeat(4_200)));
        many.remove("h16");
        all(map("a", Collections.nCopies(64, 1)), 0);
        all(many, 0);
        all(map("a", "x".repeat(4_000)), 0);
    }

    @Test
    void whatCanNotWorkIsRefused() throws Exception {
        declare("stream");
        Channel own = connection.createChannel();
        own.basicQos(1);
        IOException e = assertThrows(
                IOException.class,
                () -> own.basicConsume(queue, false, map("x-filter", map("a", 1)), new DefaultConsumer(own)));
        ShutdownSignalException why = assertInstanceOf(ShutdownSignalException.class, e.getCause());
        String onStream = why.getReason().toString();
        assertTrue(onStream.contains("streams have x-stream-filter"), onStream);
        queue += "-single";
        declare("quorum", "x-single-active-consumer", true);
        assertTrue(refusedTotally(map("x-filter", map("a", 1))).contains("single active consumer"));
        queue += "-groups";
        declare("quorum", "x-message-groups", true);
        assertTrue(refusedTotally(map("x-filter", map("a", 1))).contains("message groups"));
        queue += "-fair";
        declare("quorum", "x-fair-by", "header:tenant");
        assertTrue(refusedTotally(map("x-filter", map("a", 1))).contains("turns"));
        queue += "-priority";
        declare("quorum");
        assertTrue(refusedTotally(map("x-filter", map("a", 1), "x-priority", 5)).contains("x-priority"));
    }

    /** 540 ends the connection. */
    private String refusedTotally(Map<String, Object> arguments) throws Exception {
        Channel on = server.connect().createChannel();
        IOException e = assertThrows(
                IOException.class, () -> on.basicConsume(queue, false, arguments, new DefaultConsumer(on)));
        ShutdownSignalException why = assertInstanceOf(ShutdownSignalException.class, e.getCause());
        AMQP.Connection.Close close = assertInstanceOf(AMQP.Connection.Close.class, why.getReason());
        assertEquals(540, close.getReplyCode());
        return close.getReplyText();
    }
}
