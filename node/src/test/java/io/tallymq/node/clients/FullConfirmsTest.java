package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** x-confirm: all: a confirm that waits for every node, visibly, and what does not wait beside it. */
class FullConfirmsTest {
    private static final long WAIT_MILLIS = 60_000;
    private static final int AWAY = 2;
    private static final String PUBLISH = "/api/exchanges/%2F/amq.default/publish";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path dir;

    private static void publish(Channel channel, String queue, Map<String, Object> headers, int bytes)
            throws Exception {
        channel.basicPublish(
                "", queue, new AMQP.BasicProperties.Builder().headers(headers).build(), new byte[bytes]);
    }

    private static JsonNode json(ThreeNodes cluster, int node, String path) throws Exception {
        return JSON.readTree(cluster.get(node, path));
    }

    /** Until the cluster tells what is wanted of those that wait. */
    private static void awaitCount(ThreeNodes cluster, int node, int count) throws Exception {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
        JsonNode waiting;
        do {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            waiting = json(cluster, node, "/api/cluster").get("confirms_awaiting_all");
            assertTrue(System.nanoTime() < end, "count " + count + " wanted: " + waiting);
        } while (waiting.get("count").asInt() != count
                || count > 0 && !waiting.get("lacking").toString().equals("[\"n3\"]"));
    }

    /** A queue's page tells which member lacks some, and since when. */
    private static void awaitLacking(ThreeNodes cluster) throws Exception {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
        JsonNode copies;
        do {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            copies = json(cluster, 0, "/api/queues/%2F/strict").get("copies");
            assertTrue(System.nanoTime() < end, "n3 lacks some: " + copies);
        } while (copies.get(AWAY).get("complete").asBoolean());
        assertEquals("n3", copies.get(AWAY).get("node").asText());
        assertTrue(copies.get(AWAY).get("lacks_since").asLong() > 0, copies.toString());
        for (int here = 0; here < AWAY; here++) {
            assertTrue(copies.get(here).get("complete").asBoolean(), copies.toString());
            assertFalse(copies.get(here).has("lacks_since"), copies.toString());
        }
    }

    @Test
    void allHaveItOrItIsNotConfirmed() throws Exception {
        try (ThreeNodes cluster = new ThreeNodes(dir)) {
            cluster.awaitLevel();
            try (Connection c = cluster.factory(0).newConnection()) {
                Channel channel = c.createChannel();
                channel.queueDeclare("plain", true, false, false, null);
                channel.queueDeclare("told", true, false, false, null);
                channel.queueDeclare("strict", true, false, false, Map.of("x-confirm", "all"));
                String all =
                        "{\"pattern\":\"^governed$\",\"apply-to\":\"queues\",\"definition\":{\"confirm\":\"all\"}}";
                assertEquals(201, cluster.send(0, "PUT", "/api/policies/%2F/all", all));
                channel.queueDeclare("governed", true, false, false, null);
                channel.confirmSelect();
                publish(channel, "plain", Map.of("x-confirm", "all"), 10);
                publish(channel, "strict", Map.of(), 10);
                channel.waitForConfirmsOrDie(WAIT_MILLIS);
                JsonNode copies = json(cluster, 1, "/api/queues/%2F/strict").get("copies");
                assertEquals(3, copies.size(), copies.toString());
                copies.forEach(copy -> assertTrue(copy.get("complete").asBoolean(), copies.toString()));
                publish(channel, "told", Map.of("x-confirm", "all", "x-producer-id", "p", "x-publish-seq", 1), 10);
                channel.waitForConfirmsOrDie(WAIT_MILLIS);
                assertEquals("[\"n1\",\"n2\",\"n3\"]", durableOn(cluster, 1), "its confirm said so");
            }
            cluster.stop(AWAY);
            whoIsAwayHasItNot(cluster);
            whoIsAwayIsWaitedFor(cluster);
            assertNull(cluster.fatal());
        }
    }

    /** Which nodes are known to have the publish of this number. */
    private static String durableOn(ThreeNodes cluster, int seq) throws Exception {
        return json(cluster, 0, "/api/receipts/%2F/p/" + seq).get("durable_on").toString();
    }

    /** A receipt names no node that was away when its entry came, however much the others have. */
    private static void whoIsAwayHasItNot(ThreeNodes cluster) throws Exception {
        try (Connection c = cluster.factory(0).newConnection()) {
            Channel channel = c.createChannel();
            channel.confirmSelect();
            publish(channel, "told", Map.of("x-producer-id", "p", "x-publish-seq", 2), 10);
            channel.waitForConfirmsOrDie(WAIT_MILLIS);
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
            String on = durableOn(cluster, 2);
            while (!on.contains("n2") && System.nanoTime() < end) { // who asks hears of the other a little later
                publish(channel, "told", Map.of(), 10);
                channel.waitForConfirmsOrDie(WAIT_MILLIS);
                on = durableOn(cluster, 2);
            }
            assertEquals("[\"n1\",\"n2\"]", on);
        }
    }

    /** A commit that waits does not hold up the end of its channel. */
    private static void anotherChannelGivesUp(ThreeNodes cluster, Connection connection) throws Exception {
        Channel channel = connection.createChannel();
        channel.txSelect();
        publish(channel, "strict", Map.of(), 10);
        CompletableFuture<Boolean> committed = CompletableFuture.supplyAsync(() -> {
            try {
                channel.txCommit();
                return true;
            } catch (Exception e) {
                return false;
            }
        });
        awaitCount(cluster, 0, 3);
        channel.close();
        assertFalse(committed.get(WAIT_MILLIS, TimeUnit.MILLISECONDS));
        awaitCount(cluster, 0, 2);
    }

    private void whoIsAwayIsWaitedFor(ThreeNodes cluster) throws Exception {
        Connection[] connections = {
            cluster.factory(0).newConnection(),
            cluster.factory(1).newConnection(),
            cluster.factory(0).newConnection(),
            cluster.factory(1).newConnection()
        };
        Channel header = connections[0].createChannel();
        Channel policy = connections[1].createChannel();
        Channel tx = connections[2].createChannel();
        Channel large = connections[3].createChannel();
        var blocked = new CompletableFuture<String>();
        var unblocked = new CountDownLatch(1);
        connections[0].addBlockedListener(new BlockedListener() {
            @Override
            public void handleBlocked(String reason) {
                blocked.complete(reason);
            }

            @Override
            public void handleUnblocked() {
                unblocked.countDown();
            }
        });
        var acked = new ConcurrentSkipListSet<Long>();
        header.addConfirmListener(
                (tag, multiple) -> {
                    for (long t = multiple ? 1 : tag; t <= tag; t++) {
                        acked.add(t);
                    }
                },
                (tag, multiple) -> acked.add(-tag));
        header.confirmSelect();
        publish(header, "plain", Map.of("x-confirm", "all"), 10);
        publish(header, "plain", Map.of(), 10);
        publish(header, "plain", Map.of("x-confirm", "majority"), 10);
        policy.confirmSelect();
        publish(policy, "governed", Map.of(), 10);
        large.confirmSelect();
        publish(large, "strict", Map.of(), 2 << 20);
        tx.txSelect();
        publish(tx, "strict", Map.of(), 10);
        CompletableFuture<Void> committed = CompletableFuture.runAsync(() -> {
            try {
                tx.txCommit();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        String body = "{\"routing_key\":\"plain\",\"payload\":\"x\",\"payload_encoding\":\"string\",\"properties\":"
                + "{\"headers\":{\"x-confirm\":\"all\"}}}";
        awaitCount(cluster, 0, 2);
        awaitCount(cluster, 1, 2);
        anotherChannelGivesUp(cluster, connections[2]);
        Channel named = connections[3].createChannel();
        Channel again = connections[1].createChannel();
        Map<String, Object> name = Map.of("x-producer-id", "p", "x-publish-seq", 1L);
        named.confirmSelect();
        publish(named, "strict", name, 10);
        awaitCount(cluster, 1, 3);
        again.confirmSelect();
        publish(again, "strict", name, 10); // a duplicate, of what not all have
        awaitCount(cluster, 1, 4);
        String why = blocked.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
        assertTrue(why.contains("confirms wait for copies on n3"), why);
        assertFalse(acked.contains(1L), "acked: " + acked);
        assertTrue(acked.contains(2L) && acked.contains(3L), "majority is enough for these: " + acked);
        assertFalse(committed.isDone());
        assertEquals(4, header.messageCount("plain"), "what is not confirmed is stored nevertheless");
        assertEquals(503, cluster.send(0, "POST", PUBLISH, body), "it may still take effect");
        awaitLacking(cluster);
        cluster.restart(AWAY);
        policy.waitForConfirmsOrDie(WAIT_MILLIS);
        header.waitForConfirmsOrDie(WAIT_MILLIS);
        large.waitForConfirmsOrDie(WAIT_MILLIS);
        again.waitForConfirmsOrDie(WAIT_MILLIS);
        committed.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
        assertEquals(200, cluster.send(0, "POST", PUBLISH, body));
        assertTrue(unblocked.await(WAIT_MILLIS, TimeUnit.MILLISECONDS));
        assertEquals(Set.of(1L, 2L, 3L), acked);
        awaitCount(cluster, 0, 0);
        for (Connection c : connections) {
            c.close();
        }
    }
}
