package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** /api/vhosts over a real broker. */
class VhostsApiTest {
    private static final String V = "/api/vhosts/v";

    private AccessFixture on;

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture();
    }

    @AfterEach
    void stop() {
        on.close();
    }

    @Test
    void oneIsMadeChangedAndDeleted() {
        on.get(404, V);
        on.put(
                201,
                V,
                "{\"description\":\"d\",\"tags\":\"x,y\",\"default_queue_type\":\"quorum\",\"tracing\":false,"
                        + "\"protected_from_deletion\":false}");
        String described = "\"description\":\"d\",\"tags\":[\"x\",\"y\"],\"default_queue_type\":\"quorum\"";
        assertEquals(
                "{\"name\":\"v\"," + described + ",\"metadata\":{" + described
                        + "},\"protected_from_deletion\":false,\"tracing\":false,\"messages\":0,\"messages_ready\":0,"
                        + "\"messages_unacknowledged\":0,\"cluster_state\":{\"n1\":\"running\"}}",
                on.get(200, V).replaceAll(",\"message_stats\":\\{[^}]*}", ""));
        JsonNode all = on.json("/api/vhosts");
        assertEquals("/", all.at("/0/name").asText());
        assertEquals("classic", all.at("/0/default_queue_type").asText());
        assertEquals("v", all.at("/1/name").asText());
        assertEquals(
                on.json("/api/exchanges/%2F").size(),
                on.json("/api/exchanges/v").size());

        on.put(204, V, "{\"tags\":[]}");
        assertEquals("d", on.json(V).get("description").asText(), "what is not said stays");
        assertEquals("[]", on.json(V).get("tags").toString());
        on.put(204, V, "{\"default_queue_type\":\"classic\"}");
        assertEquals("classic", on.json(V).get("default_queue_type").asText());
        on.put(204, V, "{\"default_queue_type\":\"quorum\"}");
        on.put(204, V, "");
        on.put(204, V, "{\"default_queue_type\":\"undefined\"}");
        assertEquals("classic", on.json(V).get("default_queue_type").asText());

        on.delete(204, V);
        on.get(404, V);
        on.delete(404, V);
        assertEquals(1, on.json("/api/vhosts").size());
    }

    @Test
    void aProtectedOneStays() {
        on.put(201, V, "{\"protected_from_deletion\":true,\"description\":\"d\"}");
        assertTrue(on.delete(412, V).contains("protected from deletion"));
        on.delete(204, V + "/deletion/protection");
        assertEquals("false", on.json(V).get("protected_from_deletion").toString());
        on.send(204, "POST", V + "/deletion/protection", "");
        on.delete(412, V);
        assertEquals("d", on.json(V).get("description").asText());
        on.send(404, "POST", "/api/vhosts/none/deletion/protection", "");
        on.delete(404, "/api/vhosts/none/deletion/protection");
        on.get(405, V + "/deletion/protection");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"tracing\":true}|tracing: there is none",
                "{\"tracing\":\"true\"}|tracing: there is none",
                "{\"description\":7}|description: a string",
                "{\"tags\":{}}|tags: a list of strings",
                "{\"default_queue_type\":\"bag\"}|is none of classic, quorum, stream",
                "{\"protected_from_deletion\":\"perhaps\"}|true or false",
                "7|JSON object",
            })
    void whatIsWrongIsTold(String body, String text) {
        String refused = on.put(400, V, body);
        assertTrue(refused.contains(text), refused);
        on.get(404, V);
    }

    @Test
    void namesAreAnythingThatIsNotTooLong() {
        for (String name : new String[] {"a/b", "Ω x", "%2F"}) {
            String path = "/api/vhosts/" + AccessFixture.encode(name);
            on.put(201, path, "");
            assertEquals(name, on.json(path).get("name").asText());
            assertEquals("[]", on.get(200, path + "/permissions"));
            assertEquals("[]", on.get(200, path + "/topic-permissions"));
            assertEquals("[]", on.get(200, path + "/connections"));
            assertEquals("[]", on.get(200, path + "/channels"));
            on.delete(204, path);
        }
        on.put(400, "/api/vhosts/" + "v".repeat(256), "");
        on.put(400, V, "{\"description\":\"" + "d".repeat(5_000) + "\"}");
        on.put(413, V, "{\"description\":\"" + "d".repeat(70_000) + "\"}");
        for (String of : new String[] {"permissions", "topic-permissions", "connections", "channels"}) {
            on.get(404, "/api/vhosts/none/" + of);
        }
        on.send(405, "POST", V, "");
    }

    @Test
    void whoMay() {
        on.put(201, V, "");
        String monitoring = on.user("mon", "monitoring");
        String management = on.user("man", "management");
        assertEquals(
                2, Admin.parse(on.admin.send("GET", "/api/vhosts", monitoring)).size());
        assertEquals("[]", on.get(200, "/api/vhosts", management));
        on.get(403, V, management);
        on.get(403, "/api/vhosts/none", management);
        on.get(404, "/api/vhosts/none", monitoring);
        on.permit("man", "v", "", "", "");
        assertEquals(
                "v",
                Admin.parse(on.admin.send("GET", "/api/vhosts", management))
                        .at("/0/name")
                        .asText());
        on.get(200, V, management);
        on.get(403, "/api/vhosts/%2F", management);
        for (String login : new String[] {monitoring, management}) {
            on.send(403, "PUT", V, "", login);
            on.send(403, "DELETE", V, "", login);
            on.send(403, "POST", V + "/deletion/protection", "", login);
            on.send(403, "DELETE", V + "/deletion/protection", "", login);
            on.get(403, V + "/permissions", login);
        }
    }
}
