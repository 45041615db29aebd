package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.tallymq.broker.BrokerMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** RabbitMQ's message_stats and counters, of a whole node that a client used. */
class MessageStatsTest {
    private static final String WAYS =
            "publish deliver deliver_no_ack get get_no_ack get_empty deliver_get redeliver ack";

    @TempDir
    private Path directory;

    @Test
    void aMessageCountsByWhatBecameOfIt() throws Exception {
        try (OneNode node = new OneNode(directory);
                Connection connection = node.connect()) {
            while (api(node, "/api/cluster").get("level").asInt() < BrokerMachine.LEVELS.max()) {
                Thread.onSpinWait(); // the leader raises it within moments, and what came before it is not told apart
            }
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            channel.queueDeclare("q", true, false, false, null);
            channel.queueDeclare("r", true, false, false, null);
            channel.queueBind("q", "amq.fanout", "");
            channel.queueBind("r", "amq.fanout", "");
            for (int i = 0; i < 5; i++) {
                channel.basicPublish("amq.fanout", "", null, new byte[10]);
            }
            channel.basicPublish("", "nobody", true, null, new byte[10]);
            channel.basicPublish("", "nobody", false, null, new byte[10]);
            channel.waitForConfirmsOrDie();
            channel.basicAck(channel.basicGet("q", false).getEnvelope().getDeliveryTag(), false);
            channel.basicGet("q", true);
            channel.basicGet("q", true);
            consume(channel, "q", true, 2);
            channel.basicGet("q", false);
            consume(channel, "r", false, 5);
            channel.basicRecover(true);

            assertEquals("5 0 2 1 2 1 5 0 5", numbers(stats(node, "/api/queues/%2F/q"), WAYS));
            JsonNode overview = stats(node, "/api/overview");
            assertEquals("7 7 1 1", numbers(overview, "publish confirm return_unroutable drop_unroutable"));
            assertEquals("5 10", numbers(stats(node, "/api/exchanges/%2F/amq.fanout"), "publish_in publish_out"));
            assertEquals("2 0", numbers(stats(node, "/api/exchanges/%2F/amq.default"), "publish_in publish_out"));
            assertEquals("7", numbers(stats(node, "/api/vhosts/%2F"), "publish"));
            String name = api(node, "/api/channels").get(0).get("name").asText();
            JsonNode own =
                    stats(node, "/api/channels/" + name.replace(" ", "%20").replace(">", "%3E"));
            assertEquals("7 7 1 2 1", numbers(own, "publish confirm return_unroutable get_no_ack get_empty"));
            String metrics = node.api("/metrics").body();
            assertTrue(metrics.contains("rabbitmq_global_messages_get_empty_total{"), metrics);
        }
    }

    private static void consume(Channel channel, String queue, boolean noAck, int messages) throws Exception {
        CountDownLatch arrived = new CountDownLatch(messages);
        String tag = channel.basicConsume(queue, noAck, (t, m) -> arrived.countDown(), t -> {});
        arrived.await();
        channel.basicCancel(tag);
    }

    private static JsonNode stats(OneNode node, String path) throws IOException, InterruptedException {
        return api(node, path).path("message_stats");
    }

    private static JsonNode api(OneNode node, String path) throws IOException, InterruptedException {
        return new ObjectMapper().readTree(node.api(path).body());
    }

    private static String numbers(JsonNode of, String fields) {
        return Stream.of(fields.split(" ")).map(f -> of.path(f).asText("-")).collect(Collectors.joining(" "));
    }
}
