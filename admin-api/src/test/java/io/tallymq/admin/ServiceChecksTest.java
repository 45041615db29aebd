package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Health checks that ask what is served: each when it passes and when it fails. */
class ServiceChecksTest {
    private static final String CHECKS = "/api/health/checks/";
    private static final String LEADERS = CHECKS + "quorum-queues-without-elected-leaders/";

    private static JsonNode failed(Admin admin, String path) {
        HttpResponse<String> response = admin.get(path);
        assertEquals(503, response.statusCode(), path + response.body());
        assertEquals("failed", Admin.parse(response).get("status").asText());
        return Admin.parse(response);
    }

    @ParameterizedTest
    @ValueSource(strings = {"amqp", "amqp091"})
    void aProtocolIsServedOrNot(String protocol) throws IOException {
        try (var admin = new Admin()) {
            String path = CHECKS + "protocol-listener/";
            assertEquals(
                    "{\"status\":\"ok\",\"protocol\":\"" + protocol + "\"}",
                    admin.get(path + protocol).body());
            JsonNode no = failed(admin, path + "mqtt");
            assertEquals("mqtt", no.get("missing").asText());
            assertEquals("[\"amqp\"]", no.get("protocols").toString());
        }
    }

    @Test
    void queuesHaveALeaderOrNone() throws IOException {
        try (var admin = new Admin()) {
            String all = LEADERS + "all-vhosts/pattern/ord.*";
            String one = LEADERS + "vhost/%2F/pattern/.*";
            assertEquals("ok", admin.json(all).get("status").asText());
            assertEquals("ok", admin.json(one).get("status").asText());
            admin.broker.status = FakeBroker.alone();
            JsonNode no = failed(admin, all);
            assertEquals("orders", no.at("/queues/0/name").asText());
            assertEquals("/", no.at("/queues/0/virtual_host").asText());
            failed(admin, one);
            assertEquals(
                    "ok",
                    admin.json(LEADERS + "all-vhosts/pattern/nothing-like-it")
                            .get("status")
                            .asText());
            assertEquals(400, admin.get(LEADERS + "all-vhosts/pattern/%5B").statusCode());
            assertEquals(404, admin.get(LEADERS + "vhost/none/pattern/x").statusCode());
        }
    }

    @Test
    void theClusterIsWholeOrNot() throws IOException {
        try (var admin = new Admin()) {
            JsonNode no = failed(admin, CHECKS + "reached-target-cluster-size");
            assertEquals(2, no.get("current").asInt());
            assertEquals(3, no.get("target").asInt());
            assertEquals(
                    "ok", admin.json(CHECKS + "is-in-service").get("status").asText());
            admin.broker.status = FakeBroker.alone();
            failed(admin, CHECKS + "is-in-service");
        }
    }

    @Test
    void aRealClusterIsInitializedAndServesItsVhosts() throws IOException {
        try (var on = new AccessFixture()) {
            for (String check : new String[] {
                "metadata-store/initialized",
                "metadata-store/initialized/with-data",
                "virtual-hosts",
                "below-node-connection-limit"
            }) {
                assertEquals("ok", on.json(CHECKS + check).get("status").asText(), check);
            }
        }
    }
}
