package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.ConfirmTrace;
import io.tallymq.admin.request.NodeStats;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** /api/confirms, /api/logs and /api/auth/attempts: what a node knows, as it is asked for. */
class ConfirmsApiTest {
    private static final ConfirmTrace WHOLE = new ConfirmTrace(
            "9.0.1",
            3,
            9,
            new ConfirmTrace.Publish(
                    "n2",
                    new ConfirmTrace.Names("/", "e", "k", "m-1", "c-1", "ann"),
                    Instant.ofEpochMilli(1_000),
                    List.of("q"),
                    2,
                    "confirmed",
                    new ConfirmTrace.Times(10, 200, 30, 4, false)),
            new ConfirmTrace.Lead("n1", 20, 150),
            List.of(
                    new ConfirmTrace.Flush("n1", Instant.ofEpochMilli(1_001), 90, 100),
                    new ConfirmTrace.Flush("n2", null, -1, 140)),
            List.of("n3"));
    private static final ConfirmTrace PART =
            new ConfirmTrace("8.0.0", 3, 8, null, null, List.of(), List.of("n1", "n2", "n3"));

    /** How often they were counted anew. */
    private static int forgotten;

    private static Admin admin;

    private record Stats(NodeStats of) implements NodeStats {
        @Override
        public Machine machine() {
            return of.machine();
        }

        @Override
        public List<Alarm> alarms() {
            return of.alarms();
        }

        @Override
        public List<Listener> listeners() {
            return of.listeners();
        }

        @Override
        public ClientTraffic traffic() {
            return of.traffic();
        }

        @Override
        public List<ConfirmPhase> confirmPhases() {
            return List.of(new ConfirmPhase("gather", "x", 7, 1, 1.00049, 2, 3, 4, List.of(new PhaseBucket(1.25, 7))));
        }

        @Override
        public ToldPhases confirmPhasesOf(String node) {
            return node.equals("n2") ? new ToldPhases(confirmPhases(), 1_500) : null;
        }

        @Override
        public List<ConfirmTrace> confirmTraces() {
            return List.of(WHOLE, PART);
        }

        @Override
        public List<LogLine> log() {
            return IntStream.rangeClosed(1, 300)
                    .mapToObj(i -> new LogLine(
                            i,
                            Instant.ofEpochSecond(i),
                            i % 100 == 0 ? "ERROR" : i % 10 == 0 ? "WARN" : "INFO",
                            "l",
                            "t",
                            "line " + i,
                            i == 300 ? "trace" : ""))
                    .toList();
        }

        @Override
        public List<LoginCounts> logins() {
            return List.of(new LoginCounts("amqp091", "", "", 5, 2));
        }

        @Override
        public List<LoginCounts> loginSources() {
            return List.of(new LoginCounts("amqp091", "10.0.0.1", "bob", 5, 2));
        }

        @Override
        public void forgetLogins() {
            forgotten++;
        }
    }

    @BeforeAll
    static void start() throws IOException {
        admin = new Admin(config -> config, new Stats(Admin.stats()));
    }

    @AfterAll
    static void stop() {
        admin.close();
    }

    private static int status(String method, String path, String user) {
        return admin.send(method, path, Admin.basic(user, user)).statusCode();
    }

    @Test
    void eachNodeTellsWhatItMeasuredAndSilentOnesAreNamed() throws IOException {
        JsonNode all = admin.json("/api/confirms/anatomy");
        assertEquals(1.0, all.get("phases").get(0).get("p50").asDouble());
        List<String> nodes = new ArrayList<>();
        all.get("nodes").forEach(n -> nodes.add(n.get("node").asText() + " " + n.get("age")));
        assertEquals(List.of("n1 0", "n2 1500"), nodes);
        assertEquals(
                7, all.get("nodes").get(1).get("phases").get(0).get("count").asInt());
        assertEquals(
                "[{\"below\":1.25,\"count\":7}]",
                all.get("nodes").get(1).get("phases").get(0).get("histogram").toString());
        assertEquals("[\"n3\"]", all.get("silent").toString());
    }

    @Test
    void aTraceHasTwoLinesEachWithItsOwnNought() throws IOException {
        JsonNode t = admin.json("/api/confirms/traces/9.0.1");
        List<String> phases = new ArrayList<>();
        t.get("phases")
                .forEach(p -> phases.add(p.get("phase").asText() + "@"
                        + p.get("node").asText() + " " + p.get("start") + "+" + p.get("took")));
        assertEquals(
                List.of(
                        "gather@n2 0+10",
                        "journey@n2 10+200",
                        "apply@n2 210+30",
                        "write@n2 240+4",
                        "queue@n1 0+20",
                        "replicate@n1 20+150"),
                phases);
        assertEquals(244, t.get("total").asInt());
        assertEquals(30, t.get("ways").asInt());
        assertEquals(
                "1970-01-01T00:00:01.001Z",
                t.get("flushes").get(0).get("flushed_at").asText());
        assertTrue(t.get("flushes").get(1).get("took").isNull());
        assertEquals(2, t.get("more_queues").asInt());
        assertEquals("[\"n3\"]", t.get("missing").toString());
        JsonNode part = admin.json("/api/confirms/traces/8.0.0");
        assertTrue(part.get("leader").isNull()
                && part.get("phases").isEmpty()
                && part.path("total").isMissingNode());
    }

    @Test
    void tracesAreFoundByWhatTheirMessagesSay() throws IOException {
        assertEquals(2, admin.json("/api/confirms/traces").size());
        assertEquals(
                1,
                admin.json("/api/confirms/traces?message_id=m-1&correlation_id=c-1")
                        .size());
        assertEquals(
                0,
                admin.json("/api/confirms/traces?message_id=m-1&correlation_id=c-2")
                        .size());
        assertEquals(1, admin.json("/api/confirms/traces?count=1").size());
        assertEquals(400, status("GET", "/api/confirms/traces?count=1001", "maker"));
        assertEquals(
                404,
                status("GET", "/api/confirms/traces/9.0.1", "app"),
                "it is of a virtual host that he may not enter");
        assertEquals(403, status("GET", "/api/confirms/traces", "plain"));
    }

    @Test
    void theLogIsToldToAdministratorsFromWhereTheyWere() throws IOException {
        assertEquals(403, status("GET", "/api/logs", "maker"));
        JsonNode last = admin.json("/api/logs?count=2");
        assertEquals("line 299", last.get("lines").get(0).get("message").asText());
        assertEquals("trace", last.get("lines").get(1).get("error").asText());
        assertEquals(298, last.get("left_out").asInt());
        assertEquals(300, last.get("next").asInt());
        assertEquals(0, admin.json("/api/logs?since=300").get("lines").size());
        assertEquals(3, admin.json("/api/logs?level=error").get("lines").size());
        assertEquals(
                10, admin.json("/api/logs?level=warn&since=200").get("lines").size());
        for (String wrong : List.of("level=loud", "since=-1", "count=many")) {
            assertEquals(
                    400,
                    admin.send("GET", "/api/logs?" + wrong, Admin.ROOT_LOGIN).statusCode(),
                    wrong);
        }
    }

    @Test
    void loginsAreCountedAsRabbitMqTellsOfThem() throws IOException {
        String counts = "\"auth_attempts\":7,\"auth_attempts_failed\":2,\"auth_attempts_succeeded\":5";
        assertEquals(
                "[{\"protocol\":\"amqp091\"," + counts + "}]",
                admin.json("/api/auth/attempts").toString());
        assertEquals(
                admin.json("/api/auth/attempts").toString(),
                admin.json("/api/auth/attempts/n1").toString());
        assertEquals(
                "[{\"remote_address\":\"10.0.0.1\",\"username\":\"bob\",\"protocol\":\"amqp091\"," + counts + "}]",
                admin.json("/api/auth/attempts/n1/source").toString());
        assertEquals(
                404,
                admin.send("GET", "/api/auth/attempts/n2", Admin.ROOT_LOGIN).statusCode());
        assertEquals(403, status("DELETE", "/api/auth/attempts/n1", "maker"));
        assertEquals(0, forgotten);
        assertEquals(
                204,
                admin.send("DELETE", "/api/auth/attempts/n1", Admin.ROOT_LOGIN).statusCode());
        assertEquals(1, forgotten);
    }
}
