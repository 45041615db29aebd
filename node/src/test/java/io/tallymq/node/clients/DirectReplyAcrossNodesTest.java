package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who asks and who answers are at different nodes, and neither needs to know. */
class DirectReplyAcrossNodesTest {
    private static final String REPLY_TO = "amq.rabbitmq.reply-to";
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

    private static GetResponse request(Channel responder, String queue) throws Exception {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
        GetResponse got = null;
        while (got == null && System.nanoTime() < end) {
            got = responder.basicGet(queue, true);
        }
        assertNotNull(got, "no request came");
        return got;
    }

    private static boolean isThere(Connection asking, String address) throws Exception {
        Channel c = asking.createChannel();
        try {
            return c.queueDeclarePassive(address).getConsumerCount() == 1;
        } catch (IOException e) {
            ShutdownSignalException why = (ShutdownSignalException) e.getCause();
            assertEquals(404, ((AMQP.Channel.Close) why.getReason()).getReplyCode());
            return false;
        }
    }

    @Test
    void eachNodeAnswersEachOther() throws Exception {
        byte[] large = new byte[3_500_000];
        new Random(3).nextBytes(large);
        for (int from = 0; from < cluster.size(); from++) {
            for (int to = 0; to < cluster.size(); to++) {
                ask(from, to, large);
            }
        }
    }

    private static void ask(int from, int to, byte[] large) throws Exception {
        String queue = "requests-" + from + "-" + to;
        Connection asking = cluster.factory(from).newConnection();
        try (Connection answering = cluster.factory(to).newConnection()) {
            Channel requester = asking.createChannel();
            Channel responder = answering.createChannel();
            BlockingQueue<Delivery> replies = new LinkedBlockingQueue<>();
            requester.queueDeclare(queue, false, false, false, null);
            requester.basicConsume(REPLY_TO, true, (tag, d) -> replies.add(d), tag -> {});
            requester.basicPublish(
                    "",
                    queue,
                    new AMQP.BasicProperties.Builder().replyTo(REPLY_TO).build(),
                    new byte[1]);
            String address = request(responder, queue).getProps().getReplyTo();
            assertTrue(isThere(answering, address));
            responder.confirmSelect();
            responder.basicPublish("", address, true, null, new byte[] {7});
            responder.basicPublish("", address, true, null, large);
            responder.waitForConfirmsOrDie(WAIT_MILLIS);
            assertEquals(7, poll(replies).getBody()[0]);
            Delivery second = poll(replies);
            assertArrayEquals(large, second.getBody());
            assertEquals(address, second.getEnvelope().getRoutingKey());
            requester.queueDelete(queue);
            asking.close();
            int[] returned = {0};
            responder.addReturnListener(r -> returned[0]++);
            responder.basicPublish("", address, true, null, new byte[1]);
            responder.waitForConfirmsOrDie(WAIT_MILLIS);
            assertEquals(1, returned[0], "nobody waits any more");
            assertFalse(isThere(answering, address));
        } finally {
            asking.abort();
        }
    }

    private static Delivery poll(BlockingQueue<Delivery> replies) throws InterruptedException {
        Delivery d = replies.poll(WAIT_MILLIS, TimeUnit.MILLISECONDS);
        assertNotNull(d, "no reply came");
        return d;
    }
}
