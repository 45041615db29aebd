package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** /api/vhost-limits and /api/user-limits over a real broker. */
class LimitsApiTest {
    private AccessFixture on;

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture();
    }

    @AfterEach
    void stop() {
        on.close();
    }

    @ParameterizedTest
    @CsvSource({"vhost,/,max-connections,max-queues", "user,root,max-channels,max-connections"})
    void limitsAreSetListedAndCleared(String whose, String owner, String first, String second) {
        String all = "/api/" + whose + "-limits";
        String one = all + "/" + AccessFixture.encode(owner);
        assertEquals("[]", on.get(200, all));
        assertEquals("[]", on.get(200, one));
        on.put(201, one + "/" + first, "{\"value\":7}");
        on.put(204, one + "/" + first, "{\"value\":8}");
        on.put(201, one + "/" + second, "{\"value\":0}");
        String row = "[{\"" + whose + "\":\"" + owner + "\",\"value\":{\"" + first + "\":8,\"" + second + "\":0}}]";
        assertEquals(row, on.get(200, all));
        assertEquals(row, on.get(200, one));
        assertEquals("{\"value\":8}", on.get(200, one + "/" + first));
        on.delete(204, one + "/" + second);
        on.get(404, one + "/" + second);
        on.put(204, one + "/" + first, "{\"value\":-1}"); // no limit
        assertEquals("[]", on.get(200, all));
        on.put(201, one + "/" + first, "{\"value\":7}");
        on.delete(204, one);
        assertEquals("[]", on.get(200, all));
    }

    @Test
    void theyAct() {
        on.put(201, "/api/vhost-limits/%2F/max-queues", "{\"value\":1}");
        on.put(201, "/api/queues/%2F/a", "");
        assertTrue(on.put(400, "/api/queues/%2F/b", "").contains("queue limit in vhost '/' (1) is reached"));
        on.user("ann", "");
        on.put(201, "/api/user-limits/ann/max-channels", "{\"value\":3}");
        assertEquals(
                "{\"max-channels\":3}", on.json("/api/users/ann").get("limits").toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "{\"value\":\"7\"}",
                "{\"value\":7.5}",
                "{\"value\":null}",
                "{\"value\":99999999999999999999}",
                "[]",
                "{\"value\""
            })
    void whatIsWrongIsTold(String body) {
        assertTrue(on.put(400, "/api/vhost-limits/%2F/max-queues", body).contains("\"error\":\"bad_request\""));
        on.put(400, "/api/user-limits/root/max-channels", body);
        assertEquals("[]", on.get(200, "/api/vhost-limits"));
    }

    @Test
    void whatIsNotThere() {
        assertTrue(on.put(400, "/api/vhost-limits/%2F/max-channels", "{\"value\":1}")
                .contains("max-connections and max-queues"));
        on.put(400, "/api/user-limits/root/max-queues", "{\"value\":1}");
        for (String none : new String[] {"/api/vhost-limits/none", "/api/user-limits/none"}) {
            on.get(404, none);
            on.delete(404, none);
            on.put(404, none + "/max-connections", "{\"value\":1}");
            on.delete(404, none + "/max-connections");
        }
    }

    @Test
    void whoMay() {
        on.put(201, "/api/vhosts/v", "");
        on.put(201, "/api/vhost-limits/v/max-queues", "{\"value\":1}");
        on.put(201, "/api/vhost-limits/%2F/max-queues", "{\"value\":1}");
        String monitoring = on.user("mon", "monitoring");
        String management = on.user("man", "management");
        on.permit("man", "v", "", "", "");
        assertEquals("[{\"vhost\":\"v\",\"value\":{\"max-queues\":1}}]", on.get(200, "/api/vhost-limits", management));
        on.get(403, "/api/vhost-limits/%2F", management);
        assertEquals(
                2,
                Admin.parse(on.admin.send("GET", "/api/vhost-limits", monitoring))
                        .size());
        on.get(200, "/api/user-limits", monitoring);
        on.get(403, "/api/user-limits", management);
        for (String login : new String[] {monitoring, management}) {
            on.send(403, "PUT", "/api/vhost-limits/v/max-queues", "{\"value\":9}", login);
            on.send(403, "DELETE", "/api/vhost-limits/v/max-queues", "", login);
            on.send(403, "DELETE", "/api/vhost-limits/v", "", login);
            on.send(403, "PUT", "/api/user-limits/man/max-channels", "{\"value\":9}", login);
        }
    }
}
