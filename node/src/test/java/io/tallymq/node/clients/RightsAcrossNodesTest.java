package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A change of rights at one node acts on what is open at the others: consumers, channels that publish, connections. */
class RightsAcrossNodesTest {
    private static final long WAIT_SECONDS = 60;
    private static final String ANN = "/api/permissions/%2F/ann";

    @TempDir
    private Path dir;

    private static void change(ThreeNodes cluster, String method, String path, String body) throws Exception {
        int status = cluster.send(0, method, path, body);
        assertTrue(status == 201 || status == 204, method + " " + path + ": " + status);
    }

    private static String rights(String write, String read) {
        return "{\"configure\":\"\",\"write\":\"" + write + "\",\"read\":\"" + read + "\"}";
    }

    /** What ann has at one node. */
    private static final class Client {
        final Connection connection;
        final CompletableFuture<String> cancelled = new CompletableFuture<>();
        final CompletableFuture<ShutdownSignalException> ended = new CompletableFuture<>();

        Client(ThreeNodes cluster, int number) throws Exception {
            ConnectionFactory factory = cluster.factory(number);
            factory.setUsername("ann");
            factory.setPassword("pw");
            factory.setAutomaticRecoveryEnabled(false);
            connection = factory.newConnection();
            connection.addShutdownListener(ended::complete);
            connection.createChannel().basicConsume("q", true, (tag, m) -> {}, cancelled::complete);
        }

        /** 0 if it is confirmed, else the code that ends the channel. */
        int publish() throws Exception {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            channel.basicPublish("", "q", null, new byte[1]);
            try {
                channel.waitForConfirmsOrDie(WAIT_SECONDS * 1000);
                return 0;
            } catch (ShutdownSignalException e) {
                return ((AMQP.Channel.Close) e.getReason()).getReplyCode();
            } catch (IOException e) {
                var cause = (ShutdownSignalException) e.getCause();
                return ((AMQP.Channel.Close) cause.getReason()).getReplyCode();
            }
        }

        /** Its node applies the change a moment after the one that answered. */
        int publishUntilRefused() throws Exception {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
            int code;
            do {
                code = publish();
            } while (code == 0 && System.nanoTime() < end);
            return code;
        }
    }

    @Test
    void aChangeAtOneNodeActsAtTheOthers() throws Exception {
        try (ThreeNodes cluster = new ThreeNodes(dir)) {
            cluster.awaitLevel();
            try (Connection guest = cluster.factory(0).newConnection()) {
                guest.createChannel().queueDeclare("q", true, false, false, Map.of());
            }
            change(cluster, "PUT", "/api/users/ann", "{\"password\":\"pw\",\"tags\":\"\"}");
            change(cluster, "PUT", ANN, rights(".*", ".*"));
            List<Client> clients = new ArrayList<>();
            for (int node = 0; node < 3; node++) {
                clients.add(new Client(cluster, node));
                assertEquals(0, clients.get(node).publish());
            }
            change(cluster, "PUT", ANN, rights(".*", "^other$"));
            for (Client c : clients) {
                c.cancelled.get(WAIT_SECONDS, TimeUnit.SECONDS);
                assertEquals(0, c.publish(), "that it may still");
            }
            change(cluster, "PUT", ANN, rights("^other$", "^other$"));
            for (Client c : clients) {
                assertEquals(403, c.publishUntilRefused());
            }
            change(cluster, "DELETE", "/api/users/ann", "");
            for (Client c : clients) {
                var close = (AMQP.Connection.Close)
                        c.ended.get(WAIT_SECONDS, TimeUnit.SECONDS).getReason();
                assertTrue(close.getReplyCode() == 320 || close.getReplyCode() == 403, close.toString());
                assertThrows(Exception.class, c.connection::createChannel);
            }
            assertNull(cluster.fatal());
        }
    }
}
