package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.request.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GET of /api/queues/../peek over a real broker: it shows what is there, and changes nothing. */
class PeekApiTest {
    private static final String PEEK = "/api/queues/%2F/q/peek";

    private AccessFixture on;

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture();
        on.permit("root", "/", ".*", ".*", ".*");
    }

    @AfterEach
    void stop() {
        on.close();
    }

    private void queue(String arguments) {
        on.put(201, "/api/queues/%2F/q", "{\"arguments\":{" + arguments + "}}");
    }

    private void publish(String payload, String properties) {
        String body =
                Json.object().put("routing_key", "q").put("payload", payload).toString();
        body = body.substring(0, body.length() - 1) + ",\"properties\":{" + properties + "}}";
        assertEquals("{\"routed\":true}", on.send(200, "POST", "/api/exchanges/%2F/amq.default/publish", body));
    }

    private static List<String> payloads(JsonNode peeked) {
        List<String> all = new ArrayList<>();
        peeked.get("messages").forEach(m -> all.add(m.get("payload").asText()));
        return all;
    }

    private List<String> peek(String query) {
        return payloads(on.json(PEEK + query));
    }

    @Test
    void whatIsLookedAtStaysAsItIs() {
        queue("\"x-queue-type\":\"quorum\"");
        publish("a", "\"message_id\":\"m1\",\"headers\":{\"h\":7}");
        publish("b", "");
        for (int i = 0; i < 3; i++) {
            JsonNode all = on.json(PEEK);
            assertEquals(List.of("a", "b"), payloads(all));
            assertTrue(all.get("complete").asBoolean());
            assertTrue(all.get("next").isNull());
            assertTrue(all.get("applied_index").asLong() > 0);
            JsonNode first = all.get("messages").get(0);
            assertEquals("ready", first.get("state").asText());
            assertFalse(first.get("redelivered").asBoolean());
            assertEquals("m1", first.get("properties").get("message_id").asText());
            assertEquals(7, first.get("properties").get("headers").get("h").asInt());
            assertEquals("q", first.get("routing_key").asText());
        }
        String got = on.send(
                200,
                "POST",
                "/api/queues/%2F/q/get",
                "{\"count\":1,\"ackmode\":\"reject_requeue_true\",\"encoding\":\"auto\"}");
        assertFalse(Json.read(got).get(0).get("redelivered").asBoolean(), "nobody had it before");
        JsonNode again = on.json(PEEK + "?count=1").get("messages").get(0);
        assertTrue(again.get("redelivered").asBoolean());
        assertEquals(
                1,
                again.get("properties").get("headers").get("x-delivery-count").asInt());
    }

    @Test
    void exclusiveQueuesAreTheirConnections() {
        on.exclusive("q");
        publish("a", "");
        assertTrue(on.get(400, PEEK).contains("cannot obtain exclusive access to locked queue 'q'"));
    }

    @Test
    void aTextIsNotLongerThanAKilobyte() {
        queue("");
        publish("a".repeat(1_024), "");
        assertEquals(1, peek("?text=" + "a".repeat(1_024)).size());
        assertTrue(on.get(400, PEEK + "?text=" + "a".repeat(1_025)).contains("1024 bytes"));
    }

    @Test
    void pagesGoOnWhereTheLastOneEnded() {
        queue("");
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            publish("m" + i, "");
            all.add("m" + i);
        }
        List<String> seen = new ArrayList<>();
        JsonNode page = on.json(PEEK + "?count=10");
        seen.addAll(payloads(page));
        while (!page.get("complete").asBoolean()) {
            page = on.json(PEEK + "?count=10&from=" + page.get("next").asText());
            seen.addAll(payloads(page));
        }
        assertEquals(all, seen);
        assertEquals(List.of("m24", "m23"), peek("?count=2&order=newest"));
        JsonNode newest = on.json(PEEK + "?count=2&order=newest");
        assertEquals(
                List.of("m22", "m21"),
                peek("?count=2&order=newest&from=" + newest.get("next").asText()));
        assertEquals(List.of(), peek("?count=0"));
    }

    @Test
    void someAreChosen() {
        queue("");
        publish("apple pie", "\"type\":\"t\",\"correlation_id\":\"c1\",\"headers\":{\"kind\":\"sweet\",\"n\":1}");
        publish("meat pie", "\"correlation_id\":\"c2\",\"headers\":{\"kind\":\"salty\",\"n\":1}");
        publish("apple", "");
        assertEquals(List.of("apple pie", "apple"), peek("?text=apple"));
        assertEquals(List.of("apple pie"), peek("?text=apple&type=t"));
        assertEquals(List.of("meat pie"), peek("?header.kind=salty"));
        assertEquals(List.of("apple pie", "meat pie"), peek("?header.n=1"));
        assertEquals(List.of("meat pie"), peek("?correlation_id=c2"));
        assertEquals(List.of(), peek("?older_than=1h"));
        assertEquals(3, peek("?younger_than=1h").size());
        assertEquals(3, peek("?state=ready&exchange=&routing_key=q").size());
        JsonNode short_ = on.json(PEEK + "?truncate=5&encoding=base64&text=meat");
        assertEquals("bWVhdCA=", short_.get("messages").get(0).get("payload").asText());
        assertEquals(8, short_.get("messages").get(0).get("payload_bytes").asInt());
        assertEquals(3, short_.get("looked_at").asInt());
    }

    @Test
    void whatIsMoreUrgentComesFirst() {
        queue("\"x-max-priority\":5");
        publish("low", "\"priority\":1");
        publish("high", "\"priority\":5");
        publish("none", "");
        assertEquals(List.of("high", "low", "none"), peek(""));
        assertEquals(List.of("none", "low", "high"), peek("?order=newest"));
        String next = on.json(PEEK + "?count=1").get("next").asText();
        assertEquals(List.of("low", "none"), peek("?from=" + next));
    }

    @Test
    void streamsAreLookedAtFromAnOffsetOrATimeOn() {
        queue("\"x-queue-type\":\"stream\"");
        publish("a", "");
        publish("b", "");
        publish("c", "");
        assertEquals(List.of("b", "c"), peek("?from=1"));
        assertEquals(List.of("c"), peek("?order=newest&count=1"));
        assertEquals(List.of("a", "b", "c"), peek("?from=2001-01-01T00:00:00Z"));
        assertEquals(List.of(), peek("?from=2101-01-01T00:00:00Z"));
    }

    @Test
    void rowsTellOfWhatIsNext() {
        queue("");
        JsonNode empty = on.json("/api/queues/%2F/q");
        assertTrue(empty.get("head_message_timestamp").isNull());
        assertTrue(empty.get("head_message_age").isNull());
        publish("a", "\"timestamp\":1234567");
        publish("b", "");
        for (JsonNode row :
                List.of(on.json("/api/queues/%2F/q"), on.json("/api/queues/%2F").get(0))) {
            assertEquals(1_234_567, row.get("head_message_timestamp").asLong());
            assertTrue(row.get("head_message_age").asLong() >= 0);
            assertTrue(row.get("head_message_age").asLong() < 3_600_000);
        }
        on.send(
                200,
                "POST",
                "/api/queues/%2F/q/get",
                "{\"count\":1,\"ackmode\":\"ack_requeue_false\",\"encoding\":\"auto\"}");
        assertTrue(on.json("/api/queues/%2F/q").get("head_message_timestamp").isNull(), "b has none");
        assertTrue(on.json("/api/queues/%2F/q").get("head_message_age").isNumber());
    }

    @Test
    void whoMayNotReadSeesNothing() {
        queue("");
        String ann = on.user("ann", "management");
        on.permit("ann", "/", ".*", ".*", "other");
        assertTrue(on.get(403, PEEK, ann).contains("read access to queue 'q'"));
        on.permit("ann", "/", "", "", "q");
        on.get(200, PEEK, ann);
        String bob = on.user("bob", "");
        on.permit("bob", "/", ".*", ".*", ".*");
        on.get(403, PEEK, bob);
        on.get(404, "/api/queues/%2F/other/peek");
        on.get(404, "/api/queues/other/q/peek");
        on.get(401, PEEK, Admin.basic("ann", "wrong"));
        on.send(405, "POST", PEEK, "{}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?count=101",
                "?count=-1",
                "?order=odd",
                "?from=x",
                "?from=-1",
                "?from=2001-01-01T00:00:00Z",
                "?older_than=soon",
                "?older_than=200000000000d",
                "?state=odd",
                "?encoding=odd",
                "?truncate=x",
                "?header.=x",
                "?mesage_id=x"
            })
    void whatMakesNoSenseIsRefused(String query) {
        queue("");
        on.get(400, PEEK + query);
    }
}
