package io.tallymq.amqp.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.ClientCase;
import io.tallymq.amqp.session.ErrorCodes;
import io.tallymq.broker.command.ClearPolicy;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentRow;
import io.tallymq.broker.settings.ArgumentRow.Owner;
import io.tallymq.broker.settings.PolicyRow;
import io.tallymq.broker.settings.PolicyTable;
import io.tallymq.broker.spec.PolicySpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each key of a policy does to a queue or an exchange that says nothing itself. */
class PolicyRowsTest extends ClientCase {
    private static final long MINUTE = 60_000;
    private static final long HOUR = 3_600_000;
    private static final Map<String, Object> CLASSIC = Map.of();
    private static final Map<String, Object> QUORUM = Map.of("x-queue-type", "quorum");
    private static final Map<String, Object> STREAM = Map.of("x-queue-type", "stream");

    @BeforeEach
    void begin() throws IOException {
        channel.confirmSelect();
    }

    @AfterEach
    void clear() {
        for (boolean operator : new boolean[] {true, false}) {
            server.broker().submit(new ClearPolicy("/", "p", operator)).join();
        }
    }

    private Reply put(boolean operator, Map<String, Object> definition) {
        PolicySpec spec = new PolicySpec("", "all", 0, new Arguments(new TreeMap<>(definition)));
        return server.broker().submit(new SetPolicy("/", "p", operator, spec)).join();
    }

    private void policy(Map<String, Object> definition) {
        assertInstanceOf(Reply.PolicySet.class, put(false, definition));
    }

    private void policy(String applyTo, Map<String, Object> definition) {
        PolicySpec spec = new PolicySpec("", applyTo, 0, new Arguments(new TreeMap<>(definition)));
        assertInstanceOf(
                Reply.PolicySet.class,
                server.broker().submit(new SetPolicy("/", "p", false, spec)).join());
    }

    private void operatorPolicy(Map<String, Object> definition) {
        assertInstanceOf(Reply.PolicySet.class, put(true, definition));
    }

    /** Whether all of them were taken. */
    private boolean publish(String queue, String... bodies) throws Exception {
        for (String body : bodies) {
            channel.basicPublish("", queue, null, body.getBytes());
        }
        return channel.waitForConfirms(PATIENCE * 1000);
    }

    private List<String> drain(String queue) throws IOException {
        List<String> all = new ArrayList<>();
        for (GetResponse r = channel.basicGet(queue, true); r != null; r = channel.basicGet(queue, true)) {
            all.add(new String(r.getBody()));
        }
        return all;
    }

    private static Map<String, Object> and(Map<String, Object> arguments, String name, Object value) {
        Map<String, Object> all = new TreeMap<>(arguments);
        all.put(name, value);
        return all;
    }

    /** The lower one acts, whoever says it. */
    @Test
    @Row({"policy max-length", "policy max-length-bytes"})
    void limits() throws Exception {
        for (Map<String, Object> type : List.of(CLASSIC, QUORUM)) {
            policy(Map.of("max-length", 2L));
            String plain = declare(type);
            String lower = declare(and(type, "x-max-length", 1));
            String higher = declare(and(type, "x-max-length", 3));
            for (String queue : List.of(plain, lower, higher)) {
                publish(queue, "a", "b", "c");
            }
            assertEquals(List.of("b", "c"), drain(plain));
            assertEquals(List.of("c"), drain(lower));
            assertEquals(List.of("b", "c"), drain(higher));
            operatorPolicy(Map.of("max-length", 1L));
            publish(higher, "a", "b", "c");
            assertEquals(List.of("c"), drain(higher));
            clear();
            policy(Map.of("max-length-bytes", 5L));
            publish(plain, "abc", "de", "f");
            assertEquals(List.of("de", "f"), drain(plain));
            clear();
            publish(plain, "abc", "de", "f");
            assertEquals(3, drain(plain).size(), "a policy that has gone leaves nothing");
        }
    }

    @Test
    @Row({"policy max-length", "policy max-length-bytes"})
    void limitsOfStreams() throws Exception {
        String stream = declare(STREAM);
        policy(Map.of("max-length", 2L));
        for (int i = 0; i < 5; i++) {
            publish(stream, "abc"); // each a chunk of its own: whole chunks go
        }
        assertEquals(2, channel.messageCount(stream));
        policy(Map.of("max-length-bytes", 9L));
        for (int i = 0; i < 5; i++) {
            publish(stream, "abc");
        }
        assertEquals(3, channel.messageCount(stream));
    }

    /** The policy's acts, for what comes from when it is said. */
    @Test
    @Row("policy max-age")
    void ageOfStreams() throws Exception {
        String stream = declare(and(STREAM, "x-max-age", "1Y"));
        policy(Map.of("max-age", "1D"));
        publish(stream, "a", "b");
        server.pass(23 * HOUR);
        assertEquals(2, channel.messageCount(stream));
        server.pass(2 * HOUR);
        for (long end = System.nanoTime() + PATIENCE * 1_000_000_000L; channel.messageCount(stream) > 0; ) {
            assertTrue(System.nanoTime() < end, "they stay");
        }
    }

    @Test
    @Row("policy message-ttl")
    void timeToLive() throws Exception {
        String queue = declare(CLASSIC);
        policy(Map.of("message-ttl", 2 * HOUR));
        String own = declare(Map.of("x-message-ttl", HOUR));
        publish(queue, "a");
        publish(own, "b");
        server.pass(HOUR + 1);
        assertEquals(0, channel.messageCount(own));
        assertEquals(1, channel.messageCount(queue));
        server.pass(HOUR);
        assertEquals(0, channel.messageCount(queue));
    }

    @Test
    @Row("policy expires")
    void disuse() throws Exception {
        policy(Map.of("expires", MINUTE));
        String used = declare(CLASSIC);
        String unused = declare(QUORUM);
        consume(connection.createChannel(), used, Map.of());
        channel.messageCount(used);
        server.live(MINUTE + 1);
        assertEquals(0, channel.messageCount(used));
        ErrorCodes.channelClosed(404, channel, () -> channel.queueDeclarePassive(unused));
    }

    @Test
    @Row("policy overflow of a classic queue")
    void overflowOfClassicQueues() throws Exception {
        policy(Map.of("max-length", 1L, "overflow", "reject-publish"));
        String plain = declare(CLASSIC);
        assertTrue(publish(plain, "a"));
        assertFalse(publish(plain, "b"));
        String own = declare(Map.of("x-overflow", "drop-head"));
        assertTrue(publish(own, "a", "b"), "what it was declared with acts");
        operatorPolicy(Map.of("overflow", "drop-head"));
        assertTrue(publish(plain, "c"), "an operator's goes before a policy's");
        assertEquals(List.of("c"), drain(plain));
    }

    @Test
    @Row("policy overflow of a quorum queue")
    void overflowOfQuorumQueues() throws Exception {
        policy(Map.of("max-length", 1L, "overflow", "reject-publish"));
        String own = declare(and(QUORUM, "x-overflow", "drop-head"));
        assertTrue(publish(own, "a"));
        assertFalse(publish(own, "b"), "the policy's acts");
        operatorPolicy(Map.of("overflow", "drop-head"));
        assertTrue(publish(own, "c"));
        assertEquals(List.of("c"), drain(own));
    }

    private void reject(String queue, boolean requeue) throws IOException {
        GetResponse r = channel.basicGet(queue, false);
        assertTrue(r != null, "nothing is ready");
        channel.basicReject(r.getEnvelope().getDeliveryTag(), requeue);
    }

    @Test
    @Row({"policy dead-letter-exchange", "policy dead-letter-routing-key"})
    void deadLetters() throws Exception {
        String dead = declare(CLASSIC);
        String other = declare(CLASSIC);
        String queue = declare(CLASSIC);
        policy(Map.of("dead-letter-exchange", "", "dead-letter-routing-key", dead));
        String own = declare(Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", other));
        publish(queue, "a");
        publish(own, "b");
        reject(queue, false);
        reject(own, false);
        assertEquals("a", new String(fetch(dead).getBody()));
        assertEquals("b", new String(fetch(other).getBody()), "what it was declared with acts");
        clear();
        publish(queue, "c");
        reject(queue, false);
        assertEquals(0, channel.messageCount(dead));
    }

    @Test
    @Row("policy dead-letter-strategy")
    void strategy() throws Exception {
        String x = unique("x");
        policy(Map.of("dead-letter-exchange", x, "dead-letter-strategy", "at-least-once"));
        String keeps = declare(QUORUM);
        String drops = declare(and(QUORUM, "x-dead-letter-strategy", "at-most-once"));
        publish(keeps, "kept");
        publish(drops, "dropped");
        reject(drops, false);
        reject(keeps, false);
        channel.exchangeDeclare(x, "fanout");
        String dead = channel.queueDeclare().getQueue();
        channel.queueBind(dead, x, "");
        server.pass(HOUR);
        assertEquals("kept", new String(fetch(dead).getBody()));
        assertEquals(0, channel.messageCount(dead));
    }

    @Test
    @Row("policy delivery-limit")
    void deliveryLimit() throws Exception {
        policy(Map.of("delivery-limit", 2L));
        String queue = declare(QUORUM);
        String own = declare(and(QUORUM, "x-delivery-limit", 1));
        for (String q : List.of(queue, own)) {
            publish(q, "a");
            int survived = q.equals(own) ? 1 : 2;
            for (int i = 0; i <= survived; i++) {
                reject(q, true);
            }
            assertEquals(0, channel.messageCount(q));
        }
    }

    @Test
    @Row({"policy delayed-retry-type", "policy delayed-retry-min", "policy delayed-retry-max"})
    void delayedRetry() throws Exception {
        policy(Map.of("delayed-retry-type", "all", "delayed-retry-min", 2 * HOUR, "delayed-retry-max", 3 * HOUR));
        String queue = declare(QUORUM);
        publish(queue, "a");
        for (long rest : new long[] {2 * HOUR, 3 * HOUR}) {
            reject(queue, true);
            assertEquals(0, channel.messageCount(queue));
            server.pass(rest - HOUR);
            assertEquals(0, channel.messageCount(queue));
            server.pass(HOUR + 1);
            assertEquals(1, channel.messageCount(queue));
        }
        String own = declare(and(QUORUM, "x-delayed-retry-type", "disabled"));
        publish(own, "a");
        reject(own, true);
        assertEquals(1, channel.messageCount(own), "what it was declared with acts");
    }

    @Test
    @Row("policy consumer-timeout")
    void consumerTimeout() throws Exception {
        policy(Map.of("consumer-timeout", 10 * HOUR));
        String queue = declare(CLASSIC);
        publish(queue, "a");
        Channel slow = connection.createChannel();
        CompletableFuture<String> came = new CompletableFuture<>();
        CompletableFuture<String> cancelled = new CompletableFuture<>();
        slow.basicConsume(queue, false, (tag, d) -> came.complete(tag), cancelled::complete);
        String tag = ErrorCodes.await(came);
        server.pass(9 * HOUR);
        assertEquals(0, channel.messageCount(queue));
        server.pass(4 * HOUR);
        assertEquals(tag, ErrorCodes.await(cancelled));
        assertEquals(List.of("a"), drain(queue));
    }

    /** {@code p1}: the first message of a group or tenant of that name. */
    private void publishKeyed(String queue, String... bodies) throws Exception {
        for (String body : bodies) {
            channel.basicPublish("", queue, headers(Map.of("k", body.substring(0, 1))), body.getBytes());
        }
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
    }

    @Test
    @Row("policy group-by")
    void groups() throws Exception {
        policy(Map.of("group-by", "header:k"));
        String queue = declare(CLASSIC);
        publishKeyed(queue, "a1", "a2", "b1");
        assertEquals("a1", new String(channel.basicGet(queue, false).getBody()));
        Channel other = connection.createChannel();
        other.basicQos(1);
        BlockingQueue<Delivery> came = consume(other, queue, Map.of());
        assertEquals("b1", new String(next(came).getBody()));
    }

    @Test
    @Row("policy fair-by")
    void turns() throws Exception {
        policy(Map.of("fair-by", "header:k"));
        String queue = declare(CLASSIC);
        publishKeyed(queue, "a1", "a2", "a3", "a4", "b1");
        assertTrue(drain(queue).indexOf("b1") < 2);
    }

    @Test
    @Row({"policy receipts", "name amq.receipts"})
    void receiptsInAStream() throws Exception {
        policy(Map.of("receipts", "stream"));
        Channel refused = connection.createChannel();
        ErrorCodes.channelClosed(403, refused, () -> refused.queueDeclare("amq.receipts", true, false, false, CLASSIC));
        channel.queueDeclare("amq.receipts", true, false, false, STREAM);
        String queue = declare(CLASSIC);
        assertTrue(publish(queue, "a"));
        assertEquals(List.of("a"), drain(queue));
        channel.basicQos(10);
        BlockingQueue<Delivery> told = consume(channel, "amq.receipts", Map.of("x-stream-offset", "first"));
        for (String event : List.of("stored", "acked")) {
            Delivery d = next(told);
            assertEquals(
                    event, d.getProperties().getHeaders().get("x-report-event").toString());
            assertEquals(
                    queue, d.getProperties().getHeaders().get("x-report-queue").toString());
        }
        channel.queueDelete("amq.receipts");
    }

    @Test
    @Row("policy alternate-exchange")
    void alternateExchange() throws Exception {
        String x = unique("x");
        String own = unique("x");
        policy(Map.of("alternate-exchange", "amq.fanout"));
        channel.exchangeDeclare(x, "direct");
        channel.exchangeDeclare(own, "direct", false, false, Map.of("alternate-exchange", "amq.topic"));
        String toPolicy = channel.queueDeclare().getQueue();
        String toOwn = channel.queueDeclare().getQueue();
        channel.queueBind(toPolicy, "amq.fanout", "");
        channel.queueBind(toOwn, "amq.topic", "#");
        channel.basicPublish(x, "k", null, "policy".getBytes());
        channel.basicPublish(own, "k", null, "own".getBytes());
        assertEquals(List.of("policy"), drain(toPolicy));
        assertEquals(List.of("own"), drain(toOwn), "what it was declared with acts");
    }

    @Test
    @Row("policy min-queues")
    void leastQueues() throws Exception {
        policy(Map.of("min-queues", 1L));
        String x = unique("x");
        String own = unique("x");
        channel.exchangeDeclare(x, "direct");
        channel.exchangeDeclare(own, "direct", false, false, Map.of("x-min-queues", 0));
        channel.basicPublish(x, "k", null, new byte[1]);
        assertFalse(channel.waitForConfirms(PATIENCE * 1000));
        channel.basicPublish(own, "k", null, new byte[1]);
        assertTrue(channel.waitForConfirms(PATIENCE * 1000), "what it was declared with acts");
        clear();
        channel.basicPublish(x, "k", null, new byte[1]);
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
    }

    @Test
    @Row({"policy dead-letter-exchange", "policy dead-letter-routing-key"})
    void deadLettersOfExchanges() throws Exception {
        String dead = declare(CLASSIC);
        policy(Map.of("dead-letter-exchange", "", "dead-letter-routing-key", dead));
        String x = unique("x");
        channel.exchangeDeclare(x, "direct");
        channel.basicPublish(x, "k", headers(Map.of("x-delay", HOUR)), "a".getBytes());
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        server.pass(HOUR + 1);
        assertEquals("a", new String(fetch(dead).getBody()));
    }

    private long publishAgain(String x, String queue, String id) throws Exception {
        channel.basicPublish(x, queue, headers(Map.of("x-deduplication-header", id)), new byte[1]);
        assertTrue(channel.waitForConfirms(PATIENCE * 1000), "a duplicate is confirmed");
        return channel.messageCount(queue);
    }

    /** Keys of RabbitMQ's deduplication plugin: what is there follows them, and so does what comes. */
    @ParameterizedTest
    @Row({"policy x-message-deduplication", "policy x-cache-size", "policy x-cache-ttl"})
    @ValueSource(booleans = {true, false})
    void deduplication(boolean before) throws Exception {
        for (boolean ofQueue : new boolean[] {true, false}) {
            clear();
            String x = ofQueue ? "" : unique("x");
            Map<String, Object> definition =
                    Map.of("x-message-deduplication", true, "x-cache-size", 2L, "x-cache-ttl", 1_000L);
            if (!before) {
                policy(ofQueue ? "queues" : "exchanges", definition);
            }
            if (!ofQueue) {
                channel.exchangeDeclare(x, "direct", true);
            }
            String queue = declare(CLASSIC);
            if (!ofQueue) {
                channel.queueBind(queue, x, queue);
            }
            if (before) {
                policy(ofQueue ? "queues" : "exchanges", definition);
            }
            publishAgain(x, queue, "a");
            assertEquals(1, publishAgain(x, queue, "a"));
            publishAgain(x, queue, "b");
            publishAgain(x, queue, "c");
            assertEquals(4, publishAgain(x, queue, "a"), "two are remembered");
            server.pass(1_001);
            assertEquals(5, publishAgain(x, queue, "a"), "for a second");
            clear();
            assertEquals(6, publishAgain(x, queue, "a"), "nobody asks for it any more");
            policy(ofQueue ? "queues" : "exchanges", definition);
            assertEquals(7, publishAgain(x, queue, "a"), "it was forgotten");
            assertEquals(7, publishAgain(x, queue, "a"));
        }
    }

    /** Keys that mean nothing: they are taken, and told as being in effect, and the queue is as it was. */
    @Test
    @Row({
        "policy consumer-disconnected-timeout",
        "policy queue-mode",
        "policy queue-version",
        "policy queue-master-locator",
        "policy queue-leader-locator",
        "policy max-in-memory-length",
        "policy max-in-memory-bytes",
        "policy target-group-size",
        "policy initial-cluster-size",
        "policy stream-max-segment-size-bytes",
        "policy max-segment-size",
        "policy x-cache-persistence",
        "policy ha-mode",
        "policy ha-params",
        "policy ha-sync-mode",
        "policy ha-sync-batch-size",
        "policy ha-promote-on-shutdown",
        "policy ha-promote-on-failure"
    })
    void hints() throws Exception {
        Set<String> seen = new TreeSet<>();
        for (PolicyRow row : PolicyTable.rows()) {
            Owner owner = row.owners().get(0);
            ArgumentRow argument = row.argumentOf(owner);
            if (argument == null || argument.meaning().startsWith("accepted")) {
                seen.add(row.key());
                policy(Map.of(row.key(), argument == null ? "anything" : value(argument.values())));
                String queue =
                        declare(owner == Owner.QUORUM_QUEUE ? QUORUM : owner == Owner.STREAM_QUEUE ? STREAM : CLASSIC);
                String acts = server.broker()
                        .read(view ->
                                view.queue("/", queue).orElseThrow().policy().policy());
                assertEquals("p", acts, row.key());
                assertTrue(publish(queue, "a", "b"));
                if (owner != Owner.STREAM_QUEUE) { // which is read by offset
                    assertEquals(List.of("a", "b"), drain(queue));
                }
            }
        }
        assertEquals(18, seen.size(), seen.toString());
    }

    private static Object value(ArgumentRow.Values values) {
        return values.words().isEmpty()
                ? (Object) values.least()
                : values.words().get(0);
    }

    /** Which keys operators have is a column of the table. */
    @Test
    void operators() {
        for (PolicyRow row : PolicyTable.rows()) {
            ArgumentRow argument = row.argumentOf(row.owners().get(0));
            Object value = argument == null ? "all" : good(argument.values());
            Reply r = put(true, Map.of(row.key(), value));
            if (row.isForOperators()) {
                assertInstanceOf(Reply.PolicySet.class, r, row.key());
            } else {
                assertTrue(
                        ((Reply.Rejected) r)
                                .text()
                                .startsWith("Validation failed\n\n'" + row.key()
                                        + "' is not a recognised operator policy setting"),
                        r.toString());
            }
        }
    }

    private static Object good(ArgumentRow.Values values) {
        return switch (values.type()) {
            case "bool" -> true;
            case "longstr" ->
                values.words().isEmpty()
                        ? "text"
                        : values.words().get(0).replace("header:*", "header:h").replace("age", "1D");
            default -> values.least();
        };
    }

    /** Nonsense is refused, key by key; nothing of it acts. */
    @Test
    void badValues() {
        for (PolicyRow row : PolicyTable.rows()) {
            for (Owner owner : row.owners()) {
                ArgumentRow argument = row.argumentOf(owner);
                for (Object bad : argument == null ? List.of() : BadValues.of(argument)) {
                    Reply r = put(false, and(Map.of(), row.key(), bad));
                    String text = ((Reply.Rejected) r).text();
                    assertTrue(text.startsWith("Validation failed\n\n'" + row.key() + "': "), text);
                }
            }
        }
        assertTrue(server.broker().<Boolean>read(view -> view.policies(false).isEmpty()));
    }

    /** Expressions that take others' regular expressions for ever, on names that make it worst: taken in time, or refused. */
    @ParameterizedTest
    @CsvSource(
            delimiterString = " is taken: ",
            textBlock =
                    """
                    (a+)+$ is taken: true
                    ^(a|aa)+$ is taken: true
                    (.*a){11}$ is taken: true
                    ^(([a-z])+.)+[A-Z]([a-z])+$ is taken: true
                    (x+x+)+y is taken: true
                    ((a*)*)*b is taken: true
                    (a?){40}a{40} is taken: true
                    (a?){100}a{100} is taken: false
                    (?=a)a is taken: false
                    (a)\\1 is taken: false
                    ((a{900}){900}){900} is taken: false
                    """)
    void anExpressionThatExplodes(String expression, boolean taken) throws Exception {
        PolicySpec spec = new PolicySpec(expression, "queues", 0, new Arguments(Map.of("max-length", 1L)));
        Reply r = server.broker().submit(new SetPolicy("/", "p", false, spec)).join();
        assertEquals(taken, r instanceof Reply.PolicySet, r.toString());
        assertTrue(taken || ((Reply.Rejected) r).text().contains("pattern: "), r.toString());
        for (int i = 0; i < 20; i++) {
            String name = "a".repeat(200 + i) + "!";
            channel.queueDeclare(name, false, true, false, null);
            assertTrue(publish(name, "a"));
            assertEquals(List.of("a"), drain(name));
            channel.queueDelete(name);
        }
    }
}
