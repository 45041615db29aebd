package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.request.Json;
import io.tallymq.broker.Session;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.ConnectionInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** POST of /api/queues/../get over a real broker: as basic.get, and what becomes of the messages is as it was asked for. */
class GetApiTest {
    private static final String GET = "/api/queues/%2F/q/get";

    private AccessFixture on;

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture();
        on.permit("root", "/", ".*", ".*", ".*");
        on.put(201, "/api/queues/%2F/q", "{\"arguments\":{\"x-queue-type\":\"quorum\"}}");
    }

    @AfterEach
    void stop() {
        on.close();
    }

    private void publish(String payload) {
        String body =
                Json.object().put("routing_key", "q").put("payload", payload).toString();
        assertEquals("{\"routed\":true}", on.send(200, "POST", "/api/exchanges/%2F/amq.default/publish", body));
    }

    private JsonNode get(String body) {
        return Json.read(on.send(200, "POST", GET, body));
    }

    private JsonNode get(int count, String mode) {
        return get("{\"count\":" + count + ",\"ackmode\":\"" + mode + "\",\"encoding\":\"auto\"}");
    }

    private static List<String> payloads(JsonNode got) {
        List<String> all = new ArrayList<>();
        got.forEach(m -> all.add(m.get("payload").asText()));
        return all;
    }

    private int messages() {
        while (on.broker.read(view -> view.sizes().connections()) != 0) {
            Thread.onSpinWait(); // what it held is back when its connection is gone
        }
        JsonNode q = on.json("/api/queues/%2F/q");
        assertEquals(q.get("messages").asInt(), q.get("messages_ready").asInt());
        return q.get("messages").asInt();
    }

    @Test
    void messagesAreShownInTheirOrder() {
        assertEquals("[]", get(5, "ack_requeue_true").toString());
        publish("one");
        publish("zwölf");
        publish("three");
        JsonNode got = get(2, "ack_requeue_true");
        assertEquals(List.of("one", "zwölf"), payloads(got));
        JsonNode second = got.get(1);
        assertEquals(6, second.get("payload_bytes").asInt());
        assertEquals("string", second.get("payload_encoding").asText());
        assertEquals("", second.get("exchange").asText());
        assertEquals("q", second.get("routing_key").asText());
        assertEquals(2, got.get(0).get("message_count").asInt());
        assertEquals(1, second.get("message_count").asInt());
        assertEquals("false", second.get("redelivered").asText());
        assertEquals("{}", second.get("properties").toString());
        assertEquals(3, messages());
        got = get(10, "ack_requeue_true");
        assertEquals(List.of("one", "zwölf", "three"), payloads(got));
        assertTrue(got.get(1).get("redelivered").asBoolean());
        assertEquals(1, got.get(1).at("/properties/headers/x-acquired-count").asInt());
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>();
        on.json("/api/audit?name=queue").forEach(row -> {
            if (row.get("what").asText().equals("queue.get")) {
                notes.add(row.get("by").asText() + " " + row.get("from").asText() + " "
                        + row.get("subject").asText());
            }
        });
        return notes;
    }

    @Test
    void whoTakesMessagesOutIsTold() {
        publish("a");
        publish("b");
        publish("c");
        get(2, "ack_requeue_true");
        get(2, "reject_requeue_true");
        assertEquals(List.of(), notes(), "who looks takes nothing out");
        get(2, "ack_requeue_false");
        assertEquals(List.of("root 127.0.0.1 queue 'q' in vhost '/': 2 messages"), notes());
        get(2, "reject_requeue_false");
        assertEquals(List.of("root 127.0.0.1 queue 'q' in vhost '/': 1 messages rejected"), notes());
        get(2, "ack_requeue_false");
        assertEquals(1, notes().size(), "there was none");
    }

    /** rabbitmqadmin sends all that it was given as texts. */
    @Test
    void countMayBeAText() {
        publish("one");
        publish("two");
        JsonNode got = get("{\"count\":\"2\",\"truncate\":\"2\",\"ackmode\":\"ack_requeue_true\"}");
        assertEquals(List.of("on", "tw"), payloads(got));
        on.send(400, "POST", GET, "{\"count\":\"two\",\"ackmode\":\"ack_requeue_true\"}");
    }

    @Test
    void whatBecomesOfThemIsAsked() {
        on.put(201, "/api/queues/%2F/dead", "");
        on.put(
                201,
                "/api/policies/%2F/dlx",
                "{\"pattern\":\"^q$\",\"definition\":{\"dead-letter-exchange\":\"\","
                        + "\"dead-letter-routing-key\":\"dead\"}}");
        publish("a");
        publish("b");
        publish("c");
        assertEquals(List.of("a"), payloads(get(1, "reject_requeue_true")));
        assertEquals(3, messages());
        JsonNode again = get(1, "ack_requeue_false");
        assertEquals(List.of("a"), payloads(again));
        assertEquals(1, again.at("/0/properties/headers/x-delivery-count").asInt(), "a reject counts");
        assertEquals(2, messages());
        assertEquals(List.of("b"), payloads(get(1, "reject_requeue_false")));
        assertEquals(1, messages());
        while (on.json("/api/queues/%2F/dead").get("messages_ready").asInt() != 1) {
            Thread.onSpinWait();
        }
        assertEquals(List.of("c"), payloads(get(7, "ack_requeue_false")));
        assertEquals(0, messages());
    }

    /** More than are asked for in one entry. */
    @Test
    void manyAreGot() {
        for (int i = 0; i < 100; i++) {
            publish("m" + i);
        }
        List<String> all = payloads(get(99, "ack_requeue_true"));
        assertEquals(99, all.size());
        assertEquals("m98", all.get(98));
        assertEquals(all, payloads(get(99, "ack_requeue_false")));
        assertEquals(1, messages());
    }

    @Test
    void payloadsAreTextOrBase64() {
        on.send(
                200,
                "POST",
                "/api/exchanges/%2F/amq.default/publish",
                "{\"routing_key\":\"q\",\"payload\":\"/wA=\",\"payload_encoding\":\"base64\"}");
        publish("zwölf");
        JsonNode got = get(2, "ack_requeue_true");
        assertEquals("base64", got.get(0).get("payload_encoding").asText());
        assertEquals("/wA=", got.get(0).get("payload").asText());
        got = get("{\"count\":2,\"ackmode\":\"ack_requeue_true\",\"encoding\":\"base64\"}");
        assertEquals("enfDtmxm", got.get(1).get("payload").asText());
        got = get("{\"count\":2,\"ackmode\":\"ack_requeue_true\",\"encoding\":\"auto\",\"truncate\":2}");
        assertEquals("zw", got.get(1).get("payload").asText());
        assertEquals(6, got.get(1).get("payload_bytes").asInt());
        got = get("{\"count\":2,\"ackmode\":\"ack_requeue_true\",\"encoding\":\"auto\",\"truncate\":3}");
        assertEquals("base64", got.get(1).get("payload_encoding").asText(), "half a character is no text");
        got = get("{\"count\":2,\"ackmode\":\"ack_requeue_true\",\"truncate\":0}");
        assertEquals("", got.get(1).get("payload").asText());
    }

    /** What does not fit into an answer stays as it was, not even redelivered. */
    @Test
    void anAnswerHasItsLimit() {
        for (int i = 0; i < 9; i++) {
            publish(i + "x".repeat(1_000_000));
        }
        JsonNode got = get(1_000, "ack_requeue_false");
        assertEquals(8, got.size());
        assertEquals(1, messages());
        got = get(1_000, "ack_requeue_true");
        assertEquals("8xx", got.get(0).get("payload").asText().substring(0, 3));
        assertEquals("false", got.get(0).get("redelivered").asText());
    }

    /** A body that came in parts. */
    @Test
    void largeBodiesAreReadFromTheStore() throws InterruptedException {
        var listener = new Listener();
        Session session = on.broker.connect("/", listener, on.loop);
        var end = new ConnectionInfo.Endpoint("127.0.0.1", 5000);
        var negotiated = new ConnectionInfo.Negotiated(2047, 131072, 60, "PLAIN", 0);
        var info = new ConnectionInfo("c", "/", "root", end, end, negotiated, Arguments.NONE);
        var reply = new CompletableFuture<Reply>();
        on.loop.execute(() -> {
            session.submit(new OpenConnection(session.id(), info), reply::complete);
            long upload = session.uploadPart(0, new Part(1 << 20, 'a'));
            session.uploadPart(upload, new Part(5, 'b'));
            var target = new Session.PublishTarget("/", "", "q", false);
            session.publishUpload(1, 1, target, new Part(0, ' '), upload, (1 << 20) + 5);
        });
        assertEquals(1L, listener.confirms.poll(30, TimeUnit.SECONDS));
        on.loop.execute(() -> session.close(List.of()));
        JsonNode got = get(1, "ack_requeue_true").get(0);
        assertEquals((1 << 20) + 5, got.get("payload_bytes").asInt());
        String payload = got.get("payload").asText();
        assertEquals((1 << 20) + 5, payload.length());
        assertEquals("aabbbbb", payload.substring((1 << 20) - 2));
        assertEquals(1, messages());
    }

    private record Part(int bodyLength, char octet) implements Session.Content {
        @Override
        public byte[] properties() {
            return new byte[2];
        }

        @Override
        public void copyBody(byte[] to, int offset) {
            java.util.Arrays.fill(to, offset, offset + bodyLength, (byte) octet);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"ackmode\":\"ack_requeue_true\"}|Key not present: count",
                "{\"count\":1}|Key not present: ackmode",
                "{\"count\":-1,\"ackmode\":\"ack_requeue_true\"}|count: an integer",
                "{\"count\":1001,\"ackmode\":\"ack_requeue_true\"}|count: an integer from 0 to 1000",
                "{\"count\":null,\"ackmode\":\"ack_requeue_true\"}|count: an integer from 0 to 1000",
                "{\"count\":\"one\",\"ackmode\":\"ack_requeue_true\"}|count: an integer",
                "{\"count\":1,\"ackmode\":\"keep\"}|ackmode: one of ack_requeue_false, ack_requeue_true",
                "{\"count\":1,\"ackmode\":\"ack_requeue_true\",\"encoding\":\"hex\"}|encoding: auto or base64",
                "{\"count\":1,\"ackmode\":\"ack_requeue_true\",\"truncate\":-1}|truncate: an integer",
                "[]|the request's body has to be a JSON object",
                "{|Unable to parse JSON",
            })
    void whatIsWrongIsTold(String body, String text) {
        publish("x");
        String refused = on.send(400, "POST", GET, body);
        assertTrue(refused.contains(text), refused);
        assertEquals(1, messages());
    }

    @Test
    void whatTheBrokerRefusesIsTold() {
        String body = "{\"count\":1,\"ackmode\":\"ack_requeue_true\"}";
        assertTrue(on.send(404, "POST", "/api/queues/%2F/none/get", body).contains("no queue 'none' in vhost '/'"));
        on.send(404, "POST", "/api/queues/none/q/get", body);
        on.put(201, "/api/queues/%2F/s", "{\"arguments\":{\"x-queue-type\":\"stream\"}}");
        assertTrue(on.send(400, "POST", "/api/queues/%2F/s/get", body).contains("not supported by stream"));
        on.send(405, "GET", GET, "");
        assertEquals("[]", get(0, "ack_requeue_true").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "Ω", "%2F"})
    void namesAreAnything(String name) {
        String path = "/api/queues/%2F/" + AccessFixture.encode(name);
        on.put(201, path, "");
        assertEquals("[]", on.send(200, "POST", path + "/get", "{\"count\":1,\"ackmode\":\"ack_requeue_true\"}"));
    }

    @Test
    void permissionsDecide() {
        publish("x");
        String body = "{\"count\":1,\"ackmode\":\"ack_requeue_false\"}";
        String ann = on.user("ann", "management");
        on.send(403, "POST", GET, body, ann);
        on.permit("ann", "/", ".*", ".*", "");
        assertTrue(on.send(403, "POST", GET, body, ann).contains("read access to queue 'q'"));
        String plain = on.user("bob", "");
        on.permit("bob", "/", ".*", ".*", ".*");
        on.send(403, "POST", GET, body, plain);
        assertEquals(401, on.admin.send("POST", GET, null).statusCode());
        assertEquals(1, messages());
        on.permit("ann", "/", "", "", "^q$");
        on.send(200, "POST", GET, body, ann);
        assertEquals(0, messages());
    }
}
