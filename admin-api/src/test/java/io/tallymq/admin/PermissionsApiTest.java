package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** /api/permissions and /api/topic-permissions over a real broker. */
class PermissionsApiTest {
    private static final String P = "/api/permissions/%2F/ann";
    private static final String T = "/api/topic-permissions/%2F/ann";
    private static final String BODY = "{\"configure\":\"^a\",\"write\":\"\",\"read\":\".*\"}";
    private static final String TOPIC = "{\"exchange\":\"amq.topic\",\"write\":\"^{username}\\\\.\",\"read\":\".*\"}";

    private AccessFixture on;

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture();
        on.user("ann", "");
    }

    @AfterEach
    void stop() {
        on.close();
    }

    @Test
    void permissionsAreSetListedAndCleared() {
        on.get(404, P);
        assertEquals("", on.put(201, P, BODY));
        String row = "{\"user\":\"ann\",\"vhost\":\"/\",\"configure\":\"^a\",\"write\":\"\",\"read\":\".*\"}";
        assertEquals(row, on.get(200, P));
        assertEquals("[" + row + "]", on.get(200, "/api/users/ann/permissions"));
        assertEquals(row, on.json("/api/permissions").get(0).toString());
        assertEquals("root", on.json("/api/permissions").at("/1/user").asText());
        assertEquals(2, on.json("/api/vhosts/%2F/permissions").size());
        on.put(204, P, "{\"configure\":\"\",\"write\":\"w\",\"read\":\"\"}");
        assertEquals("w", on.json(P).get("write").asText());
        on.put(201, "/api/vhosts/v", "");
        assertEquals("[]", on.get(200, "/api/vhosts/v/permissions"));
        on.delete(204, P);
        on.delete(404, P);
        assertEquals("[]", on.get(200, "/api/users/ann/permissions"));
    }

    @Test
    void topicPermissionsAreSetListedAndCleared() {
        on.get(404, T);
        on.put(201, T, TOPIC);
        on.put(204, T, TOPIC);
        on.put(201, T + "/other%2Fone", "{\"write\":\"\",\"read\":\"\"}");
        String row = "{\"user\":\"ann\",\"vhost\":\"/\",\"exchange\":\"amq.topic\",\"write\":\"^{username}\\\\.\","
                + "\"read\":\".*\"}";
        assertEquals("[" + row + "]", on.get(200, T + "/amq.topic"));
        assertEquals(row, on.json(T).get(0).toString());
        for (String list : new String[] {
            T, "/api/topic-permissions", "/api/users/ann/topic-permissions", "/api/vhosts/%2F/topic-permissions"
        }) {
            assertEquals(2, on.json(list).size(), list);
            assertEquals("other/one", on.json(list).at("/1/exchange").asText());
        }
        on.delete(204, T + "/other%2Fone");
        on.delete(404, T + "/other%2Fone");
        on.get(404, T + "/other%2Fone");
        on.delete(204, T);
        on.delete(404, T);
        assertEquals("[]", on.get(200, "/api/topic-permissions"));
    }

    /** Its name is empty, and amq.default wherever people see it. */
    @Test
    void theDefaultExchangeIsOneOfThem() {
        String own = on.user("eve", "management");
        on.permit("eve", "/", "", ".*", ".*");
        on.put(201, "/api/queues/%2F/q", "");
        String of = "/api/topic-permissions/%2F/eve";
        on.put(201, of, TOPIC);
        on.put(201, of, "{\"exchange\":\"amq.default\",\"write\":\"^eve\\\\.\",\"read\":\"\"}");
        on.put(204, of + "/amq.default", "{\"write\":\"^eve\\\\.\",\"read\":\"\"}");
        on.put(204, of, "{\"exchange\":\"\",\"write\":\"^eve\\\\.\",\"read\":\"\"}");
        assertEquals(
                "amq.default", on.json(of + "/amq.default").at("/0/exchange").asText());
        String publish = "/api/exchanges/%2F/amq.default/publish";
        String message = "{\"routing_key\":\"q\",\"payload\":\"\",\"payload_encoding\":\"string\",\"properties\":{}}";
        on.send(403, "POST", publish, message, own);
        on.delete(204, of + "/amq.default");
        assertEquals(1, on.json(of).size(), "and nothing beside it");
        on.send(200, "POST", publish, message, own);
    }

    /** Who leaves a name empty loses no more than that one. */
    @Test
    void anEmptyNameIsNotAll() {
        on.put(201, T, TOPIC);
        on.put(201, "/api/vhost-limits/%2F/max-queues", "{\"value\":9}");
        assertTrue(on.delete(400, T + "/").contains("a name is expected"));
        on.delete(400, "/api/vhost-limits/%2F/");
        on.delete(404, T + "//");
        assertEquals(1, on.json(T + "/").size());
        assertEquals(9, on.json("/api/vhost-limits/%2F/max-queues").get("value").asInt());
        on.delete(204, P.replace("ann", "root") + "/");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"write\":\"\",\"read\":\"\"}|Key not present: configure",
                "{\"configure\":\"\",\"read\":\"\"}|Key not present: write",
                "{\"configure\":\"\",\"write\":\"\"}|Key not present: read",
                "{\"configure\":7,\"write\":\"\",\"read\":\"\"}|configure: a string",
                "{\"configure\":\"(\",\"write\":\"\",\"read\":\"\"}|configure: ",
                "{\"configure\":\"\",\"write\":\"\",\"read\":\"(?=x)\"}|read: ",
                "|Key not present",
                "[]|JSON object",
                "{|Unable to parse JSON",
            })
    void whatIsWrongIsTold(String body, String text) {
        String refused = on.put(400, P, body == null ? "" : body);
        assertTrue(refused.contains(text), refused);
        on.get(404, P);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"write\":\"\",\"read\":\"\"}|Key not present: exchange",
                "{\"exchange\":\"x\",\"read\":\"\"}|Key not present: write",
                "{\"exchange\":[],\"write\":\"\",\"read\":\"\"}|exchange: a string",
                "{\"exchange\":\"x\",\"write\":\"[\",\"read\":\"\"}|write: ",
            })
    void whatIsWrongOfTopicsIsTold(String body, String text) {
        String refused = on.put(400, T, body);
        assertTrue(refused.contains(text), refused);
        on.get(404, T);
    }

    @Test
    void whoAndWhereAreThere() {
        for (String nowhere : new String[] {"/api/permissions/none/ann", "/api/permissions/%2F/none"}) {
            assertTrue(on.put(404, nowhere, BODY).contains("not found"));
            on.get(404, nowhere);
            on.delete(404, nowhere);
        }
        for (String nowhere : new String[] {"/api/topic-permissions/none/ann", "/api/topic-permissions/%2F/none"}) {
            on.put(404, nowhere, TOPIC);
            on.get(404, nowhere);
            on.delete(404, nowhere);
        }
        on.get(404, "/api/users/none/permissions");
        on.get(404, "/api/users/none/topic-permissions");
    }

    @Test
    void namesMayHaveSlashes() {
        on.user("Ω/b", "");
        on.put(201, "/api/vhosts/x%2Fy", "");
        String path = "/api/permissions/x%2Fy/" + AccessFixture.encode("Ω/b");
        on.put(201, path, BODY);
        assertEquals("Ω/b", on.json(path).get("user").asText());
        assertEquals("x/y", on.json(path).get("vhost").asText());
        on.delete(204, "/api/vhosts/x%2Fy");
        assertEquals("[]", on.get(200, "/api/users/" + AccessFixture.encode("Ω/b") + "/permissions"));
    }

    @Test
    void whoMay() {
        String login = on.user("mon", "monitoring,policymaker");
        for (String path : new String[] {
            "/api/permissions",
            P,
            "/api/topic-permissions",
            T,
            "/api/vhosts/%2F/permissions",
            "/api/users/ann/permissions"
        }) {
            on.get(403, path, login);
        }
        on.send(403, "PUT", P, BODY, login);
        on.send(403, "DELETE", P, "", login);
        on.send(403, "PUT", T, TOPIC, login);
        on.send(403, "DELETE", T, "", login);
        on.send(405, "POST", P, BODY);
    }
}
