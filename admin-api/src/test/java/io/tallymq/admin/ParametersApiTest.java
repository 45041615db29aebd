package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** /api/parameters over a real broker. */
class ParametersApiTest {
    private static final String LIMITS = "/api/parameters/vhost-limits/%2F/limits";
    private static AccessFixture on;

    @BeforeAll
    static void start() throws IOException {
        on = new AccessFixture();
    }

    @AfterAll
    static void stop() {
        on.close();
    }

    @Test
    void limitsOfVirtualHostsAreParameters() {
        on.get(404, LIMITS);
        on.put(201, LIMITS, "{\"value\":{\"max-queues\":5,\"max-connections\":7}}");
        String row = "{\"value\":{\"max-connections\":7,\"max-queues\":5},\"vhost\":\"/\","
                + "\"component\":\"vhost-limits\",\"name\":\"limits\"}";
        assertEquals(row, on.get(200, LIMITS));
        on.put(204, LIMITS, "{\"value\":{\"max-queues\":6}}");
        assertEquals(
                "{\"max-queues\":6}",
                on.json("/api/vhost-limits/%2F").at("/0/value").toString());
        assertEquals(
                "6",
                on.json("/api/parameters/vhost-limits")
                        .at("/0/value/max-queues")
                        .toString());
        on.put(400, LIMITS, "{\"value\":{\"max-conections\":10}}");
        assertEquals(
                "{\"max-queues\":6}",
                on.json("/api/vhost-limits/%2F").at("/0/value").toString(),
                "nothing is cleared");
        String half = on.put(400, LIMITS, "{\"value\":{\"max-connections\":0,\"max-qeues\":5}}");
        assertTrue(half.contains("max-qeues"), half);
        assertEquals(
                "{\"max-queues\":6}",
                on.json("/api/vhost-limits/%2F").at("/0/value").toString(),
                "nothing is set");
        on.delete(204, LIMITS);
        assertEquals("[]", on.get(200, "/api/parameters/vhost-limits/%2F"));
        on.put(400, LIMITS, "{\"value\":{\"max-queues\":\"x\"}}");
        on.put(400, LIMITS, "{\"value\":7}");
        on.put(400, LIMITS, "{\"value\":{\"max-cows\":7}}");
        on.put(400, LIMITS, "{}");
        on.put(404, "/api/parameters/vhost-limits/none/limits", "{\"value\":{}}");
        assertEquals("[]", on.get(200, "/api/parameters/vhost-limits"));
    }

    @Test
    void operatorPoliciesAreListed() {
        on.put(201, "/api/operator-policies/%2F/p", "{\"pattern\":\"x\",\"definition\":{\"max-length\":5}}");
        assertEquals(
                "p",
                on.json("/api/parameters/operator_policy/%2F").at("/0/name").asText());
        assertEquals(
                "5",
                on.json("/api/parameters").at("/0/value/definition/max-length").toString());
        assertTrue(on.put(400, "/api/parameters/operator_policy/%2F/p", "{\"value\":{}}")
                .contains("/api/operator-policies"));
        on.delete(204, "/api/operator-policies/%2F/p");
    }

    @Test
    void whatIsAPluginsIsRefused() {
        assertTrue(
                on.put(400, "/api/parameters/shovel/%2F/s", "{\"value\":{}}").contains("component shovel not found"));
        assertEquals("[]", on.get(200, "/api/parameters/shovel"));
        on.delete(404, "/api/parameters/shovel/%2F/s");
        assertTrue(on.put(400, "/api/parameters/vhost-limits/%2F/other", "{\"value\":{}}")
                .contains("is called limits"));
        String app = on.user("app", "management");
        on.get(403, "/api/parameters", app);
        on.send(403, "PUT", LIMITS, "{\"value\":{}}", on.user("maker", "policymaker"));
    }
}
