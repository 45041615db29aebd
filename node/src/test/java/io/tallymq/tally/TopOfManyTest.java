package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A cluster with more queues than tally top looks at, of which an empty one is busiest. */
class TopOfManyTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final AtomicInteger published = new AtomicInteger();
    private int queues = 600;
    private HttpServer node;

    @BeforeEach
    void start() throws IOException {
        node = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        node.createContext("/", this::answer);
        node.start();
    }

    @AfterEach
    void stop() {
        node.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        JsonNode body =
                switch (path) {
                    case "/api/queues" -> JSON.createObjectNode().set("items", page(query));
                    case "/api/overview" ->
                        JSON.createObjectNode()
                                .set("object_totals", JSON.createObjectNode().put("queues", queues));
                    case "/api/nodes" -> JSON.createArrayNode();
                    default -> JSON.createObjectNode();
                };
        byte[] octets = body.toString().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, octets.length);
        exchange.getResponseBody().write(octets);
        exchange.close();
    }

    private ArrayNode page(String query) {
        ArrayNode rows = JSON.createArrayNode();
        if (query.contains("sort=messages&")) {
            rows.add(queue("full", 9, 5));
        } else if (query.contains("sort=message_stats.publish_details.rate&")) {
            rows.add(queue("busy", 0, published.addAndGet(100))).add(queue("full", 9, 5));
        }
        return rows;
    }

    private static ObjectNode queue(String name, int ready, int published) {
        ObjectNode queue =
                JSON.createObjectNode().put("vhost", "/").put("name", name).put("messages_ready", ready);
        queue.putObject("message_stats").put("publish", published);
        return queue;
    }

    private JsonNode load() {
        return Typed.nowhere()
                .with("TALLY_ADDRESS", "127.0.0.1:" + node.getAddress().getPort())
                .run("top", "--count", "1", "--interval", "0.01", "--json")
                .ok()
                .json();
    }

    @Test
    void anEmptyQueueThatIsBusiestIsTheFirst() {
        assertEquals(
                "[\"busy\",\"full\"]",
                JSON.valueToTree(load().path("queues").findValuesAsText("name")).toString());
    }

    @Test
    void ofFewQueuesAllAreInTheFirstPage() {
        queues = 500;
        assertEquals(
                "[\"full\"]",
                JSON.valueToTree(load().path("queues").findValuesAsText("name")).toString());
        assertEquals(0, published.get());
    }
}
