package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the node that has a client tells of it while it is there. */
class OpenClientsTest {
    @TempDir
    private static Path directory;

    private static OneNode node;

    @BeforeAll
    static void start() throws Exception {
        node = new OneNode(directory);
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    /** RabbitMQ's lists lack it for some seconds. */
    @Test
    void aNewConnectionIsInTheListAtOnce() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(node.amqpPort());
        for (int i = 0; i < 10; i++) {
            try (Connection connection = factory.newConnection("client " + i)) {
                String listed =
                        node.api("/api/connections?columns=user_provided_name").body();
                assertTrue(listed.contains("\"client " + i + "\""), listed);
            }
        }
    }

    private static double metric(String name) throws Exception {
        return node.metrics("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void publishersAndWhatClientsHoldAreCounted() throws Exception {
        double confirmed = metric("rabbitmq_global_messages_received_confirm_total");
        try (Connection connection = node.connect()) {
            Channel channel = connection.createChannel();
            Channel without = connection.createChannel();
            connection.createChannel();
            channel.queueDeclare("held", true, false, false, null);
            without.basicPublish("", "held", null, new byte[1]);
            channel.confirmSelect();
            channel.basicPublish("", "held", null, new byte[1]);
            channel.waitForConfirmsOrDie(60_000);
            without.basicPublish("", "held", null, new byte[1]);
            without.queueDeclarePassive("held");
            assertNotNull(channel.basicGet("held", false));
            assertNotNull(channel.basicGet("held", false));
            assertEquals(2, metric("rabbitmq_global_publishers"));
            assertEquals(2, metric("rabbitmq_channel_messages_unacked"));
            assertEquals(confirmed + 1, metric("rabbitmq_global_messages_received_confirm_total"));
        }
    }
}
