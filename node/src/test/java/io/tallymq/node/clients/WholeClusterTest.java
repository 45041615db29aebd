package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Any node tells of the clients of all. */
class WholeClusterTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static JsonNode json(ThreeNodes nodes, int number, String path) throws IOException, InterruptedException {
        return MAPPER.readTree(nodes.get(number, path));
    }

    private static JsonNode named(JsonNode rows, String suffix) {
        for (JsonNode row : rows) {
            if (row.get("name").asText().endsWith(suffix)) {
                return row;
            }
        }
        throw new AssertionError(suffix + " is not in " + rows);
    }

    private static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Test
    void anyNodeTellsWhatTheServingNodeCounts(@TempDir Path directory) throws Exception {
        try (ThreeNodes nodes = new ThreeNodes(directory)) {
            nodes.awaitLevel();
            try (Connection connection = nodes.factory(0).newConnection("told")) {
                Channel publishes = connection.createChannel(1);
                publishes.confirmSelect();
                String queue =
                        publishes.queueDeclare("q", true, false, false, null).getQueue();
                for (int i = 0; i < 5; i++) {
                    publishes.basicPublish("", queue, null, new byte[10]);
                }
                publishes.waitForConfirmsOrDie(30_000);
                Channel consumes = connection.createChannel(2);
                consumes.basicQos(7);
                var came = new CountDownLatch(5);
                consumes.basicConsume(queue, false, (tag, message) -> came.countDown(), tag -> {});
                assertTrue(came.await(30, TimeUnit.SECONDS));

                JsonNode channels = json(nodes, 1, "/api/channels");
                assertEquals(2, channels.size(), "the one that only publishes, too: " + channels);
                JsonNode one = named(channels, "(1)");
                assertTrue(one.get("confirm").asBoolean(), one.toString());
                assertEquals(5, one.at("/message_stats/publish").asInt());
                JsonNode two = named(channels, "(2)");
                assertEquals(5, two.get("messages_unacknowledged").asInt());
                assertEquals(7, two.get("prefetch_count").asInt());
                String name = two.get("name").asText();
                assertEquals(
                        5,
                        json(nodes, 2, "/api/channels/" + segment(name))
                                .get("messages_unacknowledged")
                                .asInt());

                JsonNode row = json(nodes, 1, "/api/connections").get(0);
                assertEquals("running", row.path("state").asText());
                assertEquals(2, row.path("channels").asInt());
                assertTrue(row.path("recv_oct").asLong() > 50, row.toString());
                assertFalse(row.path("ssl").asBoolean(true));
                String its = row.get("name").asText();
                JsonNode single = json(nodes, 2, "/api/connections/" + segment(its));
                assertEquals(2, single.path("channels").asInt(), single.toString());
                assertEquals(
                        2,
                        json(nodes, 2, "/api/connections/" + segment(its) + "/channels")
                                .size());
                for (int n = 0; n < nodes.size(); n++) {
                    assertEquals(
                            2,
                            json(nodes, n, "/api/overview")
                                    .at("/object_totals/channels")
                                    .asInt());
                }
            }
            assertEquals(null, nodes.fatal());
        }
    }
}
