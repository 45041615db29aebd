package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** /api/receipts by exchange and id, over a real broker, and who may ask. */
class IdReceiptsApiTest {
    private static final String PUBLISH = "/api/exchanges/%2F/orders/publish";

    private AccessFixture on;

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture();
        on.permit("root", "/", ".*", ".*", ".*");
        on.put(201, "/api/queues/%2F/q", "{}");
        on.put(201, "/api/exchanges/%2F/orders", "{\"type\":\"fanout\"}");
        on.send(201, "POST", "/api/bindings/%2F/e/orders/q/q", "{}");
        policy(201, "\"dedup-id\":\"message-id\",\"dedup-window\":3600000");
    }

    @AfterEach
    void stop() {
        on.close();
    }

    private void policy(int status, String definition) {
        on.put(
                status,
                "/api/policies/%2F/ids",
                "{\"pattern\":\"^orders$\",\"apply-to\":\"exchanges\",\"definition\":{" + definition + "}}");
    }

    private void publish(int status, String properties) {
        on.send(
                status,
                "POST",
                PUBLISH,
                "{\"routing_key\":\"\",\"payload\":\"x\",\"properties\":{" + properties + "}}");
    }

    private static String path(String id) {
        return "/api/receipts/%2F?exchange=orders&id=" + id;
    }

    private static String voidPath(String id) {
        return "/api/receipts/%2F/void?exchange=orders&id=" + id;
    }

    @Test
    void whatIsPublishedTwiceIsThereOnceAndTold() {
        publish(200, "\"message_id\":\"a/1\"");
        publish(200, "\"message_id\":\"a/1\"");
        assertEquals(1, on.json("/api/queues/%2F/q").get("messages").asInt());
        JsonNode r = on.json(path("a%2F1"));
        assertEquals("stored", r.get("outcome").asText());
        assertEquals("a/1", r.get("id").asText());
        assertEquals("orders", r.get("exchange").asText());
        assertTrue(r.get("final").asBoolean());
        assertEquals("ready", r.get("queues").get(0).get("state").asText());
        assertEquals(1, r.get("queues_total").asInt());
        assertEquals("[\"n1\"]", r.get("durable_on").toString());
        assertEquals(1, r.get("duplicates").asInt());
        assertEquals(3_600_000, r.get("window").asLong());
        JsonNode unseen = on.json(path("b"));
        assertEquals("unseen", unseen.get("outcome").asText());
        assertFalse(unseen.get("final").asBoolean());
        assertTrue(unseen.get("known_since").asLong() > 0);
        assertFalse(unseen.has("time"));
        assertEquals("unseen", on.json(path("b") + "&wait=100ms").get("outcome").asText());
    }

    @Test
    void whoWaitsIsToldWhenItHasCome() {
        var answer = CompletableFuture.supplyAsync(() -> on.json(path("late") + "&wait=20s"));
        publish(200, "\"message_id\":\"late\"");
        assertEquals(
                "stored",
                answer.orTimeout(30, TimeUnit.SECONDS).join().get("outcome").asText());
    }

    @Test
    void aVoidOneDoesNotComeAndOneThatCameIsTold() {
        publish(200, "\"message_id\":\"a\"");
        assertTrue(on.put(200, voidPath("a"), "").contains("\"stored\""));
        assertTrue(on.put(200, voidPath("b"), "").contains("\"void\""));
        publish(400, "\"message_id\":\"b\"");
        assertEquals(
                "exchange 'orders' in vhost '/', id 'b'",
                on.json("/api/audit").at("/0/subject").asText());
        assertEquals(1, on.json("/api/queues/%2F/q").get("messages").asInt());
    }

    @Test
    void aHeaderThatIsNoIdIsRefused() {
        policy(204, "\"dedup-id\":\"header:order\"");
        publish(400, "\"headers\":{\"order\":[1]}");
        publish(200, "\"headers\":{\"order\":1}");
        publish(200, "\"headers\":{\"order\":\"1\"}");
        assertEquals(1, on.json("/api/queues/%2F/q").get("messages").asInt());
        assertEquals("stored", on.json(path("1")).get("outcome").asText());
    }

    @Test
    void whatDoesNotNameAPublish() {
        for (String bad : new String[] {"", "?exchange=orders", "?id=a", "?exchange=orders&id=", "?exchange=&id=a"}) {
            on.get(400, "/api/receipts/%2F" + bad);
        }
        on.get(400, path("x".repeat(256)));
        on.put(400, voidPath("x".repeat(256)), "");
        on.get(404, "/api/receipts/%2F?exchange=amq.fanout&id=a");
        on.get(404, "/api/receipts/%2F?exchange=none&id=a");
        on.put(404, "/api/receipts/%2F/void?exchange=none&id=a", "");
        on.get(404, "/api/receipts/none?exchange=orders&id=a");
        on.get(400, path("a") + "&wait=5");
    }

    @Test
    void whoAsksNeedsTheRightToReadAndWhoChangesMore() {
        publish(200, "\"message_id\":\"a\"");
        String reader = on.user("reader", "management");
        on.permit("reader", "/", "^$", "^$", "^amq\\\\.receipt\\\\.id\\\\.orders\\\\.");
        on.get(200, path("a"), reader);
        on.get(403, "/api/receipts/%2F?exchange=other&id=a", reader);
        on.send(403, "PUT", voidPath("b"), "", reader);
        assertEquals("unseen", on.json(path("b")).get("outcome").asText());
    }

    @Test
    void keysThatMeanNothingAreRefused() {
        for (String bad : new String[] {
            "\"dedup-id\":\"correlation-id\"",
            "\"dedup-id\":\"message-id\",\"dedup-window\":\"10m\"",
            "\"dedup-id\":\"message-id\",\"dedup-max\":0"
        }) {
            policy(400, bad);
        }
    }
}
