package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Consumers with filters at all nodes get what matches, each message once, and go on when the leader hands over and goes. */
class FiltersAcrossNodesTest {
    private static final long WAIT_MILLIS = 60_000;
    private static final Pattern LEADER = Pattern.compile("\"leader\"\\s*:\\s*\"n(\\d)\"");
    private static final String QUEUE = "filtered";
    private static final int PREFETCH = 5;

    @TempDir
    private Path dir;

    private final List<Connection> open = new ArrayList<>();

    /** Takes messages of one kind. */
    private static final class Taker {
        final Channel channel;
        final BlockingQueue<Delivery> came = new LinkedBlockingQueue<>();

        Taker(Channel on, String kind) throws Exception {
            channel = on;
            channel.basicQos(PREFETCH);
            Map<String, Object> filter = Map.of("x-filter", Map.of("kind", kind));
            channel.basicConsume(QUEUE, false, filter, (tag, d) -> came.add(d), tag -> {});
        }

        Delivery next() throws Exception {
            Delivery d = came.poll(WAIT_MILLIS, TimeUnit.MILLISECONDS);
            assertNotNull(d, "nothing comes");
            return d;
        }

        void ack(Delivery d) throws Exception {
            channel.basicAck(d.getEnvelope().getDeliveryTag(), false);
        }

        /** These numbers in steps of three, in order and for the first time. */
        void expect(int from, int to) throws Exception {
            for (int i = from; i < to; i += 3) {
                Delivery d = next();
                assertEquals(i, number(d));
                assertFalse(d.getEnvelope().isRedeliver(), "message " + i);
                ack(d);
            }
        }
    }

    private static int number(Delivery d) {
        return Integer.parseInt(new String(d.getBody()));
    }

    private Channel at(ThreeNodes cluster, int node) throws Exception {
        Connection c = cluster.factory(node).newConnection();
        open.add(c);
        return c.createChannel();
    }

    private static void publish(Channel on, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            Map<String, Object> headers = Map.of("kind", Character.toString('a' + i % 3));
            AMQP.BasicProperties p =
                    new AMQP.BasicProperties.Builder().headers(headers).build();
            on.basicPublish("", QUEUE, p, Integer.toString(i).getBytes());
        }
        on.waitForConfirmsOrDie(WAIT_MILLIS);
    }

    @Test
    void eachGetsItsOwnAlsoWhenTheLeaderGoes() throws Exception {
        try (ThreeNodes cluster = new ThreeNodes(dir)) {
            cluster.awaitLevel();
            Matcher leader = LEADER.matcher(cluster.get(0, "/api/cluster"));
            assertTrue(leader.find());
            int leads = Integer.parseInt(leader.group(1)) - 1;
            Channel publisher = at(cluster, leads + 1);
            publisher.confirmSelect();
            publisher.queueDeclare(QUEUE, true, false, false, Map.of("x-queue-type", "quorum"));
            Taker a = new Taker(at(cluster, leads + 1), "a");
            Taker b = new Taker(at(cluster, leads + 2), "b");
            Taker c = new Taker(at(cluster, leads), "c");
            publish(publisher, 0, 600);
            a.expect(0, 600);
            b.expect(1, 600);
            c.expect(2, 302); // of what follows it holds some
            cluster.stop(leads);
            publish(publisher, 600, 1_200);
            a.expect(600, 1_200);
            b.expect(601, 1_200);
            rest(new Taker(at(cluster, leads + 2), "c"));
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
            while (publisher.messageCount(QUEUE) > 0) {
                assertTrue(System.nanoTime() < end, "something is left");
            }
            assertNull(a.came.poll());
            assertNull(b.came.poll());
            assertNull(cluster.fatal());
        } finally {
            open.forEach(Connection::abort);
        }
    }

    /** What the one who went had not acked: what it may have had is flagged, all else comes for the first time. */
    private static void rest(Taker c) throws Exception {
        TreeSet<Integer> seen = new TreeSet<>();
        int flagged = 0;
        while (seen.isEmpty() || seen.size() < (1_200 - 302) / 3 + 1) {
            Delivery d = c.next();
            assertTrue(number(d) % 3 == 2 && seen.add(number(d)) || number(d) < 302, "twice: " + number(d));
            flagged += d.getEnvelope().isRedeliver() ? 1 : 0;
            c.ack(d);
        }
        assertTrue(flagged <= PREFETCH, flagged + " flagged");
    }
}
