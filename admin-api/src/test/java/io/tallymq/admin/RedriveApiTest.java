package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

/** POST of /api/queues/../redrive over a real broker. */
class RedriveApiTest {
    private static final String REDRIVE = "/api/queues/%2F/dlq/redrive";

    private AccessFixture on;

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture();
        on.permit("root", "/", ".*", ".*", ".*");
        queue("dlq", "");
        queue("work", "\"x-dead-letter-exchange\":\"\",\"x-dead-letter-routing-key\":\"dlq\"");
    }

    @AfterEach
    void stop() {
        on.close();
    }

    private void queue(String name, String arguments) {
        on.put(201, "/api/queues/%2F/" + name, "{\"arguments\":{" + arguments + "}}");
    }

    private void publish(String queue, String payload) {
        String body = "{\"routing_key\":\"" + queue + "\",\"payload\":\"" + payload
                + "\",\"properties\":{\"message_id\":\"" + payload + "\",\"headers\":{\"h\":\"" + payload + "\"}}}";
        assertEquals("{\"routed\":true}", on.send(200, "POST", "/api/exchanges/%2F/amq.default/publish", body));
    }

    /** All that is in work dies. */
    private void die(int messages) {
        String body = "{\"count\":" + messages + ",\"ackmode\":\"reject_requeue_false\",\"encoding\":\"auto\"}";
        on.send(200, "POST", "/api/queues/%2F/work/get", body);
        while (on.json("/api/queues/%2F/dlq").get("messages").asInt() < messages) {
            Thread.onSpinWait(); // dead letters go by later entries
        }
    }

    private JsonNode redrive(String body) {
        return Json.read(on.send(200, "POST", REDRIVE, body));
    }

    private List<String> payloads(String queue) {
        List<String> all = new ArrayList<>();
        on.json("/api/queues/%2F/" + queue + "/peek?count=100")
                .get("messages")
                .forEach(m -> all.add(m.get("payload").asText()));
        return all;
    }

    @Test
    void theyGoBackToWhereTheyDied() {
        publish("work", "a");
        publish("work", "b");
        die(2);
        JsonNode done = redrive("{\"reason\":\"fixed it\"}");
        assertEquals(
                "{\"moved\":2,\"left\":0,\"looked_at\":2,\"complete\":true,\"next\":null,\"refused\":[]}",
                done.toString());
        assertEquals(List.of("a", "b"), payloads("work"));
        assertEquals(List.of(), payloads("dlq"));
        JsonNode back =
                on.json("/api/queues/%2F/work/peek?count=1").get("messages").get(0);
        assertEquals(
                "work",
                back.get("properties").get("headers").get("x-first-death-queue").asText());
        assertEquals(0, redrive("{}").get("moved").asInt());
        JsonNode noted = on.json("/api/audit").get(0);
        assertTrue(noted.toString().contains("redrive"), noted.toString());
        assertTrue(noted.toString().contains("fixed it"), noted.toString());
    }

    @Test
    void someGoToAnotherQueueAndTheNextRequestGoesOn() {
        queue("other", "");
        for (String s : List.of("a", "b", "c", "d", "e")) {
            publish("dlq", s);
        }
        JsonNode done = redrive("{\"to\":\"other\",\"filter\":{\"header.h\":\"c\"}}");
        assertEquals(1, done.get("moved").asInt());
        assertEquals(List.of("c"), payloads("other"));
        done = redrive("{\"to\":\"other\",\"count\":2}");
        assertEquals(2, done.get("moved").asInt());
        assertEquals(List.of("c", "a", "b"), payloads("other"));
        done = redrive(
                "{\"to\":\"other\",\"count\":2,\"from\":\"" + done.get("next").asText() + "\"}");
        assertEquals(2, done.get("moved").asInt());
        assertEquals(List.of("c", "a", "b", "d", "e"), payloads("other"));
    }

    @Test
    void whoAsksForTheSamePartAgainMovesNoneTwice() {
        queue("other", "");
        for (String s : List.of("a", "b", "c")) {
            publish("dlq", s);
        }
        String last = on.json("/api/queues/%2F/dlq/peek")
                .get("messages")
                .get(1)
                .get("number")
                .asText();
        String body = "{\"to\":\"other\",\"until\":\"" + last + "\"}";
        assertEquals(2, redrive(body).get("moved").asInt());
        assertEquals(0, redrive(body).get("moved").asInt());
        assertEquals(List.of("c"), payloads("dlq"));
    }

    @Test
    void whatTheTargetRefusesStays() {
        queue("small", "\"x-max-length\":1,\"x-overflow\":\"reject-publish\"");
        publish("dlq", "a");
        publish("dlq", "b");
        JsonNode full = redrive("{\"to\":\"small\"}");
        assertEquals(1, full.get("moved").asInt());
        assertEquals(1, full.get("left").asInt());
        assertEquals(1, full.get("refused").get(0).get("count").asInt());
        assertTrue(full.get("refused").get(0).get("reason").asText().contains("has no room"), full.toString());
        JsonNode missing = redrive("{\"to\":\"none\"}");
        assertEquals(
                "no queue 'none' in vhost '/'",
                missing.get("refused").get(0).get("reason").asText());
        JsonNode alive = redrive("{}");
        assertTrue(alive.get("refused").get(0).get("reason").asText().contains("did not die"), alive.toString());
        assertEquals(List.of("b"), payloads("dlq"));
    }

    @Test
    void whoMayNotMovesNothing() {
        publish("dlq", "a");
        String ann = on.user("ann", "management");
        on.permit("ann", "/", ".*", ".*", "other");
        on.send(403, "POST", REDRIVE, "{\"to\":\"work\"}", ann);
        on.permit("ann", "/", ".*", "other", ".*");
        on.send(403, "POST", REDRIVE, "{\"to\":\"work\"}", ann);
        String bob = on.user("bob", "");
        on.permit("bob", "/", ".*", ".*", ".*");
        on.send(403, "POST", REDRIVE, "{\"to\":\"work\"}", bob);
        on.send(401, "POST", REDRIVE, "{}", Admin.basic("ann", "wrong"));
        on.send(404, "POST", "/api/queues/%2F/none/redrive", "{}");
        on.send(404, "POST", "/api/queues/none/dlq/redrive", "{}");
        on.get(405, REDRIVE);
        queue("s", "\"x-queue-type\":\"stream\"");
        publish("s", "a");
        on.send(400, "POST", "/api/queues/%2F/s/redrive", "{\"to\":\"work\"}");
        assertEquals(List.of("a"), payloads("dlq"));
        on.permit("ann", "/", "", ".*", "dlq");
        on.send(200, "POST", REDRIVE, "{\"to\":\"work\"}", ann);
        assertEquals(List.of("a"), payloads("work"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"to\":7}",
                "{\"count\":-1}",
                "{\"count\":100001}",
                "{\"count\":\"many\"}",
                "{\"from\":\"x\"}",
                "{\"until\":5}",
                "{\"filter\":\"x\"}",
                "{\"filter\":{\"heder.h\":\"x\"}}",
                "{\"filter\":{\"type\":null}}",
                "{\"filters\":{}}",
                "[]",
                "{"
            })
    void whatMakesNoSenseIsRefusedAndNothingMoves(String body) {
        publish("dlq", "a");
        on.send(400, "POST", REDRIVE, body);
        assertEquals(List.of("a"), payloads("dlq"));
    }
}
