package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.ConfirmTrace;
import io.tallymq.admin.request.NodeStats;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a traced message says of itself is for its publisher, for who may read it, and for those who see everything. */
class TracesApiTest {
    private static final String PATH = "/api/confirms/traces";

    private record Traced(NodeStats of) implements NodeStats {
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
        public List<ConfirmTrace> confirmTraces() {
            return List.of(new ConfirmTrace(
                    "9.0.1",
                    3,
                    9,
                    new ConfirmTrace.Publish(
                            "n1",
                            new ConfirmTrace.Names("/", "e", "customer.4711", "m-1", "c-1", "ann"),
                            Instant.ofEpochMilli(1_000),
                            List.of("other", "q"),
                            0,
                            "confirmed",
                            new ConfirmTrace.Times(10, 200, 30, 4, false)),
                    null,
                    List.of(),
                    List.of()));
        }
    }

    private static AccessFixture on;
    private static String ann;
    private static String reader;
    private static String stranger;

    @BeforeAll
    static void start() throws IOException {
        on = new AccessFixture(b -> b, new Traced(Admin.stats()));
        ann = user("ann", "^$");
        reader = user("reader", "^q$");
        stranger = user("stranger", "^e$");
    }

    private static String user(String name, String read) {
        String login = on.user(name, "management");
        on.permit(name, "/", "^$", ".*", read);
        return login;
    }

    @AfterAll
    static void stop() {
        on.close();
    }

    private static String told(String path, String login) throws IOException {
        JsonNode answer = new ObjectMapper().readTree(on.get(200, path, login));
        JsonNode trace = answer.isArray() ? answer.path(0) : answer;
        return trace.path("routing_key") + " " + trace.path("message_id") + " " + trace.path("correlation_id") + " "
                + trace.path("total");
    }

    @Test
    void keysAndIdsAreForThePublisherAndWhoMayReadTheMessage() throws IOException {
        for (String path : List.of(PATH, PATH + "/9.0.1")) {
            for (String login : List.of(ann, reader, Admin.ROOT_LOGIN)) {
                assertEquals("\"customer.4711\" \"m-1\" \"c-1\" 244", told(path, login));
            }
            assertEquals("null null null 244", told(path, stranger));
        }
    }

    @Test
    void norCanTheyBeGuessed() {
        for (String asked : List.of("message_id=m-1", "correlation_id=c-1")) {
            assertEquals("[]", on.get(200, PATH + "?" + asked, stranger));
            assertEquals(
                    1,
                    Admin.parse(on.admin.send("GET", PATH + "?" + asked, reader))
                            .size());
        }
    }
}
