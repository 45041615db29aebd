package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The document of the API tells what the server does: it is asked for each operation that stands there, and for others. */
class OpenApiTest {
    private static final List<String> METHODS = List.of("get", "put", "post", "delete");
    private static Admin admin;
    private static JsonNode document;

    @BeforeAll
    static void start() throws IOException {
        admin = new Admin();
        document = admin.json(OpenApi.PATH);
    }

    @AfterAll
    static void stop() {
        admin.close();
    }

    @Test
    void eachPathIsExplainedAndNoOther() {
        Set<String> told = new TreeSet<>();
        document.get("paths").fieldNames().forEachRemaining(told::add);
        assertEquals(new TreeSet<>(OpenApi.about().stringPropertyNames()), told, "paths.properties");
        assertTrue(told.contains("/api/queues/{vhost}/{name}"));
    }

    @Test
    void whatStandsThereIsServedAndNothingElseIs() {
        for (Iterator<Map.Entry<String, JsonNode>> i = document.get("paths").fields(); i.hasNext(); ) {
            var path = i.next();
            String there = path.getKey().replaceAll("\\{[^}]*}", "no-such-thing");
            for (String method : METHODS) {
                // Without a login: it is looked up, and nothing is done.
                int status = admin.send(method.toUpperCase(java.util.Locale.ROOT), there, "Basic eDp5")
                        .statusCode();
                boolean open = path.getValue().path(method).path("security").isEmpty();
                if (path.getValue().has(method)) {
                    assertTrue(status == 401 || open, method + " " + there + ": " + status);
                } else {
                    int known = admin.send(method.toUpperCase(java.util.Locale.ROOT), there, Admin.ROOT_LOGIN)
                            .statusCode();
                    assertEquals(405, known, method + " " + there);
                }
            }
        }
    }

    @Test
    void eachOperationHasItsOwnIdAndItsParameters() {
        Set<String> ids = new TreeSet<>();
        for (JsonNode path : document.get("paths")) {
            for (String method : METHODS) {
                if (path.has(method)) {
                    assertTrue(ids.add(path.get(method).get("operationId").textValue()));
                }
            }
        }
        assertEquals(
                "[\"vhost\",\"name\"]",
                document.at("/paths/~1api~1queues~1{vhost}~1{name}/parameters")
                        .findValues("name")
                        .toString()
                        .replace(", ", ","));
    }

    private interface Seen {
        void see(String method, String path, JsonNode operation);
    }

    private static void each(Seen seen) {
        document.get("paths").fields().forEachRemaining(path -> METHODS.stream()
                .filter(path.getValue()::has)
                .forEach(method -> seen.see(
                        method.toUpperCase(java.util.Locale.ROOT),
                        path.getKey(),
                        path.getValue().get(method))));
    }

    private static String there(String path) {
        return path.replace("{vhost}", "%2F").replaceAll("\\{[^}]*}", "no-such-thing");
    }

    /** Each list is asked for a page that there can't be. */
    @Test
    void whatTakesPagesSaysSo() {
        int[] lists = {0};
        each((method, path, operation) -> {
            boolean told = operation.at("/parameters").findValuesAsText("name").contains("page");
            if (method.equals("GET")) {
                var answer = admin.send("GET", there(path) + "?page=0", Admin.ROOT_LOGIN);
                boolean is = answer.statusCode() == 400 && answer.body().contains("page begins with 1");
                assertTrue(is == told || told && answer.statusCode() == 404, path + " " + answer.statusCode());
                lists[0] += is ? 1 : 0;
            } else {
                assertTrue(!told, path);
            }
        });
        assertTrue(lists[0] > 20, lists[0] + " lists");
    }

    @Test
    void consistencyIsTakenWhereItIsTold() {
        each((method, path, operation) -> {
            if (operation.at("/parameters").findValuesAsText("name").contains("consistency")) {
                int status = admin.send("GET", there(path) + "?consistency=much", Admin.ROOT_LOGIN)
                        .statusCode();
                assertTrue(status == 400 || status == 404, path + " " + status);
            }
        });
    }

    /** What takes a body tells its fields, and does nothing without those that it says it needs. */
    @Test
    void bodiesAreTold() {
        Set<String> without = new TreeSet<>();
        each((method, path, operation) -> {
            boolean told = operation.has("requestBody");
            if ((method.equals("PUT") || method.equals("POST")) && !told) {
                without.add(method + " " + path);
            }
            if (told && operation.at("/requestBody/required").asBoolean()) {
                var answer = admin.send(method, there(path), "{}", Admin.ROOT_LOGIN);
                assertEquals(4, answer.statusCode() / 100, method + " " + path + " " + answer.body());
            }
        });
        assertEquals(
                Set.of(
                        "POST /api/logout",
                        "POST /api/producers/{vhost}/{producer}/fence",
                        "POST /api/queues/quorum/replicas/on/{node}/grow",
                        "POST /api/vhosts/{vhost}/deletion/protection",
                        "POST /api/vhosts/{vhost}/start/{node}",
                        "PUT /api/queues/{vhost}/{name}/pause",
                        "PUT /api/queues/{vhost}/{name}/resume",
                        "PUT /api/receipts/{vhost}/void",
                        "PUT /api/receipts/{vhost}/{producer}/{seq}/void"),
                without);
    }
}
