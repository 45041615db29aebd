package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.broker.BrokerMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Who may ask for what: {@code who-may.txt} says it of each method of each path, and each is asked for by somebody of each kind. Who opens a
 * route, or makes one, changes that file.
 */
class WhoMayTest {
    /** Somebody of each kind, by the tag that he has. */
    private static final Map<String, String> USERS = Map.of(
            "administrator", Admin.ROOT_LOGIN,
            "monitoring", Admin.basic("guest", "guest"),
            "policymaker", Admin.basic("maker", "maker"),
            "management", Admin.basic("app", "app"),
            "", Admin.basic("plain", "plain"));

    private static Admin admin;

    private record Row(String method, String path, Access access) {
        static Row of(String line) {
            String[] words = line.split(" +");
            return new Row(words[0], words[1], Access.valueOf(words[2].toUpperCase(Locale.ROOT)));
        }
    }

    @BeforeAll
    static void start() throws IOException {
        admin = new Admin();
        admin.broker.level = BrokerMachine.LEVELS.max();
    }

    @AfterAll
    static void stop() {
        admin.close();
    }

    private static List<Row> table() {
        try (var in = WhoMayTest.class.getResourceAsStream("/who-may.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(Row::of)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theTableHasEachRouteAndNoOther() {
        List<String> served = new ArrayList<>();
        SortedMap<String, JsonNode> paths = new TreeMap<>();
        admin.json(OpenApi.PATH).get("paths").fields().forEachRemaining(e -> paths.put(e.getKey(), e.getValue()));
        paths.forEach((path, item) -> List.of("get", "put", "post", "delete").stream()
                .filter(item::has)
                .forEach(method -> served.add(method.toUpperCase(Locale.ROOT) + " " + path)));
        served.add("GET " + OpenApi.PATH);
        assertEquals(
                String.join("\n", new TreeSet<>(served)),
                String.join(
                        "\n",
                        new TreeSet<>(table().stream()
                                .map(row -> row.method + " " + row.path)
                                .toList())));
    }

    @Test
    void whoMayIsLetInAndNobodyElse() {
        List<String> wrong = new ArrayList<>();
        for (Row row : table()) {
            USERS.forEach((tag, login) -> {
                boolean may = row.access == Access.EVERYBODY
                        || row.access == Access.USER
                        || List.of(row.access.tags().split(" or ")).contains(tag);
                if (isLetIn(row, login) != may) {
                    wrong.add(row + " for the tag '" + tag + "'");
                }
            });
            if (admin.send(row.method, there(row), null).statusCode() == 401 == (row.access == Access.EVERYBODY)
                    && !row.path.equals("/api/login")) {
                wrong.add(row + " without a login");
            }
        }
        assertEquals(List.of(), wrong);
    }

    /** What comes behind the tags, such as that the virtual host is not his, is no matter here. */
    private static boolean isLetIn(Row row, String login) {
        var answer = admin.send(row.method, there(row), login);
        return answer.statusCode() != 403 || !answer.body().contains("the user needs the tag");
    }

    private static String there(Row row) {
        return row.path.replaceAll("\\{[^}]*}", "no-such-thing");
    }

    /** The words of the table mean what they say. */
    @Test
    void nothingThatChangesAnythingIsForEverybody() {
        table().stream()
                .filter(row -> !row.method.equals("GET") && !row.path.startsWith("/api/log"))
                .forEach(row ->
                        assertFalse(row.access == Access.EVERYBODY || row.access == Access.USER, row.toString()));
    }
}
