package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** columns, name, sort, sort_reverse, page and page_size as in RabbitMQ. */
class ListingTest {
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

    @Test
    void moreRowsThanOneAnswerTakesHaveToBePaged() {
        admin.broker.view = FakeView.many(Listing.MAX_ROWS + 1);
        var response = admin.get("/api/queues");
        assertEquals(400, response.statusCode());
        assertTrue(response.body().contains("page_size=500"), response.body());
        assertEquals(
                1,
                admin.json("/api/queues?page=41&page_size=500")
                        .get("item_count")
                        .asInt());
        admin.broker.view = FakeView.many(Listing.MAX_ROWS);
        assertEquals(Listing.MAX_ROWS, admin.json("/api/queues?columns=name").size());
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
                "use_regex=true&name=q.*"
            })
    void whatMakesNoSenseIsRefused(String query) {
        var response = admin.get("/api/queues?" + query);
        assertEquals(400, response.statusCode());
        JsonNode error = Admin.parse(response);
        assertTrue(error.has("error") && !error.get("reason").asText().isEmpty(), response.body());
    }
}
