package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the rows of the front end's tests promise with one node holds with three: who declares, who publishes and who consumes are at different
 * ones, and one of them leads.
 */
class RowsAcrossNodesTest {
    private static final int WAIT_SECONDS = 60;
    private static final Pattern LEADER = Pattern.compile("\"leader\"\\s*:\\s*\"n(\\d)\"");

    @TempDir
    private static Path dir;

    private static ThreeNodes cluster;
    private static int leader;
    private static int names;

    private final List<Connection> open = new ArrayList<>();
    /** At the node behind the leader, with confirms. */
    private Channel publisher;
    /** At the leader. */
    private Channel leading;
    /** At the third node. */
    private Channel far;

    @BeforeAll
    static void start() throws Exception {
        cluster = new ThreeNodes(dir);
        cluster.awaitLevel();
        Matcher leads = LEADER.matcher(cluster.get(0, "/api/cluster"));
        assertTrue(leads.find());
        leader = Integer.parseInt(leads.group(1)) - 1;
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
            assertNull(cluster.fatal());
        }
    }

    @BeforeEach
    void connect() throws Exception {
        leading = at(0);
        publisher = at(1);
        far = at(2);
        publisher.confirmSelect();
    }

    @AfterEach
    void disconnect() {
        open.forEach(Connection::abort);
    }

    /** @param behind the leader by so many nodes */
    private Channel at(int behind) throws Exception {
        Connection connection = cluster.factory(leader + behind).newConnection();
        open.add(connection);
        return connection.createChannel();
    }

    /** Later ones come later in the alphabet. */
    private static String unique(String name) {
        return "%s-%06d".formatted(name, ++names);
    }

    private static Map<String, Object> of(Object... pairs) {
        Map<String, Object> all = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            all.put((String) pairs[i], pairs[i + 1]);
        }
        return all;
    }

    /** At the leader. */
    private String declare(Object... arguments) throws IOException {
        return leading.queueDeclare(unique("q"), true, false, false, of(arguments))
                .getQueue();
    }

    private static AMQP.BasicProperties headers(Object... pairs) {
        return new AMQP.BasicProperties.Builder().headers(of(pairs)).build();
    }

    /** These numbers, to the default exchange; all are taken. */
    private void publish(String queue, int from, int to) throws Exception {
        publish(queue, from, to, i -> null);
    }

    private void publish(String queue, int from, int to, IntFunction<AMQP.BasicProperties> properties)
            throws Exception {
        for (int i = from; i <= to; i++) {
            publisher.basicPublish("", queue, properties.apply(i), body(i));
        }
        publisher.waitForConfirmsOrDie(WAIT_SECONDS * 1_000);
    }

    private static byte[] body(int number) {
        return Integer.toString(number).getBytes();
    }

    private static int number(byte[] body) {
        return Integer.parseInt(new String(body));
    }

    private static int[] range(int from, int to) {
        return IntStream.rangeClosed(from, to).toArray();
    }

    /** What is there, or comes: another node may have asked for it a moment ago. */
    private static GetResponse fetch(Channel on, String queue, boolean autoAck) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        GetResponse r = on.basicGet(queue, autoAck);
        while (r == null) {
            assertTrue(System.nanoTime() < end, "nothing comes to " + queue);
            r = on.basicGet(queue, autoAck);
        }
        return r;
    }

    /** All that is there, by one get after the other. */
    private static List<Integer> drain(Channel on, String queue) throws IOException {
        List<Integer> all = new ArrayList<>();
        for (GetResponse r = on.basicGet(queue, true); r != null; r = on.basicGet(queue, true)) {
            all.add(number(r.getBody()));
        }
        return all;
    }

    private static boolean isThere(int behind, String queue) throws Exception {
        return cluster.send(leader + behind, "GET", "/api/queues/%2F/" + queue, "") == 200;
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "quorum"})
    void theNextSingleActiveConsumerIsAtAnotherNode(String type) throws Exception {
        String queue = declare("x-single-active-consumer", true, "x-queue-type", type);
        AckingConsumer first = new AckingConsumer(far, queue, 10);
        AckingConsumer second = new AckingConsumer(leading, queue, 10);
        publish(queue, 1, 10);
        first.expect(range(1, 8));
        assertEquals(9, number(first.next().getBody()));
        assertEquals(10, number(first.next().getBody()));
        assertTrue(second.came.isEmpty(), "one is active");
        far.close();
        publish(queue, 11, 12);
        for (int i = 9; i <= 12; i++) {
            Delivery d = second.next();
            assertEquals(i, number(d.getBody()));
            assertEquals(i <= 10, d.getEnvelope().isRedeliver(), "flagged");
            second.ack(d);
        }
        assertTrue(first.came.isEmpty());
    }

    @Test
    void eachGroupIsAtOneConsumerOfAllNodes() throws Exception {
        int groups = 20;
        int each = 15;
        String queue = declare("x-group-by", "header:order");
        CountDownLatch all = new CountDownLatch(groups * each);
        Map<String, List<Integer>> seen = new ConcurrentHashMap<>();
        Map<String, Channel> holders = new ConcurrentHashMap<>();
        List<String> faults = new CopyOnWriteArrayList<>();
        Set<Channel> served = ConcurrentHashMap.newKeySet();
        for (Channel on : List.of(leading, far, at(1))) {
            on.basicQos(3);
            on.basicConsume(queue, false, new DefaultConsumer(on) {
                @Override
                public void handleDelivery(String tag, Envelope e, AMQP.BasicProperties p, byte[] body)
                        throws IOException {
                    String group = p.getHeaders().get("order").toString();
                    Channel holder = holders.put(group, on);
                    if (holder != null && holder != on) {
                        faults.add(group + " is at two consumers");
                    }
                    served.add(on);
                    seen.computeIfAbsent(group, g -> new CopyOnWriteArrayList<>())
                            .add(number(body));
                    holders.remove(group);
                    on.basicAck(e.getDeliveryTag(), false);
                    all.countDown();
                }
            });
        }
        publish(queue, 1, groups * each, i -> headers("order", "o" + i % groups));
        assertTrue(all.await(WAIT_SECONDS, TimeUnit.SECONDS), all.getCount() + " did not come");
        assertEquals(List.of(), faults);
        assertEquals(3, served.size(), "each node's consumer has groups");
        seen.values().forEach(its -> assertEquals(its.stream().sorted().toList(), List.copyOf(its)));
        assertEquals(groups, seen.size());
    }

    @Test
    void theQuietTenantIsServedAmongTheNoisyOnes() throws Exception {
        String queue = declare("x-fair-by", "header:tenant");
        publish(queue, 1, 200, i -> headers("tenant", i < 200 ? "noisy" : "quiet"));
        List<Integer> two = List.of(
                number(fetch(far, queue, true).getBody()),
                number(fetch(leading, queue, true).getBody()));
        assertTrue(two.contains(200), two.toString());
    }

    @Test
    void theLastValueOfEachKeyWaits() throws Exception {
        String queue = declare("x-last-value", "device");
        publish(queue, 1, 40, i -> headers("device", i % 4));
        assertEquals(List.of(37, 38, 39, 40), drain(far, queue));
        publish(queue, 41, 41, i -> headers("device", 1));
        assertEquals(List.of(41), drain(leading, queue));
    }

    @Test
    void whatIsUrgentComesFirst() throws Exception {
        String queue = declare("x-max-priority", 5);
        publish(queue, 1, 10, i -> new AMQP.BasicProperties.Builder()
                .priority((i + 1) / 2)
                .build());
        new AckingConsumer(far, queue, 1).expect(9, 10, 7, 8, 5, 6, 3, 4, 1, 2);
    }

    /** Paused at one node, resumed at another one. */
    @Test
    void whilePausedNobodyGetsAnythingAtAnyNode() throws Exception {
        String queue = declare();
        AckingConsumer consumer = new AckingConsumer(far, queue, 10);
        String path = "/api/queues/%2F/" + queue;
        assertEquals(204, cluster.send(1, "PUT", path + "/pause", ""));
        publish(queue, 1, 3);
        assertNull(leading.basicGet(queue, true));
        assertTrue(cluster.get(2, path).contains("\"state\":\"paused\""));
        assertTrue(consumer.came.isEmpty());
        assertEquals(204, cluster.send(2, "PUT", path + "/resume", ""));
        consumer.expect(1, 2, 3);
    }

    @Test
    void theFirstOfTheConsumersHasTheHighestPriority() throws Exception {
        String queue = declare();
        AckingConsumer other = new AckingConsumer(leading, queue, 10);
        AckingConsumer first = new AckingConsumer(far, queue, 3, "x-priority", 10);
        publish(queue, 1, 5);
        for (int i = 1; i <= 3; i++) {
            assertEquals(i, number(first.next().getBody()));
        }
        other.expect(4, 5);
        assertTrue(first.came.isEmpty());
    }

    @Test
    void whatNobodyUsesExpiresAtAllNodes() throws Exception {
        String unused = declare("x-expires", 300);
        String used = declare("x-expires", 300);
        AckingConsumer user = new AckingConsumer(far, used, 1);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (isThere(2, unused)) {
            assertTrue(System.nanoTime() < end, "it does not expire");
        }
        assertThrows(IOException.class, () -> at(1).queueDeclarePassive(unused));
        publish(used, 1, 1);
        user.expect(1);
        assertTrue(isThere(1, used));
    }

    @Test
    void theOldestGoBeyondTheLengthAndAreDeadLetters() throws Exception {
        String dead = declare();
        String queue = declare("x-max-length", 3, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", dead);
        AckingConsumer letters = new AckingConsumer(far, dead, 20);
        publish(queue, 1, 10);
        assertEquals(List.of(8, 9, 10), drain(leading, queue));
        for (int i = 1; i <= 7; i++) {
            Delivery d = letters.next();
            assertEquals(i, number(d.getBody()));
            assertEquals(
                    "maxlen",
                    d.getProperties().getHeaders().get("x-first-death-reason").toString());
        }
    }

    @Test
    void aFullQueueRefusesUntilAnotherNodesConsumerMadeRoom() throws Exception {
        String queue = declare("x-max-length", 5, "x-overflow", "reject-publish");
        List<Boolean> taken = new ArrayList<>();
        for (int i = 1; i <= 7; i++) {
            publisher.basicPublish("", queue, null, body(i));
            taken.add(publisher.waitForConfirms(WAIT_SECONDS * 1_000));
        }
        assertEquals(List.of(true, true, true, true, true, false, false), taken);
        assertEquals(List.of(1, 2, 3, 4, 5), drain(far, queue));
        publish(queue, 9, 13);
        assertEquals(List.of(9, 10, 11, 12, 13), drain(leading, queue));
    }

    @Test
    void failuresAreCountedAtWhicheverNodeTheyHappen() throws Exception {
        String dead = declare();
        String queue = declare(
                "x-queue-type",
                "quorum",
                "x-delivery-limit",
                2,
                "x-dead-letter-exchange",
                "",
                "x-dead-letter-routing-key",
                dead);
        publish(queue, 1, 1);
        int failures = 0;
        for (Channel on : List.of(leading, far, at(1))) {
            GetResponse r = fetch(on, queue, false);
            Object count = r.getProps().getHeaders() == null
                    ? null
                    : r.getProps().getHeaders().get("x-delivery-count");
            assertEquals(failures == 0 ? null : (Object) (long) failures, count);
            on.basicReject(r.getEnvelope().getDeliveryTag(), true);
            failures++;
        }
        Delivery letter = new AckingConsumer(far, dead, 1).next();
        assertEquals(
                "delivery_limit",
                letter.getProperties().getHeaders().get("x-first-death-reason").toString());
        assertNull(leading.basicGet(queue, true));
    }

    @Test
    void aTransactionIsAllOfItOrNothingAtAllNodes() throws Exception {
        String input = declare();
        String one = declare();
        String two = declare();
        publish(input, 1, 2);
        Channel tx = at(1);
        tx.txSelect();
        for (int round = 1; round <= 2; round++) {
            GetResponse r = fetch(tx, input, false);
            tx.basicPublish("", one, null, body(round));
            tx.basicPublish("", two, null, body(round));
            tx.basicAck(r.getEnvelope().getDeliveryTag(), false);
            assertNull(far.basicGet(one, true), "nothing is committed");
            if (round == 1) {
                tx.txRollback();
                tx.basicNack(r.getEnvelope().getDeliveryTag(), false, true);
            }
            tx.txCommit();
        }
        assertEquals(List.of(2), drain(far, one));
        assertEquals(List.of(2), drain(leading, two));
        tx.close();
        assertEquals(1, drain(far, input).size(), "one of both was acked");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatCameAtAnotherNodeIsADuplicate(boolean ofQueue) throws Exception {
        String x = unique("x");
        Map<String, Object> deduplicating = of("x-message-deduplication", true);
        leading.exchangeDeclare(x, "fanout", true, false, ofQueue ? Map.of() : deduplicating);
        String queue = leading.queueDeclare(unique("q"), true, false, false, ofQueue ? deduplicating : Map.of())
                .getQueue();
        leading.queueBind(queue, x, "");
        far.confirmSelect();
        int number = 0;
        for (String key : List.of("a", "b", "a")) {
            for (Channel on : List.of(publisher, far)) {
                on.basicPublish(x, "", headers("x-deduplication-header", key), body(++number));
                on.waitForConfirmsOrDie(WAIT_SECONDS * 1_000);
            }
        }
        assertEquals(List.of(1, 3), drain(leading, queue));
    }

    @Test
    void aQueueIsAlteredFromAnotherNode() throws Exception {
        String queue = declare("x-queue-type", "quorum");
        AckingConsumer taker = new AckingConsumer(far, queue, 1);
        publish(queue, 1, 5);
        Delivery held = taker.next();
        publisher.queueDeclare(
                queue, true, false, false, of("x-queue-type", "quorum", "x-alter", true, "x-max-length", 2));
        publish(queue, 6, 6);
        assertEquals(1, number(held.getBody()));
        taker.ack(held);
        taker.expect(5, 6);
    }

    @Test
    void whatIsHeldForTooLongGoesToAConsumerOfAnotherNode() throws Exception {
        String queue = declare();
        AckingConsumer slow = new AckingConsumer(far, queue, 1, "x-consumer-timeout", 500);
        publish(queue, 1, 1);
        assertEquals(1, number(slow.next().getBody()));
        AckingConsumer next = new AckingConsumer(leading, queue, 10);
        publish(queue, 2, 2);
        next.expect(2);
        Delivery again = next.next();
        assertEquals(1, number(again.getBody()));
        assertTrue(again.getEnvelope().isRedeliver());
        assertNotNull(slow.cancelled.get(WAIT_SECONDS, TimeUnit.SECONDS));
        assertTrue(slow.came.isEmpty());
    }

    /** Of an operator the lower one acts, and without both the queue has no limit any more. */
    @Test
    void policiesOfAnyNodeActOnQueuesOfAll() throws Exception {
        String queue = unique("policed");
        String of = "{\"pattern\":\"^" + queue + "$\",\"apply-to\":\"queues\",\"definition\":{\"max-length\":%d}}";
        String policy = "/api/policies/%2F/" + queue;
        String operators = "/api/operator-policies/%2F/" + queue;
        assertEquals(201, cluster.send(leader + 1, "PUT", policy, of.formatted(4)));
        assertEquals(201, cluster.send(leader + 2, "PUT", operators, of.formatted(2)));
        far.queueDeclare(queue, true, false, false, null);
        publish(queue, 1, 9);
        assertEquals(List.of(8, 9), drain(leading, queue));
        assertEquals(204, cluster.send(leader, "DELETE", operators, ""));
        publishBeyond(queue, 2);
        assertEquals(4, drain(far, queue).size(), "the other one's limit");
        assertEquals(204, cluster.send(leader + 2, "DELETE", policy, ""));
        publishBeyond(queue, 4);
        assertTrue(drain(far, queue).size() >= 10, "no limit");
    }

    /** Until a limit of so many is none any more, and ten more: what is there goes by other policies some entries later. */
    private void publishBeyond(String queue, int limit) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (leading.messageCount(queue) <= limit) {
            assertTrue(System.nanoTime() < end, "the limit stays");
            publish(queue, 1, 1);
        }
        publish(queue, 1, 10);
    }

    @Test
    void anExclusiveQueueIsTheOtherNodesConnections() throws Exception {
        String own = publisher.queueDeclare("", false, true, true, null).getQueue();
        IOException no = assertThrows(IOException.class, () -> far.queueDeclarePassive(own));
        assertEquals(405, ((AMQP.Channel.Close) ((ShutdownSignalException) no.getCause()).getReason()).getReplyCode());
        publisher.getConnection().close();
        publisher = at(2);
        publisher.confirmSelect();
        IOException gone = assertThrows(IOException.class, () -> at(0).queueDeclarePassive(own));
        assertEquals(
                404, ((AMQP.Channel.Close) ((ShutdownSignalException) gone.getCause()).getReason()).getReplyCode());
    }

    @Test
    void whatExpiresIsADeadLetterAtAnotherNode() throws Exception {
        String dead = declare();
        String queue = declare("x-message-ttl", 200, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", dead);
        AckingConsumer letters = new AckingConsumer(far, dead, 20);
        publish(queue, 1, 5);
        letters.expect(range(1, 5));
        assertNull(leading.basicGet(queue, true));
    }
}
