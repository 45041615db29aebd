package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Receipts are the cluster's: any node tells them, over HTTP and AMQP, whoever led and whoever was away meanwhile. */
class ReceiptsAcrossNodesTest {
    private static final long WAIT_MILLIS = 60_000;
    private static final String QUEUE = "receipts";
    private static final int NODES = 3;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path dir;

    private static void publish(Channel channel, long... seqs) throws Exception {
        channel.confirmSelect();
        for (long seq : seqs) {
            Map<String, Object> headers = Map.of("x-producer-id", "p 1/3", "x-publish-seq", seq);
            channel.basicPublish(
                    "",
                    QUEUE,
                    new AMQP.BasicProperties.Builder().headers(headers).build(),
                    new byte[] {1});
        }
        channel.waitForConfirmsOrDie(WAIT_MILLIS);
    }

    private static JsonNode receipt(ThreeNodes cluster, int node, String rest) throws Exception {
        return JSON.readTree(cluster.get(node, "/api/receipts/%2F/p%201%2F3/" + rest));
    }

    @Test
    void anyNodeTellsThemThroughTheRestartOfEach() throws Exception {
        try (ThreeNodes cluster = new ThreeNodes(dir)) {
            cluster.awaitLevel();
            try (Connection c = cluster.factory(0).newConnection()) {
                c.createChannel().queueDeclare(QUEUE, true, false, false, null);
            }
            for (int n = 0; n < NODES; n++) {
                try (Connection c = cluster.factory(n).newConnection()) {
                    Channel channel = c.createChannel();
                    publish(channel, 0, 1, 2, n + 2, n + 3);
                    assertEquals(n + 4, channel.messageCount(QUEUE), "each once");
                    String on =
                            receipt(cluster, n, "" + (n + 3)).get("durable_on").toString();
                    assertTrue(on.contains("\"n" + (n + 1) + '"'), "the asked node has it at once: " + on);
                }
                cluster.restart(n);
                for (int asked = 0; asked < NODES; asked++) {
                    JsonNode r = receipt(cluster, asked, "" + (n + 3));
                    assertEquals("stored", r.get("outcome").asText());
                    assertEquals("ready", r.get("queues").get(0).get("state").asText());
                    assertTrue(r.get("durable_on").size() >= 1, r.toString());
                }
            }
            whoTakesThePlace(cluster);
            whatIsVoid(cluster);
            whoWaits(cluster);
            assertNull(cluster.fatal());
        }
    }

    /** Asked for on one node, it ends a connection of another. */
    private void whoTakesThePlace(ThreeNodes cluster) throws Exception {
        Connection old = cluster.factory(1).newConnection();
        try {
            var ended = new CompletableFuture<String>();
            old.addShutdownListener(e -> ended.complete(e.getMessage()));
            publish(old.createChannel(), 10);
            JsonNode p = JSON.readTree(cluster.post(2, "/api/producers/%2F/p%201%2F3/fence", ""));
            assertEquals(1, p.get("epoch").asLong());
            String why = ended.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
            assertTrue(why.contains("320") && why.contains("took the place of producer 'p 1/3'"), why);
        } finally {
            old.abort();
        }
    }

    private void whatIsVoid(ThreeNodes cluster) throws Exception {
        assertEquals(200, cluster.send(0, "PUT", "/api/receipts/%2F/p%201%2F3/11/void", ""));
        assertEquals(200, cluster.send(0, "PUT", "/api/receipts/%2F/p%201%2F3/10/void", ""), "its receipt");
        assertEquals("void", receipt(cluster, 1, "11").get("outcome").asText());
        assertEquals("stored", receipt(cluster, 1, "10").get("outcome").asText());
        assertEquals(400, cluster.send(0, "PUT", "/api/receipts/%2F/p%201%2F3/-1/void", ""));
        assertEquals(404, cluster.send(0, "GET", "/api/receipts/none/p/1", ""));
        assertEquals(404, cluster.send(0, "GET", "/api/producers/%2F/nobody", ""));
        try (Connection c = cluster.factory(2).newConnection()) {
            GetResponse r = c.createChannel().basicGet("amq.receipt.p 1/3.11", true);
            assertEquals("void", r.getProps().getHeaders().get("x-outcome").toString());
        }
    }

    /** The answer comes when the message has come. */
    private void whoWaits(ThreeNodes cluster) throws Exception {
        CompletableFuture<JsonNode> asked = CompletableFuture.supplyAsync(() -> {
            try {
                return receipt(cluster, 0, "12?wait=20s");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        try (Connection c = cluster.factory(2).newConnection()) {
            publish(c.createChannel(), 12);
            assertEquals(
                    "stored",
                    asked.get(WAIT_MILLIS, TimeUnit.MILLISECONDS).get("outcome").asText());
        }
        assertEquals(
                "unseen", receipt(cluster, 0, "13?wait=60ms").get("outcome").asText());
        String body = "{\"routing_key\":\"" + QUEUE
                + "\",\"payload\":\"x\",\"payload_encoding\":\"string\",\"properties\":"
                + "{\"headers\":{\"x-producer-id\":\"p 1/3\",\"x-publish-seq\":13}}}";
        try (Connection c = cluster.factory(1).newConnection()) {
            long before = c.createChannel().messageCount(QUEUE);
            for (int node = 0; node < NODES; node++) {
                cluster.post(node, "/api/exchanges/%2F/amq.default/publish", body);
            }
            assertEquals(before + 1, c.createChannel().messageCount(QUEUE), "by HTTP, too, once");
        }
        assertEquals("stored", receipt(cluster, 0, "13").get("outcome").asText());
    }
}
