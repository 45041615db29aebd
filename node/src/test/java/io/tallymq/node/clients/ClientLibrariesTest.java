package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.CancelCallback;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users have: client libraries as they are, against any node of a cluster of three. */
class ClientLibrariesTest {
    private static final int MESSAGES = 500;
    private static final long WAIT_MILLIS = 60_000;

    @TempDir
    static Path dir;

    private static ThreeNodes cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new ThreeNodes(dir);
    }

    @AfterAll
    static void stop() {
        cluster.close();
        assertNull(cluster.fatal());
    }

    /** The library of RabbitMQ for Java: published on one node, consumed on the next, counted on the third. */
    @Test
    void javaClientAcrossAllNodes() throws Exception {
        for (int node = 0; node < cluster.size(); node++) {
            String queue = "java-" + node;
            try (Connection publishing = cluster.factory(node).newConnection();
                    Connection consuming = cluster.factory(node + 1).newConnection();
                    Connection counting = cluster.factory(node + 2).newConnection()) {
                Channel publisher = publishing.createChannel();
                publisher.queueDeclare(queue, true, false, false, Map.of("x-queue-type", "quorum"));
                publisher.confirmSelect();
                for (int i = 0; i < MESSAGES; i++) {
                    byte[] body = String.valueOf(i).getBytes(StandardCharsets.UTF_8);
                    publisher.basicPublish("", queue, true, MessageProperties.PERSISTENT_BASIC, body);
                }
                publisher.waitForConfirmsOrDie(WAIT_MILLIS);
                assertEquals(expected(), consume(consuming, queue));
                // The acks went ahead of this through the consuming node; the counting one may apply them a moment
                // later.
                publisher.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, new byte[0]);
                publisher.waitForConfirmsOrDie(WAIT_MILLIS);
                assertEquals(1, counting.createChannel().queueDelete(queue).getMessageCount());
            }
        }
    }

    /** Set at one node, told by the next, felt by a client of the third; and all replicas are alike. */
    @Test
    void policiesActOnAllNodes() throws Exception {
        String path = "/api/policies/%2F/short";
        try (Connection connection = cluster.factory(2).newConnection()) {
            Channel publisher = connection.createChannel();
            publisher.queueDeclare("short.queue", true, false, false, null);
            publisher.confirmSelect();
            for (int i = 0; i < MESSAGES; i++) {
                publisher.basicPublish("", "short.queue", null, new byte[8]);
            }
            publisher.waitForConfirmsOrDie(WAIT_MILLIS);
            assertEquals(
                    201,
                    cluster.send(
                            0,
                            "PUT",
                            path,
                            "{\"pattern\":\"^short\\\\.\",\"apply-to\":\"queues\",\"definition\":{\"max-length\":3}}"));
            publisher.basicPublish("", "short.queue", null, new byte[8]);
            publisher.waitForConfirmsOrDie(WAIT_MILLIS);
            assertEquals(3, publisher.messageCount("short.queue"));
            assertEquals(
                    204,
                    cluster.send(
                            1,
                            "PUT",
                            path,
                            "{\"pattern\":\"^short\",\"definition\":{\"max-length\":3,\"overflow\":\"reject-publish\"}}"));
            publisher.basicPublish("", "short.queue", null, new byte[8]);
            assertFalse(publisher.waitForConfirms(WAIT_MILLIS), "a nack");
            for (int node = 0; node < cluster.size(); node++) {
                awaitRow(
                        node,
                        "/api/queues/%2F/short.queue?columns=policy,messages",
                        "{\"policy\":\"short\",\"messages\":3}");
            }
            assertEquals(204, cluster.send(2, "DELETE", path, ""));
            assertEquals(404, cluster.send(2, "DELETE", path, ""));
            publisher.basicPublish("", "short.queue", null, new byte[8]);
            assertTrue(publisher.waitForConfirms(WAIT_MILLIS));
            publisher.queueDelete("short.queue");
        }
    }

    /** A replica may be a moment behind. */
    private static void awaitRow(int node, String path, String row) throws Exception {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
        String now = cluster.get(node, path);
        while (!now.equals(row) && System.nanoTime() < until) {
            now = cluster.get(node, path);
        }
        assertEquals(row, now);
    }

    @Test
    void metricsCountWhatAClientDid() throws Exception {
        double before = metric("tallymq_messages_applied_total");
        try (Connection connection = cluster.factory(0).newConnection()) {
            Channel publisher = connection.createChannel();
            String queue = publisher.queueDeclare().getQueue();
            publisher.confirmSelect();
            for (int i = 0; i < MESSAGES; i++) {
                publisher.basicPublish("", queue, null, new byte[i]);
            }
            publisher.waitForConfirmsOrDie(WAIT_MILLIS);
            assertEquals(MESSAGES, metric("tallymq_messages_applied_total") - before);
            assertTrue(metric("tallymq_connections") >= 1);
            double entries = metric("tallymq_log_entries_total");
            assertTrue(metric("tallymq_log_batches_total") >= entries);
            assertTrue(metric("tallymq_flushes_total") > 0);
            assertTrue(metric("tallymq_log_waiting_batches") >= 0);
            assertTrue(metric("tallymq_withholdings_total") >= 0);
        }
    }

    /** Of the first node. */
    private static double metric(String name) throws IOException, InterruptedException {
        return cluster.get(0, "/metrics")
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no " + name));
    }

    private static List<String> expected() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            all.add(String.valueOf(i));
        }
        return all;
    }

    private static List<String> consume(Connection connection, String queue) throws IOException, InterruptedException {
        Channel channel = connection.createChannel();
        channel.basicQos(50);
        BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
        CancelCallback cancelled = tag -> arrived.add("cancelled");
        String tag = channel.basicConsume(
                queue,
                false,
                (t, delivery) -> {
                    channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
                    arrived.add(new String(delivery.getBody(), StandardCharsets.UTF_8));
                },
                cancelled);
        List<String> bodies = new ArrayList<>();
        while (bodies.size() < MESSAGES) {
            String body = arrived.poll(WAIT_MILLIS, TimeUnit.MILLISECONDS);
            assertTrue(body != null, "nothing arrives after " + bodies.size() + " messages");
            bodies.add(body);
        }
        // cancel-ok is an answer through the log, so all acks before it are applied on the consuming node.
        channel.basicCancel(tag);
        return bodies;
    }
}
