package io.tallymq.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

/** GET /api/openapi.json: what the routes are, as an OpenAPI 3.1 document. It is made of the very table that requests are answered by. */
final class OpenApi {
    static final String PATH = "/api/openapi.json";

    private OpenApi() {}

    /** What there is at each path, in a few words. */
    static Properties about() {
        Properties about = new Properties();
        try (Reader in =
                new InputStreamReader(OpenApi.class.getResourceAsStream("paths.properties"), StandardCharsets.UTF_8)) {
            about.load(in);
            return about;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param routes all but this one */
    static HttpRoute route(List<HttpRoute> routes, String version) {
        Answer answer = Answer.ok(document(routes, version));
        return HttpRoute.of(PATH, Lane.LOCAL, request -> answer).openTo(Access.USER);
    }

    static ObjectNode document(List<HttpRoute> routes, String version) {
        ObjectNode document = Json.object().put("openapi", "3.1.0");
        document.putObject("info")
                .put("title", "TallyMQ's HTTP API")
                .put("version", version)
                .put(
                        "description",
                        "RabbitMQ's management API, and what TallyMQ has beside it. A virtual host's name is encoded in paths: / is %2F.");
        ObjectNode schemes = document.putObject("components").putObject("securitySchemes");
        schemes.putObject("basic").put("type", "http").put("scheme", "basic");
        ObjectNode paths = document.putObject("paths");
        Properties about = about();
        for (HttpRoute route : routes) {
            String path = route.path();
            if (path.startsWith("/api/")) {
                ObjectNode item = paths.has(path) ? (ObjectNode) paths.get(path) : paths.putObject(path);
                add(item, route, about);
            }
        }
        return document;
    }

    private static void add(ObjectNode item, HttpRoute route, Properties about) {
        ArrayNode parameters = item.putArray("parameters");
        for (String segment : route.pattern()) {
            if (segment.startsWith("{")) {
                parameters
                        .addObject()
                        .put("name", segment.substring(1, segment.length() - 1))
                        .put("in", "path")
                        .put("required", true)
                        .putObject("schema")
                        .put("type", "string");
            }
        }
        if (route.endpoint() != null) {
            operation(item, "get", route, route.access(), about);
        }
        route.writes()
                .forEach((method, write) ->
                        operation(item, method.toLowerCase(Locale.ROOT), route, write.access(), about));
    }

    private static void operation(ObjectNode item, String method, HttpRoute route, Access who, Properties about) {
        ObjectNode operation = item.putObject(method).put("operationId", method + id(route.pattern()));
        operation.put("summary", about.getProperty(route.path()));
        if (who == Access.EVERYBODY) {
            operation.putArray("security");
        } else {
            operation.putArray("security").addObject().putArray("basic");
        }
        if (!who.tags().isEmpty()) {
            operation.put("description", "For users with the tag " + who.tags() + ".");
        }
        ObjectNode responses = operation.putObject("responses");
        boolean looks = method.equals("get");
        String done = looks ? "what was asked for" : "it is done: a majority of the nodes has it";
        responses.putObject(looks ? "200" : "2XX").put("description", done);
        responses.putObject("default").put("description", "an error and its reason");
    }

    private static String id(List<String> pattern) {
        StringBuilder id = new StringBuilder();
        for (String segment : pattern) {
            id.append('_').append(segment.replaceAll("[^A-Za-z0-9]", "_"));
        }
        return id.toString();
    }
}
