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

/** POST of /api/exchanges/../publish?dry_run=1: it tells where a message would go, and nothing happens. */
class DryRunApiTest {
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

    private void queue(String name, String arguments) {
        on.put(201, "/api/queues/%2F/" + name, "{\"arguments\":{" + arguments + "}}");
    }

    private void exchange(String name, String type, String arguments) {
        on.put(201, "/api/exchanges/%2F/" + name, "{\"type\":\"" + type + "\",\"arguments\":{" + arguments + "}}");
    }

    private void bind(String exchange, String destination, String key) {
        on.send(
                201,
                "POST",
                "/api/bindings/%2F/e/" + exchange + "/" + destination,
                "{\"routing_key\":\"" + key + "\"}");
    }

    private JsonNode dry(String exchange, String key, String properties) {
        while (on.broker.read(view -> view.sizes().connections()) != 0) {
            Thread.onSpinWait(); // a publish's connection ends behind its answer
        }
        long digest = on.broker.read(view -> view.digest());
        String body = "{\"routing_key\":\"" + key + "\",\"payload\":\"x\",\"properties\":{" + properties + "}}";
        JsonNode answer =
                Json.read(on.send(200, "POST", "/api/exchanges/%2F/" + exchange + "/publish?dry_run=1", body));
        assertEquals(digest, on.broker.<Long>read(view -> view.digest()), "nothing is changed");
        return answer;
    }

    private void publish(String exchange, String key, String properties) {
        on.send(
                200,
                "POST",
                "/api/exchanges/%2F/" + exchange + "/publish",
                "{\"routing_key\":\"" + key + "\",\"payload\":\"x\",\"properties\":{" + properties + "}}");
    }

    private static List<String> names(JsonNode answer, String field) {
        List<String> all = new ArrayList<>();
        answer.get(field).forEach(q -> all.add(q.get("name").asText()));
        return all;
    }

    private static String reason(JsonNode answer, String queue) {
        for (JsonNode q : answer.get("others")) {
            if (q.get("name").asText().equals(queue)) {
                return q.get("reason").asText();
            }
        }
        throw new AssertionError(queue + " is not among " + answer);
    }

    @Test
    void itFollowsBindingsAndAlternateExchanges() {
        queue("a", "");
        queue("b", "");
        queue("rest", "");
        exchange("in", "topic", "\"alternate-exchange\":\"left\"");
        exchange("mid", "fanout", "");
        exchange("left", "fanout", "");
        bind("in", "q/a", "x.*");
        on.send(201, "POST", "/api/bindings/%2F/e/in/e/mid", "{\"routing_key\":\"y\"}");
        bind("mid", "q/b", "");
        bind("left", "q/rest", "");
        JsonNode a = dry("in", "x.1", "");
        assertEquals(List.of("a"), names(a, "queues"));
        assertTrue(reason(a, "b").contains("not reached"), a.toString());
        JsonNode b = dry("in", "y", "");
        assertEquals(List.of("b"), names(b, "queues"));
        assertEquals("no binding matches: exchange 'in' has it with key 'x.*'", reason(b, "a"));
        assertEquals(List.of("rest"), names(dry("in", "z", ""), "queues"));
        assertEquals(List.of("a", "b"), names(dry("amq.default", "a", "\"headers\":{\"BCC\":[\"b\"]}"), "queues"));
        JsonNode none = dry("amq.default", "none", "");
        assertFalse(none.get("routed").asBoolean());
        assertTrue(none.get("confirmed").asBoolean());
    }

    @Test
    void aFullQueueRefusesForAll() {
        queue("full", "\"x-max-length\":1,\"x-overflow\":\"reject-publish\"");
        queue("free", "");
        bind("amq.fanout", "q/full", "");
        bind("amq.fanout", "q/free", "");
        assertEquals(List.of("full", "free"), names(dry("amq.fanout", "", ""), "queues"));
        publish("amq.fanout", "", "");
        JsonNode no = dry("amq.fanout", "", "");
        assertEquals(List.of(), names(no, "queues"));
        assertFalse(no.get("confirmed").asBoolean());
        assertTrue(reason(no, "full").contains("has no room"), no.toString());
        assertTrue(reason(no, "free").startsWith("the publish is refused: "), no.toString());
        assertEquals(1, on.json("/api/queues/%2F/free").get("messages").asInt());
    }

    @Test
    void duplicatesTooFewQueuesAndLaterOnes() {
        queue("q", "\"x-message-deduplication\":true");
        String key = "\"headers\":{\"x-deduplication-header\":\"k\"}";
        assertEquals(List.of("q"), names(dry("amq.default", "q", key), "queues"));
        assertEquals(List.of("q"), names(dry("amq.default", "q", key), "queues"), "asking is no publish");
        publish("amq.default", "q", key);
        JsonNode twice = dry("amq.default", "q", key);
        assertTrue(twice.get("duplicate").asBoolean());
        assertTrue(twice.get("confirmed").asBoolean());
        assertTrue(reason(twice, "q").contains("seen before"));
        JsonNode few = dry("amq.default", "q", "\"headers\":{\"x-min-queues\":2}");
        assertFalse(few.get("confirmed").asBoolean());
        assertTrue(few.get("refused").asText().contains("reaches 1 queues"), few.toString());
        JsonNode later = dry("amq.default", "q", "\"headers\":{\"x-delay\":60000}");
        assertTrue(later.get("delayed_until").asLong() > 0);
        assertEquals(List.of("q"), names(later, "queues"));
        assertEquals(0, on.json("/api/schedules").size());
        String missing = "{\"routing_key\":\"k\",\"payload\":\"x\"}";
        JsonNode no = Json.read(on.send(200, "POST", "/api/exchanges/%2F/none/publish?dry_run=true", missing));
        assertTrue(no.get("refused").asText().contains("no exchange 'none'"), no.toString());
    }

    private static String named(long seq, String more) {
        return "\"headers\":{\"x-producer-id\":\"p\",\"x-publish-seq\":" + seq + more + "}";
    }

    private String refused(String properties) {
        JsonNode no = dry("amq.default", "q", properties);
        assertFalse(no.get("confirmed").asBoolean());
        assertFalse(no.get("duplicate").asBoolean());
        assertFalse(no.get("routed").asBoolean());
        return no.get("refused").asText();
    }

    /** Routes go by the headers of copies. */
    @Test
    void aNameIsToldAsCopiesTellIt() {
        queue("own", "");
        queue("copy", "");
        for (String[] b : new String[][] {{"own", "x-producer-id"}, {"copy", "x-produced-by"}}) {
            String arguments = "{\"arguments\":{\"x-match\":\"any-with-x\",\"" + b[1] + "\":\"p\"}}";
            on.send(201, "POST", "/api/bindings/%2F/e/amq.headers/q/" + b[0], arguments);
        }
        assertEquals(List.of("copy"), names(dry("amq.headers", "", named(1, "")), "queues"));
        publish("amq.headers", "", named(1, ""));
        assertEquals(
                1, on.broker.<Long>read(v -> v.queue("/", "copy").orElseThrow().ready()));
        assertEquals(
                0, on.broker.<Long>read(v -> v.queue("/", "own").orElseThrow().ready()));
    }

    @Test
    void namesAreLookedAtAsByAPublish() {
        queue("q", "");
        JsonNode first = dry("amq.default", "q", named(1, ""));
        assertEquals(List.of("q"), names(first, "queues"));
        assertFalse(first.get("duplicate").asBoolean());
        assertFalse(dry("amq.default", "q", named(1, "")).get("duplicate").asBoolean(), "asking is no publish");
        publish("amq.default", "q", named(5_000, ""));
        JsonNode twice = dry("amq.default", "q", named(5_000, ""));
        assertTrue(twice.get("duplicate").asBoolean());
        assertTrue(twice.get("confirmed").asBoolean());
        assertEquals("a message with its name was seen before", reason(twice, "q"));
        assertTrue(dry("none", "q", named(5_000, "")).get("duplicate").asBoolean(), "wherever it would go now");
        assertTrue(dry("none", "q", named(5_001, "")).get("refused").asText().contains("no exchange 'none'"));
        assertTrue(refused(named(1, "")).contains("is too old"));
        on.put(200, "/api/receipts/%2F/p/4999/void", "");
        assertTrue(refused(named(4_999, "")).contains("was made void"));
        assertTrue(refused(named(5_001, ",\"x-expect-last\":4999")).contains("x-expect-last is 4999"));
        assertTrue(refused("\"headers\":{\"x-expect-queue-length-below\":1}")
                .contains("x-expect-queue-length-below is 1"));
        assertEquals(List.of("q"), names(dry("amq.default", "q", named(5_001, ",\"x-expect-last\":5000")), "queues"));
        assertEquals(0, on.json("/api/receipts/%2F/p/5000").get("duplicates").asInt());
        on.send(200, "POST", "/api/producers/%2F/p/fence", "");
        assertTrue(refused(named(5_001, ",\"x-producer-epoch\":0")).contains("a publish of epoch 0"));
        assertEquals(List.of("q"), names(dry("amq.default", "q", named(5_001, ",\"x-producer-epoch\":1")), "queues"));
    }

    @Test
    void anotherMessageMayGoElsewhereByChance() {
        queue("a", "");
        queue("b", "");
        exchange("any", "x-random", "");
        bind("any", "q/a", "");
        bind("any", "q/b", "");
        JsonNode answer = dry("any", "", "");
        assertEquals(1, answer.get("queues").size());
        assertEquals(1, answer.get("others").size());
        assertTrue(answer.get("by_chance").asBoolean());
    }

    @Test
    void itNeedsWhatAPublishNeeds() {
        queue("q", "");
        String ann = on.user("ann", "management");
        on.permit("ann", "/", ".*", "", ".*");
        String body = "{\"routing_key\":\"q\",\"payload\":\"x\"}";
        on.send(403, "POST", "/api/exchanges/%2F/amq.default/publish?dry_run=1", body, ann);
        on.send(400, "POST", "/api/exchanges/%2F/amq.default/publish?dry_run=maybe", body);
        on.send(400, "POST", "/api/exchanges/%2F/amq.default/publish?dry_run=1", "{}");
    }
}
