package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.tallymq.broker.BrokerMachine;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was confirmed of amq.settle stands when the leader goes. */
class SettleAcrossNodesTest {
    private static final long WAIT_MILLIS = 60_000;
    private static final Pattern LEADER = Pattern.compile("\"leader\"\\s*:\\s*\"n(\\d)\"");
    private static final String QUEUE = "settled";

    @TempDir
    private Path dir;

    @Test
    void confirmedSettlesOutliveTheLeader() throws Exception {
        try (ThreeNodes cluster = new ThreeNodes(dir)) {
            Matcher leader = LEADER.matcher(cluster.get(0, "/api/cluster"));
            assertTrue(leader.find());
            int leads = Integer.parseInt(leader.group(1)) - 1;
            awaitLevel(cluster, leads + 1);
            try (Connection connection = cluster.factory(leads + 1).newConnection()) {
                settle(connection);
                cluster.stop(leads);
                try (Connection other = cluster.factory(leads + 2).newConnection()) {
                    comesAgain(other.createChannel());
                }
            }
            assertNull(cluster.fatal());
        }
    }

    /** A new cluster begins at level 1, and is raised within moments. */
    private static void awaitLevel(ThreeNodes cluster, int node) throws Exception {
        Pattern level = Pattern.compile("\"level\"\\s*:\\s*" + BrokerMachine.LEVELS.max() + "\\b");
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
        while (!level.matcher(cluster.get(node, "/api/cluster")).find()) {
            assertTrue(System.nanoTime() < end, "the cluster is not raised");
        }
    }

    private static void settle(Connection connection) throws Exception {
        Channel channel = connection.createChannel();
        channel.confirmSelect();
        channel.queueDeclare(QUEUE, true, false, false, null);
        for (int i = 0; i < 3; i++) {
            channel.basicPublish("", QUEUE, null, new byte[] {(byte) i});
        }
        channel.waitForConfirmsOrDie(WAIT_MILLIS);
        settle(channel, "ack", 0);
        settle(channel, "release", 10_000);
        settle(channel, "dead-letter", 0);
        channel.waitForConfirmsOrDie(WAIT_MILLIS);
        assertEquals(0, channel.messageCount(QUEUE));
    }

    private static void settle(Channel channel, String outcome, int delay) throws Exception {
        GetResponse got = channel.basicGet(QUEUE, false);
        Map<String, Object> headers = delay == 0
                ? Map.of("x-delivery-tag", got.getEnvelope().getDeliveryTag(), "x-outcome", outcome)
                : Map.of("x-delivery-tag", got.getEnvelope().getDeliveryTag(), "x-outcome", outcome, "x-delay", delay);
        channel.basicPublish(
                "amq.settle",
                "",
                new AMQP.BasicProperties.Builder().headers(headers).build(),
                new byte[0]);
    }

    /** The one that was released, and no other. */
    private static void comesAgain(Channel channel) throws Exception {
        GetResponse got = null;
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
        while (got == null && System.nanoTime() < end) {
            got = channel.basicGet(QUEUE, false);
        }
        assertNotNull(got, "nothing came");
        assertEquals(1, got.getBody()[0]);
        assertNull(channel.basicGet(QUEUE, false));
    }
}
