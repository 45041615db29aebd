package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.raft.LocalBroker;
import io.tallymq.store.MemoryStore;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of every kind of character go through paths, bodies and lists as they are, or are refused and change nothing. */
class NamesTest {
    private static LocalBroker broker;
    private static Admin admin;

    @BeforeAll
    static void start() throws IOException {
        broker = new LocalBroker("n1", new MemoryStore());
        Admin.awaitHighestLevel(broker); // operators declare from level 3 on
        admin = new Admin(c -> c, Admin.stats(), broker);
    }

    @AfterAll
    static void stop() {
        admin.close();
        broker.close();
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** One of each general category that a name can have, and what is special to URLs, JSON, HTML, terminals, patterns. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Upper lower \u01c5 \u02b0 \u05d0", // Lu Ll Lt Lm Lo
                "e\u0301 \u0903 \u20dd", // Mn Mc Me
                "5 \u2167 \u00bd", // Nd Nl No
                "_ - ( ) \u00ab \u00bb !", // Pc Pd Ps Pe Pi Pf Po
                "+ $ ^ \u00a6", // Sm Sc Sk So
                "a\u00a0b\u2028c\u2029d", // Zs Zl Zp
                "\u0001\t\n\u007f\u0085", // Cc
                "soft\u00adhyphen \u200d \u202e", // Cf, one of them right to left
                "\ue000 \uD83D\uDE00 \uDB40\uDC01", // Co, and beyond the first plane
                "\u0378 \uFFFE \uFFFF", // Cn: not assigned, and no characters
                "\uFEFFbyte order",
                "a/b//c\\d",
                "..",
                ".",
                "../../etc/passwd",
                "%2F%00%",
                "?a=b&c=d#e",
                "a;b=c",
                "<script>alert(1)</script>",
                "\"quoted\" 'too' \\u0041",
                "\u001b[31mred",
                "^(a+)+$",
                "*.#",
                "~",
                " "
            })
    void comeBackAsTheyWere(String name) {
        String path = "/api/queues/%2F/" + encoded(name);
        assertEquals(201, admin.put(path, "{\"durable\":true}").statusCode(), name);
        assertEquals(204, admin.put(path, "{\"durable\":true}").statusCode(), "it is the same one");
        JsonNode one = admin.json(path);
        assertEquals(name, one.get("name").textValue());
        JsonNode found = admin.json("/api/queues?page=1&page_size=10&name=" + encoded(name));
        assertTrue(found.get("items").findValuesAsText("name").contains(name), found.toString());
        assertEquals(name, admin.json(path + "/bindings").at("/0/routing_key").textValue());
        assertEquals(204, admin.send("DELETE", path, "", Admin.ROOT_LOGIN).statusCode());
        assertEquals(404, admin.get(path).statusCode());
    }

    /** What is no UTF-8 is no name: a lone half of a pair, an overlong slash, a byte of its own, beyond the last plane, half a sequence. */
    @ParameterizedTest
    @ValueSource(strings = {"%ED%A0%80", "%C0%AF", "%FF", "%F4%90%80%80", "%E2%82"})
    void whatIsNoTextIsRefused(String path) {
        HttpResponse<String> answer = admin.put("/api/queues/%2F/" + path, "{\"durable\":true}");
        assertEquals(400, answer.statusCode());
        assertTrue(Admin.parse(answer).hasNonNull("reason"), answer.body());
        assertEquals("[]", admin.get("/api/queues").body());
    }

    @Test
    void aNameOf255BytesFitsAndOneMoreDoesNot() {
        String longest = "\u20ac".repeat(85);
        assertEquals(201, admin.put("/api/queues/%2F/" + encoded(longest), "{}").statusCode());
        assertEquals(
                204,
                admin.send("DELETE", "/api/queues/%2F/" + encoded(longest), "", Admin.ROOT_LOGIN)
                        .statusCode());
        HttpResponse<String> answer = admin.put("/api/queues/%2F/" + encoded(longest + "a"), "{}");
        assertEquals(400, answer.statusCode());
        assertTrue(Admin.parse(answer).get("reason").asText().contains("255"), answer.body());
    }
}
