package io.tallymq.node.deploy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real node with a small heap, and a client that declares queues for as long as it may. */
class FullHeapTest {
    /** The heap of all queues that a cluster may have is a multiple of this. */
    private static final String SMALL = "export _JAVA_OPTIONS='-Xmx128m -XX:+ExitOnOutOfMemoryError'";
    /** Declares of which one is waited for. */
    private static final int ROW = 500;

    private static final int LIMIT = 100_000;

    @TempDir
    Path dir;

    @Test
    void queuesAreRefusedBeforeTheNodeEnds() throws Exception {
        int declared;
        try (NodeProcess node = node()) {
            declared = declareUntilRefused(node);
            node.kill();
        }
        try (NodeProcess node = node()) {
            node.await("the alarm", () -> node.output().contains("no queue, exchange or binding can be added"));
            try (Connection connection = node.factory().newConnection()) {
                Channel channel = connection.createChannel();
                for (int i = 0; i < declared; i++) {
                    channel.queueDeleteNoWait("q" + i, false, false);
                }
                channel.queueDelete("q0");
                node.await("room", () -> node.output().contains("bytes in its heap again"));
                channel.queueDeclare("new", true, false, false, null);
            }
        }
    }

    private NodeProcess node() throws Exception {
        return new NodeProcess(dir, SMALL, "disk.free-limit=0", "store.memtable-size=1MiB").awaitStart();
    }

    private static int declareUntilRefused(NodeProcess node) throws Exception {
        int declared = 0;
        try (Connection connection = node.factory().newConnection()) {
            Channel channel = connection.createChannel();
            try {
                while (declared < LIMIT) {
                    for (int i = 0; i < ROW; i++) {
                        channel.queueDeclareNoWait("q" + (declared + i), true, false, false, null);
                    }
                    declared += ROW;
                    channel.queueDeclarePassive("q" + (declared - 1));
                }
                throw new AssertionError("all were taken: the heap was large enough\n" + node.output());
            } catch (IOException | AlreadyClosedException e) {
                ShutdownSignalException cause = (ShutdownSignalException) (e instanceof IOException ? e.getCause() : e);
                String text = ((AMQP.Channel.Close) cause.getReason()).getReplyText();
                assertTrue(text.contains("nothing can be added: node 'n1' keeps "), text + "\n" + node.output());
            }
        }
        return declared;
    }
}
