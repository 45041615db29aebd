package io.tallymq.admin.list;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.Admin;
import io.tallymq.admin.FakeView;
import io.tallymq.admin.RawClient;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.HeldRows;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.Target;
import io.tallymq.admin.stats.StateRows;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** columns, name, use_regex, sort, sort_reverse, page and page_size as in RabbitMQ. */
class ListingTest {
    private static final int MANY = 50_000;
    private Admin admin;

    @BeforeEach
    void start() throws IOException {
        admin = new Admin();
        admin.broker.view = FakeView.many(250);
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    private static List<String> names(JsonNode rows) {
        List<String> names = new ArrayList<>();
        rows.forEach(row -> names.add(row.get("name").asText()));
        return names;
    }

    @Test
    void withoutPageAllOfThem() {
        assertEquals(250, admin.json("/api/queues").size());
    }

    @Test
    void firstPage() {
        JsonNode page = admin.json("/api/queues?page=1");
        assertEquals(1, page.get("page").asInt());
        assertEquals(100, page.get("page_size").asInt());
        assertEquals(3, page.get("page_count").asInt());
        assertEquals(100, page.get("item_count").asInt());
        assertEquals(250, page.get("filtered_count").asInt());
        assertEquals(250, page.get("total_count").asInt());
        assertEquals("q000", page.at("/items/0/name").asText());
    }

    @Test
    void lastPageIsShort() {
        JsonNode page = admin.json("/api/queues?page=3&page_size=100");
        assertEquals(50, page.get("item_count").asInt());
        assertEquals("q249", page.at("/items/49/name").asText());
    }

    @Test
    void nameFiltersInAnyCase() {
        JsonNode page = admin.json("/api/queues?page=1&name=Q24");
        assertEquals(10, page.get("filtered_count").asInt());
        assertEquals(250, page.get("total_count").asInt());
        assertEquals(List.of("q007"), names(admin.json("/api/queues?name=007")));
    }

    @Test
    void nothingFoundIsAnEmptyFirstPage() {
        JsonNode page = admin.json("/api/queues?page=1&name=nosuch");
        assertEquals(0, page.get("filtered_count").asInt());
        assertEquals(0, page.get("items").size());
    }

    @Test
    void sortsNumbersAsNumbers() {
        JsonNode page = admin.json("/api/queues?sort=messages&sort_reverse=true&page=1&page_size=2");
        assertEquals(List.of("q249", "q248"), names(page.get("items")));
        JsonNode deep = admin.json("/api/queues?sort=message_stats.publish&page=1&page_size=2");
        assertEquals(List.of("q000", "q001"), names(deep.get("items")));
    }

    @Test
    void reverseAloneReversesTheNames() {
        assertEquals(
                "q249",
                admin.json("/api/queues?sort_reverse=true").at("/0/name").asText());
    }

    @Test
    void unknownSortKeepsTheOrder() {
        assertEquals("q000", admin.json("/api/queues?sort=nosuch").at("/0/name").asText());
    }

    @Test
    void columnsChoose() {
        JsonNode row = admin.json("/api/queues?columns=name,message_stats.publish,nosuch")
                .get(7);
        assertEquals(2, row.size());
        assertEquals("q007", row.get("name").asText());
        assertEquals(1, row.get("message_stats").size());
        assertEquals(7, row.at("/message_stats/publish").asInt());
        JsonNode single = admin.json("/api/queues/%2F/q001?columns=messages");
        assertEquals(1, single.size());
        assertFalse(single.has("name"));
    }

    /** Rows of chosen columns are made in part: each column is what it is in the whole row. */
    @Test
    void aColumnIsThatOfTheWholeRow() {
        JsonNode whole = admin.json("/api/queues").get(7);
        List<String> fields = new ArrayList<>();
        whole.fieldNames().forEachRemaining(fields::add);
        assertTrue(fields.size() > 30, fields::toString);
        for (String field : fields) {
            JsonNode row = admin.json("/api/queues?columns=" + field).get(7);
            assertEquals(1, row.size(), field);
            if (!field.equals("head_message_age")) {
                assertEquals(whole.get(field), row.get(field), field);
            }
        }
    }

    @Test
    void fiftyThousandRowsAreOneAnswer() {
        admin.broker.view = FakeView.many(MANY);
        var reads = new AtomicInteger();
        admin.broker.onRead = reads::incrementAndGet;
        HttpResponse<String> response = admin.get("/api/queues");
        assertEquals(
                "chunked", response.headers().firstValue("transfer-encoding").orElse(""));
        List<String> names = names(Admin.parse(response));
        assertEquals(MANY, names.size());
        assertEquals(MANY, new HashSet<>(names).size());
        assertEquals(MANY / StateRows.STEP, reads.get(), "steps of the state");
        assertEquals(200, admin.get("/api/cluster").statusCode(), "the connection goes on");
    }

    @Test
    void aLongAnswerToAnOldClientEndsWithTheConnection() throws IOException {
        admin.broker.view = FakeView.many(MANY);
        try (var raw = new RawClient(admin.port)) {
            raw.write("GET /api/queues?columns=name HTTP/1.0\r\nConnection: keep-alive\r\nAuthorization: "
                    + Admin.ROOT_LOGIN + "\r\n\r\n");
            assertEquals("HTTP/1.1 200 OK", raw.line());
            String line = raw.line();
            while (!line.isEmpty()) {
                assertFalse(line.toLowerCase(Locale.ROOT).startsWith("transfer-encoding"), line);
                line = raw.line();
            }
            String body = raw.line();
            assertTrue(body.startsWith("[{\"name\":\"q000\"}") && body.endsWith("]"), "all of it");
            assertTrue(raw.closed());
        }
    }

    @Test
    void headOfALongAnswerHasNoBody() {
        admin.broker.view = FakeView.many(MANY);
        HttpResponse<String> response = admin.send("HEAD", "/api/queues", Admin.ROOT_LOGIN);
        assertEquals(200, response.statusCode());
        assertEquals("", response.body());
        assertEquals(200, admin.get("/api/cluster").statusCode());
    }

    @Test
    void manyRowsAreSortedAndPaged() {
        admin.broker.view = FakeView.many(MANY);
        JsonNode page =
                admin.json("/api/queues?page=100&page_size=500&sort=messages&sort_reverse=true&columns=messages");
        assertEquals(MANY, page.get("total_count").asInt());
        assertEquals(499, page.at("/items/0/messages").asInt());
        JsonNode all = admin.json("/api/queues?sort=messages&sort_reverse=true&columns=messages");
        assertEquals(MANY, all.size());
        assertEquals(MANY - 1, all.at("/0/messages").asInt());
        assertEquals(0, admin.server.heldRows(), "nothing is held when it is sent");
    }

    @Test
    void pagesOfQueuesAreInTheOrderOfTheirNames() {
        admin.broker.view = FakeView.withQueues(
                List.of(FakeView.queue("b", 0, 0), FakeView.queue("c", 0, 0), FakeView.queue("a", 0, 0)));
        assertEquals(
                List.of("a", "b"),
                names(admin.json("/api/queues?page=1&page_size=2").get("items")));
        assertEquals(List.of("b", "c", "a"), names(admin.json("/api/queues")), "as they were made");
    }

    @Test
    void namesFitRegularExpressions() {
        JsonNode page = admin.json("/api/queues?page=1&use_regex=true&name=%5EQ0%5B01%5D%7C9%24");
        assertEquals(List.of("q000", "q001", "q002"), names(page.get("items")).subList(0, 3));
        assertEquals(
                List.of("q007"),
                names(admin.json("/api/queues?use_regex=true&name=%5EQ..7%24&sort=name"))
                        .subList(0, 1));
        assertEquals(0, admin.json("/api/queues?use_regex=true&name=%5E7").size());
    }

    @Test
    void aRegularExpressionTakesNoLongerThanItIsLarge() {
        admin.broker.view = FakeView.withQueues(List.of(FakeView.queue("a".repeat(200), 0, 0)));
        assertEquals(0, admin.json("/api/queues?use_regex=true&name=a*a*a*a*b").size());
        assertRefused(
                "%28%3F%3A%5E%7B2147483647%7D%29%7B2147483647%7D"); // Java's own takes years for it, without a look at
        // the name
        assertRefused("%28a%7B1000%7D%29%7B1000%7D");
        assertRefused("x".repeat(256));
        assertRefused("%28");
    }

    private void assertRefused(String pattern) {
        HttpResponse<String> response = admin.get("/api/queues?use_regex=true&name=" + pattern);
        assertEquals(400, response.statusCode());
        assertTrue(response.body().contains("no regular expression"), response.body());
    }

    /** Sorted by {@code o} of rows that are JSON; by what they are called. */
    private static List<String> sorted(HeldRows held, String... rows) {
        RowMaker<String> maker = text -> (ObjectNode) Json.read(text);
        Answer answer = Listing.of(Target.parse("/x?sort=o&page=1"))
                .render(Listing.Source.of(List.of(rows).iterator(), text -> text, maker), held);
        return names(
                Json.read(new String(answer.body(), StandardCharsets.UTF_8)).get("items"));
    }

    /** It has no order, and all of them together may be larger than the heap. */
    @Test
    void anObjectIsNotKeptToSortBy() {
        assertEquals(List.of("a", "b"), sorted(new HeldRows(), "{\"name\":\"a\",\"o\":{\"p\":1}}", "{\"name\":\"b\"}"));
        String prefix = "x".repeat(255);
        assertEquals(
                List.of("a", "b"),
                sorted(
                        new HeldRows(),
                        "{\"name\":\"a\",\"o\":\"" + prefix + "2\"}",
                        "{\"name\":\"b\",\"o\":\"" + prefix + "1\"}"));
    }

    /** As doubles all three are the same. */
    @Test
    void integersAndFractionsHaveOneOrder() {
        assertEquals(
                List.of("c", "d", "b", "a", "e"),
                sorted(
                        new HeldRows(),
                        "{\"name\":\"a\",\"o\":4611686018427387905}",
                        "{\"name\":\"b\",\"o\":4611686018427387904.0}",
                        "{\"name\":\"c\",\"o\":-1e300}",
                        "{\"name\":\"d\",\"o\":4611686018427387903}",
                        "{\"name\":\"e\",\"o\":1e300}"));
    }

    private static ObjectNode failed(Throwable bug) {
        if (bug instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) bug;
    }

    @Test
    void aSortThatFailsHoldsNothing() {
        HeldRows held = new HeldRows();
        for (String query : new String[] {"", "&page=1"}) {
            for (Throwable bug : new Throwable[] {new IllegalStateException(), new OutOfMemoryError("no room")}) {
                RowMaker<String> maker = text -> failed(bug);
                assertThrows(bug.getClass(), () -> Listing.of(Target.parse("/x?sort=o" + query))
                        .render(Listing.Source.of(List.of("a", "b").iterator(), text -> text, maker), held));
                assertEquals(0, held.held());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "page=0",
                "page=-1",
                "page=x",
                "page=99999999999",
                "page=1&page_size=0",
                "page=1&page_size=501",
                "page=4",
                "use_regex=true&name=("
            })
    void whatMakesNoSenseIsRefused(String query) {
        var response = admin.get("/api/queues?" + query);
        assertEquals(400, response.statusCode());
        JsonNode error = Admin.parse(response);
        assertTrue(error.has("error") && !error.get("reason").asText().isEmpty(), response.body());
    }
}
