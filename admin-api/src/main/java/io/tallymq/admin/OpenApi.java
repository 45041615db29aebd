package io.tallymq.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.Freshness;
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

/** GET /api/openapi.json: what the routes are, as an OpenAPI 3.1 document. It is made of the very table that requests are answered by,
 * and of what queries.properties and bodies.properties say of parameters and fields. */
final class OpenApi {
    static final String PATH = "/api/openapi.json";

    /** What is said of paths and operations beside the routes. */
    private record Told(Properties about, Properties queries, Properties bodies) {
        static Told load() {
            return new Told(OpenApi.about(), loaded("queries.properties"), loaded("bodies.properties"));
        }
    }

    private OpenApi() {}

    /** What there is at each path, in a few words. */
    static Properties about() {
        return loaded("paths.properties");
    }

    private static Properties loaded(String name) {
        Properties loaded = new Properties();
        try (Reader in = new InputStreamReader(OpenApi.class.getResourceAsStream(name), StandardCharsets.UTF_8)) {
            loaded.load(in);
            return loaded;
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
        Told told = Told.load();
        for (HttpRoute route : routes) {
            String path = route.path();
            if (path.startsWith("/api/")) {
                ObjectNode item = paths.has(path) ? (ObjectNode) paths.get(path) : paths.putObject(path);
                add(item, route, told);
            }
        }
        return document;
    }

    private static void add(ObjectNode item, HttpRoute route, Told told) {
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
            operation(item, "get", route, route.access(), told);
        }
        route.writes()
                .forEach((method, write) ->
                        operation(item, method.toLowerCase(Locale.ROOT), route, write.access(), told));
    }

    private static void operation(ObjectNode item, String method, HttpRoute route, Access who, Told told) {
        ObjectNode operation = item.putObject(method).put("operationId", method + id(route.pattern()));
        operation.put("summary", told.about.getProperty(route.path()));
        if (who == Access.EVERYBODY) {
            operation.putArray("security");
        } else {
            operation.putArray("security").addObject().putArray("basic");
        }
        if (!who.tags().isEmpty()) {
            operation.put("description", "For users with the tag " + who.tags() + ".");
        }
        String name = method.toUpperCase(Locale.ROOT) + "_" + route.path();
        queries(operation, name, told.queries);
        body(operation, told.bodies.getProperty(name));
        ObjectNode responses = operation.putObject("responses");
        boolean looks = method.equals("get");
        String done = looks ? "what was asked for" : "it is done: a majority of the nodes has it";
        responses.putObject(looks ? "200" : "2XX").put("description", done);
        responses.putObject("default").put("description", "an error and its reason");
    }

    /** The parameters that may stand behind the path. */
    private static void queries(ObjectNode operation, String name, Properties queries) {
        String known = queries.getProperty(name);
        if (known == null) {
            return;
        }
        ArrayNode parameters = operation.putArray("parameters");
        for (String query : known.split(" ")) {
            ObjectNode schema =
                    parameters.addObject().put("name", query).put("in", "query").putObject("schema");
            schema.put("type", queries.getProperty(query, "string"));
            if (query.equals(Freshness.PARAMETER)) {
                schema.putArray("enum").add(Freshness.LOCAL).add(Freshness.LINEARIZABLE);
            }
        }
    }

    /** @param known its fields; null for none */
    private static void body(ObjectNode operation, String known) {
        if (known == null) {
            return;
        }
        ObjectNode schema = operation
                .putObject("requestBody")
                .putObject("content")
                .putObject("application/json")
                .putObject("schema");
        ObjectNode fields = schema.put("type", "object").putObject("properties");
        ArrayNode required = Json.array();
        for (String field : known.split(" ")) {
            String type = field.substring(field.indexOf(':') + 1);
            String called = field.substring(0, field.indexOf(':'));
            ObjectNode one = fields.putObject(called);
            if (!type.replace("!", "").isEmpty()) { // else anything
                one.put("type", type.replace("!", ""));
            }
            if (type.endsWith("!")) {
                required.add(called);
            }
        }
        if (!required.isEmpty()) {
            schema.set("required", required);
            ((ObjectNode) operation.get("requestBody")).put("required", true);
        }
    }

    private static String id(List<String> pattern) {
        StringBuilder id = new StringBuilder();
        for (String segment : pattern) {
            id.append('_').append(segment.replaceAll("[^A-Za-z0-9]", "_"));
        }
        return id.toString();
    }
}
