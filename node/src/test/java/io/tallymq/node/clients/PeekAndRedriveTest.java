package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages are looked at and moved by HTTP at any node, while clients come and go: nothing is lost, twice or flagged. */
class PeekAndRedriveTest {
    private static final long WAIT_MILLIS = 60_000;
    private static final int MANY = 10_000;
    private static final String DLQ = "/api/queues/%2F/dlq/";

    @TempDir
    private Path dir;

    private final List<Connection> open = new ArrayList<>();
    private final ObjectMapper json = new ObjectMapper();

    private Channel at(ThreeNodes cluster, int node) throws Exception {
        Connection c = cluster.factory(node).newConnection();
        open.add(c);
        Channel channel = c.createChannel();
        channel.confirmSelect();
        return channel;
    }

    private static void publish(Channel on, String queue, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            on.basicPublish(
                    "",
                    queue,
                    new AMQP.BasicProperties.Builder().messageId("m" + i).build(),
                    Integer.toString(i).getBytes());
        }
        on.waitForConfirmsOrDie(WAIT_MILLIS);
    }

    /** As soon as the node has applied so much. */
    private JsonNode peek(ThreeNodes cluster, int node, String query, int messages) throws Exception {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
        JsonNode peeked;
        do {
            assertTrue(System.nanoTime() < end, "the node never has " + messages);
            peeked = json.readTree(cluster.get(node, DLQ + "peek" + query));
        } while (peeked.get("messages").size() != messages);
        return peeked;
    }

    private JsonNode redrive(ThreeNodes cluster, int node, String body) throws Exception {
        return json.readTree(cluster.post(node, DLQ + "redrive", body));
    }

    private void deadLettersGoBack(ThreeNodes cluster) throws Exception {
        Channel c = at(cluster, 0);
        c.queueDeclare("dlq", true, false, false, Map.of("x-queue-type", "quorum"));
        c.queueDeclare(
                "work", true, false, false, Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dlq"));
        publish(c, "work", 0, 3);
        for (int i = 0; i < 3; i++) {
            c.basicReject(c.basicGet("work", false).getEnvelope().getDeliveryTag(), false);
        }
        for (int node = 0; node < 3; node++) {
            JsonNode first = peek(cluster, node, "", 3).get("messages").get(0);
            assertEquals("m0", first.at("/properties/message_id").asText());
            assertFalse(first.get("redelivered").asBoolean());
        }
        GetResponse got = c.basicGet("dlq", false);
        assertFalse(got.getEnvelope().isRedeliver(), "to look at it is no delivery");
        assertEquals(
                "unacked",
                peek(cluster, 0, "?state=unacked", 1).at("/messages/0/state").asText());
        assertEquals(
                2, redrive(cluster, 1, "{\"reason\":\"repaired\"}").get("moved").asInt());
        c.basicNack(got.getEnvelope().getDeliveryTag(), false, true);
        JsonNode last = peek(cluster, 2, "?state=ready", 1);
        assertTrue(last.at("/messages/0/redelivered").asBoolean());
        assertEquals(1, redrive(cluster, 2, "{}").get("moved").asInt());
        for (String id : List.of("m1", "m2", "m0")) {
            GetResponse back = c.basicGet("work", true);
            assertEquals(id, back.getProps().getMessageId());
            assertFalse(back.getEnvelope().isRedeliver());
            assertEquals("", back.getEnvelope().getExchange());
            assertEquals("work", back.getEnvelope().getRoutingKey());
            List<?> deaths = (List<?>) back.getProps().getHeaders().get("x-death");
            assertEquals("work", ((Map<?, ?>) deaths.get(0)).get("queue").toString());
        }
    }

    private void aFullQueueTakesWhatItCan(ThreeNodes cluster) throws Exception {
        Channel c = at(cluster, 1);
        c.queueDeclare("small", true, false, false, Map.of("x-max-length", 2, "x-overflow", "reject-publish"));
        publish(c, "dlq", 0, 5);
        JsonNode done = redrive(cluster, 1, "{\"to\":\"small\"}");
        assertEquals(2, done.get("moved").asInt());
        assertEquals(3, done.get("left").asInt());
        assertTrue(done.at("/refused/0/reason").asText().contains("has no room"), done.toString());
        assertEquals(3, c.queuePurge("dlq").getMessageCount());
        assertEquals(2, c.queuePurge("small").getMessageCount());
    }

    /** Two nodes move what is in the queue, from which others consume at the same time. */
    private void manyGoWhileClientsConsume(ThreeNodes cluster) throws Exception {
        Channel publisher = at(cluster, 0);
        publisher.queueDeclare("target", true, false, false, Map.of("x-queue-type", "quorum"));
        publish(publisher, "dlq", 0, MANY);
        var came = new ConcurrentLinkedQueue<Integer>();
        for (int node = 0; node < 3; node++) {
            consume(at(cluster, node), "target", 100, came);
        }
        consume(at(cluster, 2), "dlq", 5, came);
        List<CompletableFuture<Long>> moving = new ArrayList<>();
        for (int node = 0; node < 2; node++) {
            int at = node;
            moving.add(CompletableFuture.supplyAsync(() -> moveAll(cluster, at)));
        }
        long moved = 0;
        for (CompletableFuture<Long> m : moving) {
            moved += m.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
        }
        assertTrue(moved > MANY / 10, "moved " + moved);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
        while (came.size() < MANY) {
            assertTrue(System.nanoTime() < end, came.size() + " came");
            Thread.onSpinWait();
        }
        assertEquals(
                IntStream.range(0, MANY).boxed().toList(),
                came.stream().sorted().toList());
    }

    private static void consume(Channel c, String queue, int prefetch, ConcurrentLinkedQueue<Integer> came)
            throws Exception {
        c.basicQos(prefetch);
        c.basicConsume(
                queue,
                false,
                (tag, d) -> {
                    came.add(Integer.parseInt(new String(d.getBody())));
                    c.basicAck(d.getEnvelope().getDeliveryTag(), false);
                },
                tag -> {});
    }

    private long moveAll(ThreeNodes cluster, int node) {
        try {
            long moved = 0;
            String from = "0";
            while (from != null) {
                JsonNode done = redrive(cluster, node, "{\"to\":\"target\",\"count\":2000,\"from\":\"" + from + "\"}");
                assertEquals(0, done.get("refused").size(), done.toString());
                moved += done.get("moved").asLong();
                from = done.get("next").isNull() ? null : done.get("next").asText();
            }
            return moved;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void nothingIsLostOrTwice() throws Exception {
        try (ThreeNodes cluster = new ThreeNodes(dir)) {
            cluster.awaitLevel();
            deadLettersGoBack(cluster);
            aFullQueueTakesWhatItCan(cluster);
            manyGoWhileClientsConsume(cluster);
            assertNull(cluster.fatal());
        } finally {
            open.forEach(Connection::abort);
        }
    }
}
