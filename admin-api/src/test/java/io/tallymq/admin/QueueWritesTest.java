package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.raft.LocalBroker;
import io.tallymq.store.MemoryStore;
import java.io.IOException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PUT and DELETE of /api/queues over a real broker: by the rules of queue.declare, x-alter too. */
class QueueWritesTest {
    private static final String Q = "/api/queues/%2F/orders";

    private final LocalBroker broker = new LocalBroker("n1", new MemoryStore());
    private Admin admin;

    @BeforeEach
    void start() throws IOException {
        Admin.awaitHighestLevel(broker);
        admin = new Admin(c -> c, Admin.stats(), broker);
    }

    @AfterEach
    void stop() {
        admin.close();
        broker.close();
    }

    private HttpResponse<String> delete(String path) {
        return admin.send("DELETE", path, Admin.ROOT_LOGIN);
    }

    @Test
    void aQueueIsDeclaredEmptiedAndDeleted() {
        assertEquals(201, admin.put(Q, "{\"arguments\":{\"x-max-length\":5}}").statusCode());
        JsonNode made = admin.json(Q);
        assertTrue(made.get("durable").asBoolean());
        assertEquals(5, made.get("arguments").get("x-max-length").asInt());
        assertEquals(204, admin.put(Q, "{\"arguments\":{\"x-max-length\":5}}").statusCode());
        assertEquals(204, delete(Q + "/contents").statusCode());
        assertEquals(405, admin.get(Q + "/contents").statusCode());
        assertEquals(204, delete(Q + "?if-empty=true&if-unused=true").statusCode());
        assertEquals(404, delete(Q).statusCode());
        assertEquals(404, delete(Q + "/contents").statusCode());
        assertEquals(404, admin.get(Q).statusCode());
        assertEquals(201, admin.put(Q, "").statusCode(), "RabbitMQ takes an empty body");
    }

    @Test
    void whilePausedNobodyGetsAnything() {
        admin.put(Q, "");
        assertEquals(204, admin.put(Q + "/pause", "").statusCode());
        assertEquals("paused", admin.json(Q).get("state").asText());
        String message =
                "{\"routing_key\":\"orders\",\"payload\":\"a\",\"properties\":{},\"payload_encoding\":\"string\"}";
        admin.send("POST", "/api/exchanges/%2F/amq.default/publish", message, Admin.ROOT_LOGIN);
        assertEquals(0, got().size());
        assertEquals(1, admin.json(Q).get("messages_ready").asInt());
        assertEquals(204, admin.put(Q + "/resume", "").statusCode());
        assertEquals("running", admin.json(Q).get("state").asText());
        assertEquals(1, got().size());
        assertEquals(404, admin.put("/api/queues/%2F/none/pause", "").statusCode());
        assertEquals(405, admin.get(Q + "/pause").statusCode());
        admin.put("/api/queues/%2F/s", "{\"arguments\":{\"x-queue-type\":\"stream\"}}");
        HttpResponse<String> stream = admin.put("/api/queues/%2F/s/pause", "");
        assertEquals(400, stream.statusCode());
        assertTrue(stream.body().contains("a pause is not supported by stream"), stream.body());
    }

    private JsonNode got() {
        String get = "{\"count\":1,\"ackmode\":\"ack_requeue_false\",\"encoding\":\"auto\"}";
        return Admin.parse(admin.send("POST", Q + "/get", get, Admin.ROOT_LOGIN));
    }

    /** Who says under which condition a queue may go is understood, or told that he is not: its messages would go with it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "if-empty=1",
                "if-empty",
                "if-empty=",
                "if-empty=true",
                "if-empty=true&if-empty=false",
                "if-empty=True",
                "if-empty=yes",
                "if_empty=true",
                "ifEmpty=true",
                "if_empty",
                "IF-EMPTY=true",
                "if-unused=ja"
            })
    void aConditionIsNotPassedOver(String query) {
        admin.put(Q, "{}");
        admin.send(
                "POST",
                "/api/exchanges/%2F/amq.default/publish",
                "{\"routing_key\":\"orders\",\"payload\":\"a\",\"properties\":{},\"payload_encoding\":\"string\"}",
                Admin.ROOT_LOGIN);
        assertEquals(400, delete(Q + "?" + query).statusCode());
        assertEquals(200, admin.get(Q).statusCode());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"if-empty=0", "if-empty=false&if-unused=0", "name=orders&vhost=%2F&mode=delete", "if-unused"})
    void whatIsNoConditionOrHoldsKeepsNoQueue(String query) {
        admin.put(Q, "{}");
        assertEquals(204, delete(Q + "?" + query).statusCode());
    }

    /** It was made at another node, and confirmed there: this one has to hear of it before it says that there is none. */
    @Test
    void whatThisNodeHasNotHeardOfYetIsWaitedFor() throws IOException {
        try (Admin late = new Admin()) {
            BrokerView now = late.broker.view;
            String queue = now.queues().get(0).name();
            late.broker.view = FakeView.many(0);
            late.broker.onSubmit = command -> {
                if (command instanceof Probe) {
                    late.broker.view = now;
                    return new Reply.Probed(7, 0);
                }
                return new Reply.Ok();
            };
            String path = "/api/queues/%2F/" + queue;
            assertEquals(404, late.get(path).statusCode(), "who looks is told what there is");
            assertEquals(204, late.send("DELETE", path, Admin.ROOT_LOGIN).statusCode());
            assertEquals(
                    404,
                    late.send("DELETE", "/api/queues/%2F/nosuch", Admin.ROOT_LOGIN)
                            .statusCode());
        }
    }

    /** x-alter: other arguments and another type, of the queue that is there. */
    @Test
    void aQueueIsAltered() {
        admin.put(Q, "{\"arguments\":{\"x-max-length\":5}}");
        var other = admin.put(Q, "{\"arguments\":{\"x-max-length\":6}}");
        assertEquals(400, other.statusCode());
        assertTrue(other.body().contains("inequivalent arg 'x-max-length' for queue 'orders'"), other.body());
        var altered = admin.put(Q, "{\"arguments\":{\"x-max-length\":6,\"x-queue-type\":\"quorum\",\"x-alter\":true}}");
        assertEquals(204, altered.statusCode());
        JsonNode now = admin.json(Q);
        assertEquals(6, now.get("arguments").get("x-max-length").asInt());
        assertEquals("quorum", now.get("arguments").get("x-queue-type").asText());
        var fixed = admin.put(Q, "{\"arguments\":{\"x-queue-type\":\"stream\",\"x-alter\":true}}");
        assertEquals(400, fixed.statusCode());
        assertTrue(fixed.body().contains("a queue does not become a stream"), fixed.body());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"durable\":3}|durable: true or false is expected",
                "{\"arguments\":[1]}|arguments: an object is expected",
                "[]|the request's body has to be a JSON object",
                "{\"arguments\":{\"x-max-length\":-1}}|x-max-length",
                "{\"arguments\":{\"x-queue-type\":\"other\"}}|x-queue-type",
            })
    void whatIsWrongIsTold(String body, String text) {
        var refused = admin.put(Q, body);
        assertEquals(400, refused.statusCode());
        assertTrue(refused.body().contains(text), refused.body());
        assertEquals(404, admin.get(Q).statusCode());
    }

    /** As PHP's clients write it. */
    @Test
    void anEmptyArrayIsAnEmptyTableAndNullAnEmptyBody() {
        assertEquals(201, admin.put(Q, "{\"arguments\":[]}").statusCode());
        assertEquals(204, admin.put(Q, "null").statusCode());
    }

    @Test
    void itIsInItsVhost() {
        assertEquals(403, admin.put(Q, "{}", Admin.basic("app", "app")).statusCode());
        assertEquals(404, admin.put("/api/queues/other/q", "{}").statusCode());
        assertEquals(400, admin.put("/api/queues/%2F/" + "q".repeat(256), "{}").statusCode());
        assertEquals(400, admin.put("/api/queues/%2F/amq.mine", "{}").statusCode());
    }

    /** A name that is empty is no name: whoever leaves one out by mistake would make a queue that no file can have. */
    @Test
    void itHasAName() {
        var nameless = admin.put("/api/queues/%2F//", "{}");
        assertEquals(400, nameless.statusCode());
        assertTrue(nameless.body().contains("1 to 255 bytes"), nameless.body());
        assertEquals(400, admin.put("/api/exchanges/%2F//", "{}").statusCode());
    }
}
