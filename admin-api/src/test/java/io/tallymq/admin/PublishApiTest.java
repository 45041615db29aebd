package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.request.Json;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** POST of /api/exchanges/../publish over a real broker: answered when it is confirmed. */
class PublishApiTest {
    private static final String DEFAULT = "/api/exchanges/%2F/amq.default/publish";

    private AccessFixture on;

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture();
        on.permit("root", "/", ".*", ".*", ".*");
        on.put(201, "/api/queues/%2F/q", "");
    }

    @AfterEach
    void stop() {
        on.close();
    }

    private String publish(int status, String exchange, String body) {
        return on.send(status, "POST", "/api/exchanges/%2F/" + exchange + "/publish", body);
    }

    private JsonNode got() {
        String got = on.send(200, "POST", "/api/queues/%2F/q/get", "{\"count\":1,\"ackmode\":\"ack_requeue_false\"}");
        return ((com.fasterxml.jackson.databind.node.ArrayNode) Json.read(got)).path(0);
    }

    private int ready() {
        return on.json("/api/queues/%2F/q").get("messages_ready").asInt();
    }

    private void awaitNoConnections() {
        while (on.broker.read(view -> view.sizes().connections()) != 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aMessageIsRoutedOrIsNot() {
        assertEquals(
                "{\"routed\":true}",
                on.send(200, "POST", DEFAULT, "{\"routing_key\":\"q\",\"payload\":\"hällo\",\"properties\":{}}"));
        assertEquals(1, ready(), "it is there when the answer is");
        assertEquals(
                "{\"routed\":false}", on.send(200, "POST", DEFAULT, "{\"routing_key\":\"none\",\"payload\":\"\"}"));
        JsonNode m = got();
        assertEquals("hällo", m.get("payload").asText());
        assertEquals("q", m.get("routing_key").asText());
        assertEquals("", m.get("exchange").asText());
        awaitNoConnections();
    }

    @Test
    void aMessageIsNoLargerThanOneOfAmqp() {
        String message = "{\"routing_key\":\"q\",\"payload\":\"%s\",\"properties\":{}}";
        String fits = "x".repeat(AccessFixture.MOST_MESSAGE);
        publish(200, "amq.default", message.formatted(fits));
        String refused = publish(400, "amq.default", message.formatted(fits + "x"));
        assertTrue(refused.contains("message size 1010001 is larger than configured max size 1010000"), refused);
        assertEquals(1, ready());
    }

    @Test
    void propertiesGoWithIt() {
        String properties = "{\"content_type\":\"text/plain\",\"content_encoding\":\"utf-8\",\"delivery_mode\":2,"
                + "\"priority\":3,\"correlation_id\":\"c\",\"reply_to\":\"r\",\"expiration\":\"600000\","
                + "\"message_id\":\"m\",\"timestamp\":1700000000,\"type\":\"t\",\"user_id\":\"root\",\"app_id\":\"a\","
                + "\"cluster_id\":\"k\",\"headers\":{\"n\":1,\"s\":\"Ω\",\"l\":[1,\"x\"],\"t\":{\"b\":true},\"z\":null}}";
        publish(
                200,
                "amq.default",
                "{\"routing_key\":\"q\",\"payload\":\"AAH/\",\"payload_encoding\":\"base64\"," + "\"properties\":"
                        + properties + "}");
        JsonNode m = got();
        assertEquals(Json.read(properties), m.get("properties"));
        assertEquals("base64", m.get("payload_encoding").asText());
        assertEquals("AAH/", m.get("payload").asText());
        assertEquals(3, m.get("payload_bytes").asInt());
    }

    @Test
    void headersMeanWhatTheyMeanInAmqp() {
        on.put(201, "/api/queues/%2F/copy", "");
        on.put(201, "/api/queues/%2F/blind", "");
        publish(
                200,
                "amq.default",
                "{\"routing_key\":\"none\",\"payload\":\"x\",\"properties\":{\"headers\":"
                        + "{\"CC\":[\"q\",\"copy\"],\"BCC\":[\"blind\"]}}}");
        JsonNode m = got();
        assertEquals("{\"CC\":[\"q\",\"copy\"]}", m.at("/properties/headers").toString());
        assertEquals(1, on.json("/api/queues/%2F/copy").get("messages").asInt());
        assertEquals(1, on.json("/api/queues/%2F/blind").get("messages").asInt());
        publish(
                200,
                "amq.default",
                "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"headers\":"
                        + "{\"x-delay\":\"600000\",\"x-schedule-id\":\"job\"}}}");
        assertEquals(0, ready());
        assertEquals(1, on.json("/api/schedules/%2F/job").get("payload_bytes").asInt());
        assertTrue(publish(
                        400,
                        "amq.default",
                        "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"headers\":"
                                + "{\"x-min-queues\":2}}}")
                .contains("queue"));
        assertEquals(0, ready());
        publish(200, "amq.default", "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"expiration\":\"0\"}}");
    }

    @Test
    void whatTheBrokerRefusesIsTold() {
        assertTrue(publish(404, "none", "{\"routing_key\":\"q\",\"payload\":\"x\"}")
                .contains("no exchange 'none' in vhost '/'"));
        on.put(201, "/api/exchanges/%2F/inner", "{\"internal\":true}");
        assertTrue(publish(400, "inner", "{\"routing_key\":\"q\",\"payload\":\"x\"}")
                .contains("internal"));
        on.put(201, "/api/queues/%2F/full", "{\"arguments\":{\"x-max-length\":1,\"x-overflow\":\"reject-publish\"}}");
        publish(200, "amq.default", "{\"routing_key\":\"full\",\"payload\":\"x\"}");
        assertTrue(publish(400, "amq.default", "{\"routing_key\":\"full\",\"payload\":\"x\"}")
                .contains("queue 'full'"));
        publish(400, "amq.default", "{\"routing_key\":\"amq.deferred.x\",\"payload\":\"x\"}");
        on.send(404, "POST", "/api/exchanges/none/x/publish", "{\"routing_key\":\"q\",\"payload\":\"x\"}");
        on.send(405, "GET", DEFAULT, "");
        awaitNoConnections();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"payload\":\"x\"}|Key not present: routing_key",
                "{\"routing_key\":\"q\"}|Key not present: payload",
                "{\"routing_key\":7,\"payload\":\"x\"}|routing_key: a string is expected",
                "{\"routing_key\":\"q\",\"payload\":7}|payload: a string is expected",
                "{\"routing_key\":\"q\",\"payload\":\"x\",\"payload_encoding\":\"hex\"}|payload_encoding: string or base64",
                "{\"routing_key\":\"q\",\"payload\":\"!\",\"payload_encoding\":\"base64\"}|payload: base64",
                "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":[1]}|properties: an object is expected",
                "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"other\":1}}|there is no property 'other'",
                "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"priority\":256}}|priority",
                "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"headers\":7}}|headers",
                "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"expiration\":\"-1\"}}|expiration",
                "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"user_id\":\"ann\"}}|authenticated user was 'root'",
                "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"reply_to\":\"amq.rabbitmq.reply-to\"}}|fast reply consumer",
                "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"headers\":{\"CC\":\"q\"}}}|header CC",
                "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"headers\":{\"BCC\":[7]}}}|header BCC",
                "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"headers\":{\"x-delay\":\"soon\"}}}|header x-delay",
                "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"headers\":{\"x-delay\":1,\"x-deliver-at\":1}}}|not both",
                "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"headers\":{\"x-min-queues\":-1}}}|x-min-queues",
                "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"headers\":{\"x-producer-id\":\"m\\ud800\",\"x-publish-seq\":1}}}|half a character",
                "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"headers\":{\"\\udc00\":1}}}|Unable to parse JSON",
                "[]|the request's body has to be a JSON object",
                "{|Unable to parse JSON",
            })
    void whatIsWrongIsTold(String body, String text) {
        String refused = publish(400, "amq.default", body);
        assertTrue(refused.contains(text), refused);
        assertEquals(0, ready());
    }

    /** At its time it would go nowhere, and what waits would be lost. */
    @Test
    void whatOnlyCallsOffTakesNoTime() {
        String message = "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"headers\":"
                + "{\"x-schedule-id\":\"job\"%s}}}";
        String later = message.formatted(",\"x-delay\":600000");
        publish(200, "amq.default", later);
        assertTrue(publish(400, "amq.schedule", later).contains("'amq.schedule' only calls off"));
        on.json("/api/schedules/%2F/job");
        publish(200, "amq.schedule", message.formatted(""));
        on.get(404, "/api/schedules/%2F/job");
    }

    @Test
    void nobodyPublishesToTheFeed() {
        for (String message : List.of(
                "{\"routing_key\":\"amq.receipts\",\"payload\":\"x\"}",
                "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"headers\":{\"CC\":[\"amq.receipts\"]}}}",
                "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"reply_to\":\"amq.receipts\","
                        + "\"headers\":{\"x-report\":\"stored\"}}}")) {
            assertTrue(publish(403, "amq.default", message).contains("by the broker alone"), message);
        }
        assertEquals(0, ready());
        publish(200, "amq.topic", "{\"routing_key\":\"amq.receipts\",\"payload\":\"x\"}");
    }

    @Test
    void aBodyHasItsLimit() {
        String body = "{\"routing_key\":\"q\",\"payload\":\"%s\"}";
        publish(200, "amq.default", body.formatted("x".repeat(1_000_000)));
        assertEquals(1_000_000, got().get("payload_bytes").asInt());
        String tooLarge = publish(413, "amq.default", body.formatted("x".repeat(1 << 20)));
        assertTrue(tooLarge.contains("at most 1048576 bytes"), tooLarge);
        publish(400, "amq.default", "{\"routing_key\":\"" + "k".repeat(256) + "\",\"payload\":\"\"}");
    }

    @Test
    void permissionsDecide() {
        String body = "{\"routing_key\":\"a.b\",\"payload\":\"x\"}";
        String path = "/api/exchanges/%2F/amq.topic/publish";
        String ann = on.user("ann", "management");
        on.permit("ann", "/", ".*", "", ".*");
        assertTrue(on.send(403, "POST", path, body, ann).contains("write access to exchange 'amq.topic'"));
        on.permit("ann", "/", "", "^amq.topic$", "");
        on.put(201, "/api/topic-permissions/%2F/ann", "{\"exchange\":\"amq.topic\",\"write\":\"^b\",\"read\":\"\"}");
        assertTrue(on.send(403, "POST", path, body, ann).contains("write access to topic 'a.b'"));
        on.put(204, "/api/topic-permissions/%2F/ann", "{\"exchange\":\"amq.topic\",\"write\":\"^a\",\"read\":\"\"}");
        assertEquals("{\"routed\":false}", on.send(200, "POST", path, body, ann));
        on.send(
                403,
                "POST",
                path,
                "{\"routing_key\":\"a\",\"payload\":\"\",\"properties\":{\"headers\":{\"CC\":[\"b\"]}}}",
                ann);
        on.send(403, "POST", DEFAULT, body, ann);
        String plain = on.user("bob", "");
        on.permit("bob", "/", ".*", ".*", ".*");
        on.send(403, "POST", path, body, plain);
        assertEquals(401, on.admin.send("POST", path, null).statusCode());
    }

    @Test
    void itIsAConnectionLikeOthers() {
        on.put(201, "/api/vhost-limits/%2F/max-connections", "{\"value\":0}");
        assertTrue(publish(400, "amq.default", "{\"routing_key\":\"q\",\"payload\":\"x\"}")
                .contains("connection limit"));
        on.delete(204, "/api/vhost-limits/%2F/max-connections");
        publish(200, "amq.default", "{\"routing_key\":\"q\",\"payload\":\"x\"}");
    }
}
