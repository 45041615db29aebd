package io.tallymq.amqp.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.ClientCase;
import io.tallymq.amqp.session.ErrorCodes;
import io.tallymq.broker.settings.ArgumentRow;
import io.tallymq.broker.settings.ArgumentRow.Owner;
import io.tallymq.broker.settings.ArgumentTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Arguments of queues that have no test of their own elsewhere, and those that mean nothing. */
class QueueArgumentsTest extends ClientCase {
    private static final String NOTHING = "accepted; there is nothing to choose";
    private static final int HOUR = 3_600_000;

    @BeforeEach
    void begin() throws IOException {
        channel.confirmSelect();
    }

    private static Map<String, Object> quorum(Object... more) {
        return of("quorum", more);
    }

    private static Map<String, Object> of(String type, Object... more) {
        Map<String, Object> arguments = new TreeMap<>(Map.of("x-queue-type", type));
        for (int i = 0; i < more.length; i += 2) {
            arguments.put((String) more[i], more[i + 1]);
        }
        return arguments;
    }

    /** Whether all of them were taken. */
    private boolean publish(String queue, String... bodies) throws Exception {
        for (String body : bodies) {
            channel.basicPublish("", queue, null, body.getBytes());
        }
        return channel.waitForConfirms(PATIENCE * 1000);
    }

    private String body(String queue) throws IOException {
        GetResponse r = channel.basicGet(queue, true);
        return r == null ? null : new String(r.getBody());
    }

    /** What a hint may say. */
    private static List<Object> values(ArgumentRow.Values values) {
        if (!values.words().isEmpty()) {
            return List.copyOf(values.words());
        }
        return values.type().isEmpty() ? List.of(true, "text", 7) : List.of(values.least(), values.most());
    }

    /** A queue with the hint is a queue like any other, and it has to be repeated as all that it was declared with. */
    @Test
    @Row({
        "queue x-queue-mode",
        "queue x-queue-version",
        "queue x-queue-master-locator",
        "queue x-queue-leader-locator",
        "queue x-quorum-initial-group-size",
        "queue x-quorum-target-group-size",
        "queue x-max-in-memory-length",
        "queue x-max-in-memory-bytes",
        "queue x-consumer-disconnected-timeout",
        "queue x-cache-persistence",
        "queue x-stream-max-segment-size-bytes",
        "queue x-stream-filter-size-bytes",
        "queue x-initial-cluster-size"
    })
    void hintsMeanNothing() throws Exception {
        Set<String> seen = new TreeSet<>();
        for (ArgumentRow row : ArgumentTable.rows()) {
            for (Owner owner : row.owners()) {
                if (NOTHING.equals(row.meaning()) && owner.title().endsWith("queue")) {
                    seen.add(row.name());
                    for (Object value : values(row.values())) {
                        hint(of(owner.title().replace(" queue", ""), row.name(), value));
                    }
                }
            }
        }
        assertEquals(13, seen.size(), seen + ": the tests' rows are not these");
    }

    private void hint(Map<String, Object> arguments) throws Exception {
        String queue = declare(arguments);
        assertTrue(publish(queue, "a", "b"), arguments.toString());
        if (arguments.get("x-queue-type").equals("stream")) {
            assertEquals(2, channel.messageCount(queue));
        } else {
            assertEquals("a", body(queue));
            assertEquals("b", body(queue));
        }
        channel.queueDeclare(queue, true, false, false, arguments);
        Map<String, Object> without = Map.of("x-queue-type", arguments.get("x-queue-type"));
        Channel c = connection.createChannel();
        String text = ErrorCodes.channelClosed(406, c, () -> c.queueDeclare(queue, true, false, false, without));
        assertTrue(text.startsWith("PRECONDITION_FAILED - inequivalent arg 'x-"), text);
        channel.queueDelete(queue);
    }

    @Test
    @Row("consumer x-cancel-on-ha-failover")
    void aHintOfConsumers() throws Exception {
        String queue = declare(quorum());
        BlockingQueue<Delivery> came = consume(channel, queue, Map.of("x-cancel-on-ha-failover", true));
        publish(queue, "a");
        assertEquals("a", new String(next(came).getBody()));
    }

    @Test
    @Row("consumer x-filter-match-type")
    void consumersCanNotAskForWhatIsMissing() throws Exception {
        List<String> missing = new ArrayList<>();
        String queue = declare(of("stream"));
        for (ArgumentRow row : ArgumentTable.rows()) {
            if (row.purpose() != null && row.owners().contains(Owner.CONSUMER)) {
                missing.add(row.name());
                Connection c = server.connect();
                Channel on = c.createChannel();
                on.basicQos(1);
                String text = ErrorCodes.connectionClosed(
                        540, c, () -> on.basicConsume(queue, false, Map.of(row.name(), "v"), new DefaultConsumer(on)));
                assertTrue(text.startsWith("NOT_IMPLEMENTED - argument '" + row.name() + "' for a consumer of"), text);
            }
        }
        assertEquals(List.of("x-filter-match-type"), missing, "what is built needs tests of its own");
    }

    @Test
    @Row("queue x-overflow of a quorum queue")
    void aQuorumQueueDropsItsOldestOrRefuses() throws Exception {
        String drops = declare(quorum("x-max-length", 1));
        assertTrue(publish(drops, "a", "b"));
        assertEquals("b", body(drops));
        String says = declare(quorum("x-max-length", 1, "x-overflow", "drop-head"));
        assertTrue(publish(says, "a", "b"));
        assertEquals("b", body(says));
        String refuses = declare(quorum("x-max-length", 1, "x-overflow", "reject-publish"));
        assertTrue(publish(refuses, "a"));
        assertFalse(publish(refuses, "b"));
        assertEquals("a", body(refuses));
        assertNull(body(refuses));
        String text = ErrorCodes.channelClosed(406, channel, () -> declare(quorum("x-overflow", "reject-publish-dlx")));
        assertTrue(text.contains(": 'reject-publish-dlx' is none of drop-head, reject-publish"), text);
    }

    @Test
    @Row("queue x-overflow of a classic queue")
    void whatIsRefusedCanBeADeadLetter() throws Exception {
        String dead = declare(Map.of());
        String queue = declare(Map.of(
                "x-max-length",
                1,
                "x-overflow",
                "reject-publish-dlx",
                "x-dead-letter-exchange",
                "",
                "x-dead-letter-routing-key",
                dead));
        assertTrue(publish(queue, "a"));
        assertFalse(publish(queue, "b"));
        GetResponse letter = fetch(dead);
        assertEquals("b", new String(letter.getBody()));
        assertEquals(
                "maxlen",
                letter.getProps().getHeaders().get("x-first-death-reason").toString());
        assertEquals("a", body(queue));
    }

    private void discard(String queue) throws IOException {
        channel.basicReject(channel.basicGet(queue, false).getEnvelope().getDeliveryTag(), false);
    }

    /** What no queue takes waits or is dropped. */
    @Test
    @Row("queue x-dead-letter-strategy")
    void deadLettersWaitOrNot() throws Exception {
        String x = unique("x");
        String dead = declare(Map.of());
        String drops = declare(quorum("x-dead-letter-exchange", x, "x-dead-letter-strategy", "at-most-once"));
        String keeps = declare(quorum("x-dead-letter-exchange", x, "x-dead-letter-strategy", "at-least-once"));
        publish(drops, "dropped");
        publish(keeps, "kept");
        discard(drops);
        discard(keeps);
        channel.exchangeDeclare(x, "fanout");
        channel.queueBind(dead, x, "");
        server.pass(HOUR);
        assertEquals("kept", new String(fetch(dead).getBody()));
        publish(drops, "routed");
        discard(drops);
        assertEquals("routed", new String(fetch(dead).getBody()));
        assertEquals(0, channel.messageCount(dead));
    }

    private void nack(String queue) throws IOException {
        channel.basicNack(fetchUnacked(queue), false, true);
    }

    private void reject(String queue) throws IOException {
        channel.basicReject(fetchUnacked(queue), true);
    }

    private long fetchUnacked(String queue) throws IOException {
        GetResponse r = channel.basicGet(queue, false);
        assertTrue(r != null, "nothing is ready");
        return r.getEnvelope().getDeliveryTag();
    }

    /** Time is let go on: an hour does not pass by itself while a test runs, and at its end ten seconds are left. */
    private void assertRests(String queue, long millis) throws IOException {
        assertEquals(0, channel.messageCount(queue), "it has gone back, and rests");
        server.pass(millis - 10_000);
        assertEquals(0, channel.messageCount(queue), "it rests");
        server.pass(10_000);
        for (long end = System.nanoTime() + PATIENCE * 1_000_000_000L; channel.messageCount(queue) == 0; ) {
            assertTrue(System.nanoTime() < end, "it does not come again");
        }
    }

    @ParameterizedTest
    @Row("queue x-delayed-retry-type")
    @ValueSource(strings = {"disabled", "all", "failed", "returned"})
    void whichMessagesRest(String which) throws Exception {
        String queue =
                declare(quorum("x-delayed-retry-type", which, "x-delayed-retry-min", HOUR, "x-delivery-limit", -1));
        publish(queue, "a");
        nack(queue);
        if (which.equals("all") || which.equals("returned")) {
            assertRests(queue, HOUR);
        }
        reject(queue);
        if (which.equals("all") || which.equals("failed")) {
            assertRests(queue, HOUR);
        }
        assertEquals("a", body(queue));
    }

    @Test
    @Row({"queue x-delayed-retry-min", "queue x-delayed-retry-max"})
    void howLongTheyRest() throws Exception {
        String queue = declare(quorum(
                "x-delayed-retry-type",
                "failed",
                "x-delayed-retry-min",
                HOUR,
                "x-delayed-retry-max",
                5 * HOUR / 2,
                "x-delivery-limit",
                -1));
        publish(queue, "a");
        reject(queue);
        assertRests(queue, HOUR);
        reject(queue);
        assertRests(queue, 2 * HOUR);
        reject(queue);
        assertRests(queue, 5 * HOUR / 2);
        assertEquals("a", body(queue));
    }

    private static String at(BlockingQueue<Delivery> came) throws InterruptedException {
        return new String(next(came).getBody());
    }

    @Test
    @Row("queue x-group-by")
    void messagesOfOneGroupAreAtOneConsumer() throws Exception {
        String queue = declare(Map.of("x-group-by", "header:order"));
        Channel one = connection.createChannel();
        one.basicQos(1);
        BlockingQueue<Delivery> first = consume(one, queue, Map.of());
        for (String body : List.of("a1", "a2", "b1", "a3")) {
            channel.basicPublish("", queue, headers(Map.of("order", body.substring(0, 1))), body.getBytes());
        }
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        assertEquals("a1", at(first));
        Channel two = connection.createChannel();
        two.basicQos(10);
        BlockingQueue<Delivery> second = consume(two, queue, Map.of());
        assertEquals("b1", at(second), "the others of the group are not for it");
        one.close();
        assertEquals(List.of("a1", "a2", "a3"), List.of(at(second), at(second), at(second)));
    }

    @Test
    @Row("queue x-alter")
    void aQueueGetsOtherArguments() throws Exception {
        String queue = declare(Map.of("x-max-length", 10));
        publish(queue, "a", "b", "c");
        assertEquals(
                1,
                channel.queueDeclare(queue, true, false, false, quorum("x-alter", true, "x-max-length", 1))
                        .getMessageCount());
        assertEquals(
                1,
                channel.queueDeclare(queue, true, false, false, quorum("x-max-length", 1))
                        .getMessageCount());
        assertEquals("c", body(queue));
        String text = ErrorCodes.channelClosed(
                406, channel, () -> channel.queueDeclare(queue, true, false, false, of("stream", "x-alter", true)));
        assertEquals(
                "PRECONDITION_FAILED - queue '" + queue
                        + "' in vhost '/' can't be altered so: a queue does not become a stream: declare another one and"
                        + " publish to that",
                text);
        Channel own = connection.createChannel();
        String log = unique("log");
        own.queueDeclare(log, true, false, false, of("stream"));
        text = ErrorCodes.channelClosed(
                406, own, () -> own.queueDeclare(log, true, false, false, quorum("x-alter", true)));
        assertTrue(text.contains("a stream stays a stream: declare another one"), text);
        channel = connection.createChannel();
        ErrorCodes.channelClosed(
                406, channel, () -> channel.queueDeclare(queue, true, false, false, quorum("x-alter", false)));
    }
}
