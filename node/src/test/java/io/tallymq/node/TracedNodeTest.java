package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a whole node tells of a message that was published with x-trace. */
class TracedNodeTest {
    @TempDir
    private Path directory;

    private OneNode node;

    @BeforeEach
    void start() throws Exception {
        node = new OneNode(directory);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void aTracedMessageHasItsOwnTimes() throws Exception {
        try (Connection connection = node.connect()) {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            channel.queueDeclare("traced", true, true, true, null);
            BasicProperties asks = new BasicProperties.Builder()
                    .messageId("m-1")
                    .headers(Map.of("x-trace", true))
                    .build();
            channel.basicPublish("", "traced", asks, new byte[10]);
            channel.waitForConfirmsOrDie(60_000);
        }
        JsonNode found = trace("m-1");
        while (!found.path("total").isNumber()
                || !found.path("flushes").path(0).path("flushed_at").isTextual()) {
            found = trace("m-1"); // the client may be quicker than the notes
        }
        assertEquals("n1", found.get("node").asText());
        assertEquals("n1", found.get("leader").asText());
        assertEquals("traced", found.get("queues").get(0).asText());
        assertEquals(0, found.get("missing").size());
        Map<String, Long> took = new HashMap<>();
        found.get("phases")
                .forEach(p -> took.put(p.get("phase").asText(), p.get("took").asLong()));
        assertEquals(Set.of("gather", "journey", "apply", "write", "queue", "replicate"), took.keySet());
        assertEquals(
                took.get("gather") + took.get("journey") + took.get("apply") + took.get("write"),
                found.get("total").asLong());
        assertTrue(took.get("queue") + took.get("replicate") <= took.get("journey") + 1, found.toString());
        JsonNode flush = found.get("flushes").get(0);
        assertTrue(flush.get("leader_knew_after").asLong() >= 0, found.toString()); // the commit may be noted before
        String id = found.get("id").asText();
        assertEquals(
                found,
                new ObjectMapper()
                        .readTree(node.api("/api/confirms/traces/" + id).body()));
        assertEquals(404, node.api("/api/confirms/traces/1.2.3").statusCode());
        assertEquals("[]", node.api("/api/confirms/traces?message_id=other").body());
        assertEquals("[]", node.api("/api/confirms/traces?count=0").body());
        assertEquals(400, node.api("/api/confirms/traces?count=-1").statusCode());
        String metrics = node.metrics("/metrics").body();
        for (String line :
                List.of("tallymq_traces_total 1.0", "tallymq_traces_kept 1.0", "tallymq_traces_limit 256.0")) {
            assertTrue(metrics.lines().anyMatch(line::equals), line);
        }
    }

    private JsonNode trace(String messageId) throws IOException, InterruptedException {
        return new ObjectMapper()
                .readTree(
                        node.api("/api/confirms/traces?message_id=" + messageId).body())
                .path(0);
    }
}
