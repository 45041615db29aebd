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
}
