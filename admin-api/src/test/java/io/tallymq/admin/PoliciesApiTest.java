package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.StateWrites;
import io.tallymq.broker.Broker;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.change.SetPermission;
import io.tallymq.broker.change.SetUser;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.raft.LocalBroker;
import io.tallymq.store.MemoryStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** /api/policies and /api/operator-policies over a real broker: what is set acts, and what is wrong is told. */
class PoliciesApiTest {
    private static final String P = "/api/policies/%2F/p";
    private static final String O = "/api/operator-policies/%2F/o";

    private final LocalBroker broker = new LocalBroker("n1", new MemoryStore());
    private final ExecutorService loop = Executors.newSingleThreadExecutor();
    private Admin admin;

    /** Waits so long for the log. */
    private Admin over(Duration confirmPath) throws IOException {
        return new Admin(c -> c.withTimeouts(c.timeouts().withConfirmPath(confirmPath)), Admin.stats(), broker);
    }

    @BeforeEach
    void start() throws IOException {
        admin = over(Duration.ofMinutes(1));
        var session = broker.connect("/", new Listener(), loop);
        var end = new ConnectionInfo.Endpoint("127.0.0.1", 5000);
        var negotiated = new ConnectionInfo.Negotiated(2047, 131072, 60, "PLAIN", 0);
        var opened = new CompletableFuture<Reply>();
        var declared = new CompletableFuture<Reply>();
        loop.execute(() -> {
            session.submit(
                    new OpenConnection(
                            session.id(), new ConnectionInfo("c", "/", "guest", end, end, negotiated, Arguments.NONE)),
                    opened::complete);
            session.submit(
                    new DeclareQueue(
                            session.id(), "/", "orders", new QueueSpec(true, false, false, Arguments.NONE), false),
                    declared::complete);
        });
        assertInstanceOf(
                Reply.QueueDeclared.class,
                declared.orTimeout(30, TimeUnit.SECONDS).join());
    }

    @AfterEach
    void stop() {
        admin.close();
        broker.close();
        loop.shutdownNow();
    }

    private HttpResponse<String> put(String path, String body, String login) {
        return admin.put(path, body, login);
    }

    private HttpResponse<String> put(String path, String body) {
        return put(path, body, Admin.ROOT_LOGIN);
    }

    private HttpResponse<String> delete(String path) {
        return admin.send("DELETE", path, Admin.ROOT_LOGIN);
    }

    @Test
    void aPolicyIsSetReplacedAndCleared() {
        var created = put(
                P, "{\"pattern\":\"^ord\",\"definition\":{\"max-length\":10},\"priority\":3,\"apply-to\":\"queues\"}");
        assertEquals(201, created.statusCode());
        assertEquals("", created.body());
        String row = "{\"vhost\":\"/\",\"name\":\"p\",\"pattern\":\"^ord\",\"apply-to\":\"queues\","
                + "\"definition\":{\"max-length\":10},\"priority\":3}";
        assertEquals(row, admin.get(P).body());
        assertEquals("[" + row + "]", admin.get("/api/policies").body());
        assertEquals("[" + row + "]", admin.get("/api/policies/%2F").body());
        assertEquals("[]", admin.get("/api/operator-policies").body());

        JsonNode queue = admin.json("/api/queues/%2F/orders");
        assertEquals("p", queue.get("policy").asText());
        assertTrue(queue.get("operator_policy").isNull());
        assertEquals(
                "{\"max-length\":10}", queue.get("effective_policy_definition").toString());

        var updated = put(P, "{\"pattern\":\"^x\",\"definition\":{\"max-length\":10}}");
        assertEquals(204, updated.statusCode());
        assertEquals("all", admin.json(P).get("apply-to").asText(), "if it is not said");
        assertEquals(0, admin.json(P).get("priority").asInt());
        queue = admin.json("/api/queues/%2F/orders");
        assertTrue(queue.get("policy").isNull());
        assertEquals("{}", queue.get("effective_policy_definition").toString());

        assertEquals(204, delete(P).statusCode());
        assertEquals(404, admin.get(P).statusCode());
        assertEquals(404, delete(P).statusCode());
    }

    @Test
    void anOperatorPolicyLowers() {
        put(P, "{\"pattern\":\"\",\"definition\":{\"max-length\":10,\"overflow\":\"reject-publish\"}}");
        assertEquals(
                201,
                put(O, "{\"pattern\":\"\",\"definition\":{\"max-length\":4}}").statusCode());
        JsonNode queue = admin.json("/api/queues/%2F/orders");
        assertEquals("p", queue.get("policy").asText());
        assertEquals("o", queue.get("operator_policy").asText());
        assertEquals(
                "{\"max-length\":4,\"overflow\":\"reject-publish\"}",
                queue.get("effective_policy_definition").toString());
        assertEquals("o", admin.json("/api/operator-policies/%2F").at("/0/name").asText());
        assertEquals(404, admin.get("/api/policies/%2F/o").statusCode());
        assertEquals(204, delete(O).statusCode());
    }

    @Test
    void anExchangeTellsItsPolicy() {
        assertFalse(admin.json("/api/exchanges/%2F/amq.fanout").has("policy"));
        put(P, "{\"pattern\":\"fanout\",\"definition\":{\"alternate-exchange\":\"amq.topic\"}}");
        assertEquals(
                "p", admin.json("/api/exchanges/%2F/amq.fanout").get("policy").asText());
        assertFalse(admin.json("/api/exchanges/%2F/amq.topic").has("policy"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    {}                                                              | Key not present: definition
                    {"definition":{"max-length":1}}                                 | Key not present: pattern
                    {"pattern":"","definition":7}                                   | definition: an object
                    {"pattern":7,"definition":{"max-length":1}}                     | pattern: a string is expected
                    {"pattern":"","definition":{"max-length":1},"priority":"9"}     | priority: an integer is expected
                    {"pattern":"","definition":{"max-length":1},"apply-to":"x"}     | apply-to: 'x' is none of all, queues
                    {"pattern":"","definition":{"max-length":-1}}                   | 'max-length': -1 is not 0 or more
                    {"pattern":"","definition":{"max-length":1.5}}                  | integer expected, double received
                    {"pattern":"","definition":{"nonsense":1}}                      | 'nonsense' is not a recognised policy setting
                    {"pattern":"(","definition":{"max-length":1}}                   | pattern: missing closing )
                    {"pattern":"^(?!amq)","definition":{"max-length":1}}            | invalid or unsupported Perl syntax: `(?!`
                    {"pattern":"((a{900}){900}){900}","definition":{"max-length":1}} | too large
                    {"pattern":"","definition":{"max-length":99999999999999999999}} | is too large
                    {"pattern":"","definition":{"ha-params":[[[[[[[[[[1]]]]]]]]]]}} | nested too deeply
                    [1]                                                             | has to be a JSON object
                    {"pattern":                                                     | Unable to parse JSON
                    """)
    void whatIsWrongIsTold(String body, String reason) {
        var answer = put(P, body);
        assertEquals(400, answer.statusCode());
        JsonNode error = Admin.parse(answer);
        assertEquals("bad_request", error.get("error").asText());
        assertTrue(error.get("reason").asText().contains(reason), error.toString());
        assertEquals(404, admin.get(P).statusCode());
    }

    @Test
    void operatorsSetLimitsAlone() {
        var answer = put(O, "{\"pattern\":\"\",\"definition\":{\"alternate-exchange\":\"x\"}}");
        assertEquals(400, answer.statusCode());
        assertTrue(answer.body().contains("not a recognised operator policy setting"));
    }

    @Test
    void anotherVirtualHost() {
        assertEquals(404, put("/api/policies/none/p", "{}").statusCode());
        assertEquals(404, delete("/api/policies/none/p").statusCode());
        assertEquals(404, admin.get("/api/policies/none").statusCode());
        assertEquals(404, admin.get("/api/policies/none/p").statusCode());
    }

    private static final String BODY = "{\"pattern\":\"\",\"definition\":{\"max-length\":1}}";

    /** Who may look at everything may not change it, and who may do nothing here may not look. */
    @Test
    void whoMay() {
        String monitoring = Admin.basic("guest", "guest");
        String maker = Admin.basic("maker", "maker");
        String app = Admin.basic("app", "app");
        assertEquals(403, put(P, BODY, monitoring).statusCode());
        assertEquals(403, put(P, BODY, app).statusCode());
        assertEquals(401, put(P, BODY, Admin.basic("maker", "wrong")).statusCode());
        assertEquals("[]", admin.get("/api/policies").body());
        assertEquals(403, put(P, BODY, maker).statusCode(), "he may not enter yet");
        enter("maker");
        assertEquals(201, put(P, BODY, maker).statusCode());
        assertEquals(403, put(O, BODY, maker).statusCode(), "for administrators alone");
        assertEquals(403, admin.send("DELETE", P, monitoring).statusCode());
        assertEquals(200, admin.send("GET", P, monitoring).statusCode());
        assertEquals(200, admin.send("GET", P, maker).statusCode());
        assertEquals(403, admin.send("GET", P, app).statusCode());
        assertEquals(204, admin.send("DELETE", P, maker).statusCode());
    }

    /** The cluster gets its users, and this one may enter. */
    private void enter(String user) {
        Admin.awaitHighestLevel(broker);
        for (Change c : List.of(
                new FirstUser("root", PasswordHash.NONE, "/"),
                new SetUser(user, new UserSpec(PasswordHash.NONE, List.of("policymaker"))),
                new SetPermission("/", user, new Permission("", "", "")))) {
            broker.submit(new Administer("root", "", c))
                    .orTimeout(30, TimeUnit.SECONDS)
                    .join();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PATCH"})
    void otherMethods(String method) {
        var answer = admin.send(method, P, Admin.ROOT_LOGIN);
        assertEquals(405, answer.statusCode());
        assertEquals(
                "GET, HEAD, DELETE, PUT", answer.headers().firstValue("Allow").orElseThrow());
        var list = admin.send("PUT", "/api/policies", Admin.ROOT_LOGIN);
        assertEquals(405, list.statusCode());
        assertEquals("GET, HEAD", list.headers().firstValue("Allow").orElseThrow());
    }

    /** A page of another site can make a browser that is logged in send this. */
    @Test
    void otherSitesChangeNothing() {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port + P))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", Admin.ROOT_LOGIN)
                .header("Origin", "http://evil.example")
                .PUT(HttpRequest.BodyPublishers.ofString(BODY))
                .build();
        assertEquals(403, admin.send(request).statusCode());
        assertEquals("[]", admin.get("/api/policies").body());
    }

    @Test
    void withoutAMajorityItIsTold() throws IOException {
        broker.hold();
        try (Admin brief = over(Duration.ofMillis(300))) {
            var answer = brief.send("PUT", P, BODY, Admin.ROOT_LOGIN);
            assertEquals(503, answer.statusCode());
            assertTrue(answer.body().contains("may still take effect"), answer.body());
        }
        broker.release();
    }

    /** Changes that wait take no more than their share, however many ask. */
    @Test
    void soManyWaitAtMost() throws IOException {
        try (Admin fake = new Admin()) {
            fake.broker.onSubmit = command -> null;
            Broker stuck = fake.broker;
            var timers = new io.tallymq.timer.Timers();
            var timer = Executors.newSingleThreadScheduledExecutor();
            var writes = new StateWrites(stuck, Duration.ofMinutes(1), timers, timer);
            var command = new io.tallymq.broker.command.ClearPolicy("/", "p", false);
            for (int i = 0; i < StateWrites.MOST; i++) {
                assertFalse(writes.submit(command).isDone());
            }
            assertEquals(503, writes.submit(command).join().status());
            fake.broker.submitted.get(0).reply().complete(Reply.OK);
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            CompletableFuture<Answer> next = writes.submit(command);
            while (next.isDone() && System.nanoTime() < until) {
                next = writes.submit(command);
            }
            assertFalse(next.isDone());
            timer.shutdownNow();
        }
    }
}
