package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Headers that settles added and messages that were put aside are the cluster's: any node has them, whoever led meanwhile. */
class DeferAcrossNodesTest {
    private static final long WAIT_MILLIS = 60_000;
    private static final String QUEUE = "deferring";
    private static final String TOLD = "tokens";
    private static final int NODES = 3;

    @TempDir
    private Path dir;

    private final Map<String, String> tokens = new HashMap<>();

    /** Each node in turn ends and comes again, the leader among them, which hands over. */
    @Test
    void theyOutliveTheRestartOfEveryNode() throws Exception {
        try (ThreeNodes cluster = new ThreeNodes(dir)) {
            cluster.awaitLevel();
            try (Connection c = cluster.factory(0).newConnection()) {
                putAside(c.createChannel());
            }
            for (int node = 0; node < NODES; node++) {
                cluster.restart(node);
                try (Connection c = cluster.factory(node).newConnection()) {
                    Channel channel = c.createChannel();
                    giveBackAgain(channel);
                    takeAndPutAsideAgain(channel);
                }
                Pattern two = Pattern.compile("\"messages_deferred\"\\s*:\\s*2\\b");
                String row = cluster.get(node, "/api/queues/%2F/" + QUEUE);
                assertTrue(two.matcher(row).find(), row);
            }
            try (Connection c = cluster.factory(1).newConnection()) {
                takeAll(c.createChannel());
            }
            assertNull(cluster.fatal());
        }
    }

    /** Three messages: one has headers, one is put aside under a token, one under a token that is told. */
    private void putAside(Channel channel) throws Exception {
        channel.confirmSelect();
        channel.queueDeclare(QUEUE, true, false, false, null);
        channel.queueDeclare(TOLD, true, false, false, null);
        for (int i = 0; i < 3; i++) {
            channel.basicPublish("", QUEUE, null, new byte[] {(byte) i});
        }
        channel.waitForConfirmsOrDie(WAIT_MILLIS);
        AMQP.BasicProperties.Builder plain = new AMQP.BasicProperties.Builder();
        settle(channel, take(channel, QUEUE, 0), "defer", plain, "x-token", "mine", "x-set-round", 0);
        settle(channel, take(channel, QUEUE, 1), "defer", new AMQP.BasicProperties.Builder().replyTo(TOLD));
        settle(channel, take(channel, QUEUE, 2), "release", plain, "x-reason", "round 0");
        GetResponse told = channel.basicGet(TOLD, true);
        tokens.put("told", new String(told.getBody(), StandardCharsets.UTF_8));
    }

    private int round;

    private void giveBackAgain(Channel channel) throws Exception {
        channel.confirmSelect();
        GetResponse r = take(channel, QUEUE, 2);
        assertEquals("round " + round, r.getProps().getHeaders().get("x-reason").toString());
        round++;
        settle(channel, r, "reject", new AMQP.BasicProperties.Builder(), "x-reason", "round " + round);
    }

    private void takeAndPutAsideAgain(Channel channel) throws Exception {
        GetResponse r = take(channel, "amq.deferred.mine", 0);
        assertEquals(round - 1, r.getProps().getHeaders().get("round"));
        settle(channel, r, "defer", new AMQP.BasicProperties.Builder(), "x-token", "mine", "x-set-round", round);
    }

    private void takeAll(Channel channel) throws Exception {
        take(channel, "amq.deferred." + tokens.get("told"), 1);
        take(channel, "amq.deferred.mine", 0);
        take(channel, QUEUE, 2);
        assertNull(channel.basicGet("amq.deferred.mine", false));
        assertNull(channel.basicGet(QUEUE, false));
    }

    private static GetResponse take(Channel channel, String from, int body) throws Exception {
        GetResponse r = channel.basicGet(from, false);
        assertNotNull(r, "nothing in " + from);
        assertEquals(body, r.getBody()[0]);
        return r;
    }

    private static void settle(
            Channel channel, GetResponse r, String outcome, AMQP.BasicProperties.Builder others, Object... more)
            throws Exception {
        Map<String, Object> headers =
                new HashMap<>(Map.of("x-delivery-tag", r.getEnvelope().getDeliveryTag(), "x-outcome", outcome));
        for (int i = 0; i < more.length; i += 2) {
            headers.put((String) more[i], more[i + 1]);
        }
        channel.basicPublish("amq.settle", "", others.headers(headers).build(), new byte[0]);
        channel.waitForConfirmsOrDie(WAIT_MILLIS);
    }
}
