package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream is read at every node, from that node's own store, and who moves goes on where it was. */
class StreamsAcrossNodesTest {
    private static final long WAIT_MILLIS = 60_000;

    @TempDir
    static Path dir;

    private static ThreeNodes cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new ThreeNodes(dir);
        cluster.awaitLevel();
    }

    @AfterAll
    static void stop() {
        cluster.close();
        assertNull(cluster.fatal());
    }

    private static Channel at(int node, List<Connection> open) throws Exception {
        Connection c = cluster.factory(node).newConnection();
        open.add(c);
        return c.createChannel();
    }

    private static BlockingQueue<Delivery> read(Channel on, String stream, String name, Map<String, Object> arguments)
            throws Exception {
        BlockingQueue<Delivery> came = new LinkedBlockingQueue<>();
        on.basicQos(50);
        on.basicConsume(stream, false, name, false, false, arguments, (tag, d) -> came.add(d), tag -> {}, (t, s) -> {});
        return came;
    }

    private static void expect(BlockingQueue<Delivery> came, Channel on, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            Delivery d = came.poll(WAIT_MILLIS, TimeUnit.MILLISECONDS);
            assertNotNull(d, i + " does not come");
            assertEquals(i, Integer.parseInt(new String(d.getBody())));
            assertEquals((long) i, d.getProperties().getHeaders().get("x-stream-offset"));
            on.basicAck(d.getEnvelope().getDeliveryTag(), false);
        }
    }

    private static void publish(Channel on, String stream, int from, int to) throws Exception {
        on.confirmSelect();
        for (int i = from; i < to; i++) {
            on.basicPublish("", stream, null, Integer.toString(i).getBytes());
        }
        assertTrue(on.waitForConfirms(WAIT_MILLIS));
    }

    @Test
    void everyNodeHasAllOfIt() throws Exception {
        List<Connection> open = new ArrayList<>();
        Channel first = at(0, open);
        first.queueDeclare("log", true, false, false, Map.of("x-queue-type", "stream"));
        publish(first, "log", 0, 500);
        List<Channel> readers = new ArrayList<>();
        List<BlockingQueue<Delivery>> came = new ArrayList<>();
        for (int node = 0; node < cluster.size(); node++) {
            readers.add(at(node, open));
            came.add(read(readers.get(node), "log", "", Map.of("x-stream-offset", "first")));
        }
        publish(at(2, open), "log", 500, 1_000);
        for (int node = 0; node < cluster.size(); node++) {
            expect(came.get(node), readers.get(node), 0, 1_000);
        }
        for (Connection c : open) {
            c.close();
        }
    }

    @Test
    void whoMovesToAnotherNodeGoesOn() throws Exception {
        List<Connection> open = new ArrayList<>();
        Channel first = at(0, open);
        first.queueDeclare("moved", true, false, false, Map.of("x-queue-type", "stream"));
        publish(first, "moved", 0, 300);
        Map<String, Object> tracked = Map.of("x-stream-automatic-offset-tracking", true, "x-stream-offset", "first");
        Channel here = at(1, open);
        expect(read(here, "moved", "me", tracked), here, 0, 120);
        here.basicCancel("me");
        List<Connection> next = new ArrayList<>();
        Channel there = at(2, next);
        expect(read(there, "moved", "me", Map.of("x-stream-automatic-offset-tracking", true)), there, 120, 300);
        for (Connection c : next) {
            c.close();
        }
        for (Connection c : open) {
            c.close();
        }
    }

    /** What is kept is read from every node's store, and so is how far a reader was. */
    @Test
    void allIsThereAfterRestarts() throws Exception {
        List<Connection> open = new ArrayList<>();
        Channel first = at(0, open);
        first.queueDeclare("kept", true, false, false, Map.of("x-queue-type", "stream", "x-max-length", 100));
        for (int i = 0; i < 300; i++) {
            publish(first, "kept", i, i + 1); // one chunk each
        }
        Channel here = at(1, open);
        Map<String, Object> tracked = Map.of("x-stream-automatic-offset-tracking", true);
        Map<String, Object> begin = Map.of("x-stream-automatic-offset-tracking", true, "x-stream-offset", "first");
        expect(read(here, "kept", "me", begin), here, 200, 240);
        here.basicCancel("me");
        for (Connection c : open) {
            c.close();
        }
        for (int node = 0; node < cluster.size(); node++) {
            cluster.restart(node);
        }
        List<Connection> again = new ArrayList<>();
        for (int node = 0; node < cluster.size(); node++) {
            Channel on = at(node, again);
            expect(read(on, "kept", "", Map.of("x-stream-offset", "first")), on, 200, 300);
            expect(read(on, "kept", "", Map.of("x-stream-offset", 5)), on, 200, 300);
            expect(read(on, "kept", "", Map.of("x-stream-offset", new Date(0))), on, 200, 300);
        }
        Channel there = at(2, again);
        expect(read(there, "kept", "me", tracked), there, 240, 300);
        for (Connection c : again) {
            c.close();
        }
    }
}
