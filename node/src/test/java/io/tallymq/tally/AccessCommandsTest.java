package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Users and what they may do. */
@ExtendWith(TallyNode.Shared.class)
class AccessCommandsTest {
    private static JsonNode named(JsonNode rows, String field, String name) {
        for (JsonNode row : rows) {
            if (row.path(field).asText().equals(name)) {
                return row;
            }
        }
        throw new AssertionError("no " + name + " in " + rows);
    }

    @Test
    void aUserLivesAndGoes(TallyNode node) {
        Typed typed = Typed.at(node);
        String name = "shop/ü";
        typed.typing("first\n")
                .run("users", "add", name, "--password-stdin", "--tags", "management")
                .ok();
        typed.run("users", "add", name, "--no-password").refused(1, "is there already");
        typed.run("permissions", "set", name, "^shop", ".*", "").ok();
        Typed self = Typed.at(node).with("TALLY_USER", name).with("TALLY_PASSWORD", "first");
        self.run("queues", "list").ok();
        self.run("users", "list").refused(1, "needs the tag administrator");

        // Other tags keep the password, another password the tags.
        typed.run("users", "tags", name, "monitoring", "x").ok();
        self.run("queues", "list").ok();
        typed.with("TALLY_NEW_PASSWORD", "second")
                .run("users", "password", name)
                .ok();
        self.run("queues", "list").refused(1, "Login failed");
        self.with("TALLY_PASSWORD", "second").run("queues", "list").ok();
        JsonNode row = named(typed.run("users", "list", "--json").ok().json(), "name", name);
        assertEquals("[\"monitoring\",\"x\"]", row.path("tags").toString());

        JsonNode permission = typed.run("permissions", "list", "--of-user", name, "--json")
                .ok()
                .json()
                .get(0);
        assertEquals("^shop", permission.path("configure").asText());
        assertEquals("", permission.path("read").asText());
        typed.run("permissions", "clear", name).ok();
        typed.run("users", "delete", name).ok();
        typed.run("users", "delete", name).refused(1, "(404)");
        assertTrue(typed.run("audit", "--filter", name).ok().out().contains("user.delete"));
    }

    @Test
    void aPasswordIsTypedTwice(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("users", "add", "nobody").refused(2, "there is no new password");
        typed.asked(q -> q.startsWith("Once") ? "other".toCharArray() : "one".toCharArray())
                .run("users", "add", "nobody")
                .refused(2, "the two passwords differ");
        typed.typing("").run("users", "add", "nobody", "--password-stdin").refused(2, "is empty");
    }

    @Test
    void aPasswordThatIsNoTextIsNotTakenForAnother(TallyNode node) {
        Typed.at(node)
                .reading(new ByteArrayInputStream("pässword\n".getBytes(StandardCharsets.ISO_8859_1)))
                .run("users", "add", "latin", "--password-stdin")
                .refused(2, "the standard input is not UTF-8");
    }

    /** A node that answers each look at a user with this status, and whatever was asked of it. */
    private static List<String> asked(int status, int code, String... command) throws IOException {
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            boolean looks = exchange.getRequestMethod().equals("GET");
            seen.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            exchange.getRequestBody().readAllBytes();
            byte[] body = (looks ? "{\"tags\":[]}" : "").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(looks ? status : 204, looks ? body.length : -1);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            Typed.Said said = Typed.nowhere()
                    .with("TALLY_ADDRESS", "127.0.0.1:" + server.getAddress().getPort())
                    .with("TALLY_NEW_PASSWORD", "x")
                    .run(command);
            assertEquals(code, said.code(), said::toString);
        } finally {
            server.stop(0);
        }
        return seen;
    }

    /** A node that is behind has a password of yesterday, which would be everybody's again. */
    @Test
    void whatIsPutBackIsWhatTheClusterHas() throws IOException {
        List<String> all = List.of("GET /api/users/x?consistency=linearizable", "PUT /api/users/x");
        assertEquals(all, asked(200, 0, "users", "tags", "x", "monitoring"));
        assertEquals(all, asked(200, 0, "users", "password", "x"));
        assertEquals(all, asked(404, 0, "users", "add", "x"));
        for (int status : new int[] {403, 500, 503}) {
            assertEquals(all.subList(0, 1), asked(status, 1, "users", "add", "x"));
        }
    }

    @Test
    void topicPermissions(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("users", "add", "topical", "--no-password").ok();
        typed.run("topic-permissions", "set", "topical", "amq.topic", "^a\\.", "^b\\.")
                .ok();
        JsonNode row = typed.run("topic-permissions", "list", "--of-user", "topical", "--json")
                .ok()
                .json()
                .get(0);
        assertEquals("^a\\.", row.path("write").asText());
        typed.run("topic-permissions", "clear", "topical", "amq.topic").ok();
        assertEquals(
                0,
                typed.run("topic-permissions", "list", "--of-user", "topical", "--json")
                        .ok()
                        .json()
                        .size());
        for (String exchange : new String[] {"amq.topic", ""}) {
            typed.run("topic-permissions", "set", "topical", exchange, "a", "b").ok();
        }
        typed.run("topic-permissions", "clear", "topical", "").ok(); // the default exchange's alone
        assertEquals(
                "amq.topic",
                typed.run("topic-permissions", "list", "--of-user", "topical", "--json")
                        .ok()
                        .json()
                        .path(0)
                        .path("exchange")
                        .asText());
        typed.run("users", "delete", "topical").ok();
    }

    @Test
    void virtualHostsAndTheirLimits(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("vhosts", "add", "/shop/ü", "--description", "the shop", "--tags", "a,b")
                .ok();
        typed.run("vhosts", "protect", "/shop/ü").ok();
        typed.run("vhosts", "delete", "/shop/ü").refused(1, "is protected from deletion");
        typed.run("vhosts", "protect", "/shop/ü", "--off").ok();
        typed.run("limits", "set", "vhost", "/shop/ü", "max-queues", "1").ok();
        typed.run("queues", "declare", "one", "-v", "/shop/ü").refused(1, "(403)"); // no permissions there yet
        typed.run("permissions", "set", "guest", ".*", ".*", ".*", "-v", "/shop/ü")
                .ok();
        typed.run("queues", "declare", "one", "-v", "/shop/ü").ok();
        typed.run("queues", "declare", "two", "-v", "/shop/ü").refused(1, "limit");
        assertTrue(typed.run("limits", "list").ok().out().contains("max-queues"));
        typed.run("limits", "clear", "vhost", "/shop/ü").ok();
        assertFalse(typed.run("limits", "list").ok().out().contains("max-queues"));
        typed.run("limits", "set", "host", "x", "y", "1").refused(2, "expected one of [vhost, user]");
        typed.run("vhosts", "delete", "/shop/ü").ok();
        assertFalse(typed.run("vhosts", "list").ok().out().contains("/shop/ü"));
    }
}
