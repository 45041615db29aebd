package io.tallymq.node.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real node that may have few file descriptors, and more clients and strangers than they are. */
class DescriptorLimitTest {
    private static final int FEW = 400;
    /** More than may stay at the Raft port. */
    private static final int STRANGERS = 60;

    private static final Pattern FIT = Pattern.compile("may have 400 file descriptors: (\\d+) AMQP and (\\d+) HTTP");
    private static final long CONFIRM_MILLIS = 60_000;

    @TempDir
    Path dir;

    @Test
    void clientsNeverTakeWhatLogAndStoreNeed() throws Exception {
        List<Connection> clients = new ArrayList<>();
        List<Socket> strangers = new ArrayList<>();
        try (NodeProcess node = new NodeProcess(
                        dir, "ulimit -n " + FEW, "disk.free-limit=0", "store.memtable-size=1MiB")
                .awaitStart()) {
            Matcher fit = FIT.matcher(node.output());
            assertTrue(fit.find(), node.output());
            int most = Integer.parseInt(fit.group(1));
            for (int i = 0; i < most; i++) {
                clients.add(node.factory().newConnection());
            }
            assertTold(node, most);
            for (int port : List.of(node.amqpPort(), node.httpPort(), node.linkPort())) {
                for (int i = 0; i < FEW; i++) {
                    strangers.add(new Socket("127.0.0.1", port));
                }
            }
            for (int i = 0; i < STRANGERS; i++) {
                strangers.add(new Socket("127.0.0.1", node.raftPort()));
            }
            // Much enough for the store to write files of its own, and for the log to begin new ones.
            publish(clients.get(0), 8_000);
            assertTrue(node.isAlive(), node.output());
            for (Socket socket : strangers) {
                socket.close();
            }
            clients.remove(0).close();
            clients.add(reconnect(node));
        } finally {
            for (Socket socket : strangers) {
                socket.close();
            }
            for (Connection client : clients) {
                client.abort();
            }
        }
    }

    private static void assertTold(NodeProcess node, int most) {
        IOException refused =
                assertThrows(IOException.class, () -> node.factory().newConnection());
        String why = refused.getCause().getMessage();
        assertTrue(why.contains("530") && why.contains("node connection limit (" + most + ") is reached"), why);
    }

    private static void publish(Connection connection, int messages) throws Exception {
        Channel channel = connection.createChannel();
        String queue = channel.queueDeclare("q", true, false, false, null).getQueue();
        channel.confirmSelect();
        byte[] body = "descriptor ".repeat(100).getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < messages; i++) {
            channel.basicPublish("", queue, null, body);
        }
        channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
        assertEquals(messages, channel.messageCount(queue));
    }

    /** The ends of connections are noticed a moment later. */
    private static Connection reconnect(NodeProcess node) throws Exception {
        for (int i = 0; ; i++) {
            try {
                return node.factory().newConnection();
            } catch (IOException e) {
                if (i == 1_000) {
                    throw e;
                }
            }
        }
    }
}
