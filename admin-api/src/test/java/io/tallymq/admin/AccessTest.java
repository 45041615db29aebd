package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.admin.request.Caller;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may see what, and what others get. */
class AccessTest {
    private static final InetAddress FAR = address(192, 0, 2, 1);

    private static InetAddress address(int... parts) {
        byte[] bytes = new byte[parts.length];
        for (int i = 0; i < parts.length; i++) {
            bytes[i] = (byte) parts[i];
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private Admin admin;

    @BeforeEach
    void start() throws IOException {
        admin = new Admin();
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api",
                "/api/whoami",
                "/api/overview",
                "/metrix",
                "/api/cluster",
                "/api/health/checks/alive",
                "/api/nosuch"
            })
    void nothingWithoutLogin(String path) {
        HttpResponse<String> response = admin.send("GET", path, null);
        assertEquals(401, response.statusCode());
        assertTrue(response.headers().firstValue("www-authenticate").orElse("").startsWith("Basic realm="));
        assertEquals("not_authorized", Admin.parse(response).get("error").asText());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/page/app.js", "/page/app.css", "/page/uplot.js", "/page/uplot.css", "/favicon.svg"})
    void thePageItselfIsForEverybody(String path) {
        assertEquals(200, admin.send("GET", path, null).statusCode());
        assertEquals(200, admin.send("HEAD", path, null).statusCode());
        assertEquals(405, admin.send("POST", path, null).statusCode());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Basic",
                "Basic ",
                "Basic !!!",
                "Basic cm9vdA==",
                "Bearer cm9vdDpyb290",
                "Basic cm9vdDp3cm9uZw==",
                "Basic bm9ib2R5OnNlY3JldA==",
                "Basic //79"
            })
    void wrongLogins(String login) {
        assertEquals(401, admin.send("GET", "/api/whoami", login).statusCode());
    }

    @Test
    void guestOnlyFromLoopback() throws IOException {
        var users = Admin.users();
        assertTrue(users.authenticate("guest", "guest", here("localhost:15672"))
                .join()
                .isPresent());
        assertTrue(users.authenticate(
                        "guest", "guest", new Caller(address(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), null))
                .join()
                .isPresent());
        assertFalse(users.authenticate("guest", "guest", new Caller(FAR, "127.0.0.1"))
                .join()
                .isPresent());
        assertTrue(users.authenticate("app", "app", new Caller(FAR, "mq.example"))
                .join()
                .isPresent());
        assertEquals(
                200,
                admin.send("GET", "/api/overview", Admin.basic("guest", "guest"))
                        .statusCode());
    }

    private static Caller here(String host) {
        return new Caller(address(127, 0, 0, 1), host);
    }

    /** A page of elsewhere whose name has come to mean 127.0.0.1 is of the same site for its browser. */
    @Test
    void guestOnlyOfWhoCallsThisMachineByNoOtherName() throws IOException {
        var users = Admin.users();
        for (String host : new String[] {"127.0.0.1", "127.0.0.1:15672", "LOCALHOST", "[::1]", "[::1]:15672"}) {
            assertTrue(users.authenticate("guest", "guest", here(host)).join().isPresent(), host);
        }
        for (String host :
                new String[] {"evil.example:15672", "localhost.evil.example", "127.0.0.1.evil.example", "", ":1"}) {
            assertFalse(users.authenticate("guest", "guest", here(host)).join().isPresent(), host);
            assertTrue(users.authenticate("app", "app", here(host)).join().isPresent(), "behind a proxy: " + host);
        }
        try (var raw = new RawClient(admin.port)) {
            raw.write("GET /api/overview HTTP/1.1\r\nHost: evil.example\r\nAuthorization: "
                    + Admin.basic("guest", "guest") + "\r\n\r\n");
            assertEquals("HTTP/1.1 401 Unauthorized", raw.line());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Origin: http://evil.example",
                "Origin: null",
                "Origin: http://127.0.0.1:3000",
                "Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: no-cors"
            })
    void whatAnotherOriginAsksIsRefused(String header) throws IOException {
        try (var raw = new RawClient(admin.port)) {
            raw.write("GET /api/cluster/digest HTTP/1.1\r\nHost: 127.0.0.1:15672\r\n" + header + "\r\nAuthorization: "
                    + Admin.ROOT_LOGIN + "\r\n\r\n");
            assertEquals("HTTP/1.1 403 Forbidden", raw.line());
        }
        assertTrue(admin.broker.submitted.isEmpty());
    }

    @Test
    void theOwnOriginIsServed() throws IOException {
        try (var raw = new RawClient(admin.port)) {
            raw.write("GET /api/cluster HTTP/1.1\r\nHost: mq.example\r\nOrigin: https://mq.example\r\nAuthorization: "
                    + Admin.ROOT_LOGIN + "\r\n\r\n");
            assertEquals("HTTP/1.1 200 OK", raw.line());
        }
    }

    /** As it comes through a reverse proxy that puts in its own Host. */
    @Test
    void whatTheBrowserSaysIsOfItsOwnOriginIsServed() throws IOException {
        try (var raw = new RawClient(admin.port)) {
            raw.write("GET /api/cluster HTTP/1.1\r\nHost: 10.0.0.7:15672\r\nOrigin: https://mq.example\r\n"
                    + "Sec-Fetch-Site: same-origin\r\nAuthorization: " + Admin.ROOT_LOGIN + "\r\n\r\n");
            assertEquals("HTTP/1.1 200 OK", raw.line());
        }
    }

    @Test
    void anOriginThatIsConfiguredIsServed() throws IOException {
        try (var known = new Admin(c -> c.withOrigins(List.of("http://mq.example:8080")))) {
            for (String origin : List.of("http://mq.example:8080", "http://mq.example")) {
                try (var raw = new RawClient(known.port)) {
                    raw.write("GET /api/cluster HTTP/1.1\r\nHost: 10.0.0.7:15672\r\nOrigin: " + origin
                            + "\r\nAuthorization: " + Admin.ROOT_LOGIN + "\r\n\r\n");
                    assertEquals(
                            origin.endsWith("8080") ? "HTTP/1.1 200 OK" : "HTTP/1.1 403 Forbidden", raw.line(), origin);
                }
            }
        }
    }

    @Test
    void aForwardedAddressIsNotThePeer() throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port + "/api/overview"))
                .header("Authorization", Admin.basic("guest", "guest"))
                .header("X-Forwarded-For", "192.0.2.1")
                .build();
        assertEquals(200, admin.send(request).statusCode());
    }

    @Test
    void othersMaySeeWhoTheyAreAndNothingThatIsNotTheirs() {
        String login = Admin.basic("app", "app");
        HttpResponse<String> me = admin.send("GET", "/api/whoami", login);
        assertEquals(200, me.statusCode());
        assertEquals("app", Admin.parse(me).get("name").asText());
        assertEquals("management", Admin.parse(me).at("/tags/0").asText());
        assertEquals("[]", admin.send("GET", "/api/queues", login).body());
        assertEquals(403, admin.send("GET", "/api/queues/%2F", login).statusCode());
        assertEquals(403, admin.send("GET", "/api/nodes", login).statusCode());
        String nobody = Admin.basic("plain", "plain");
        assertEquals(200, admin.send("GET", "/api/whoami", nobody).statusCode());
        assertEquals(403, admin.send("GET", "/api/queues", nobody).statusCode());
    }

    @Test
    void openHealthChecksNeedNoLogin() throws IOException {
        try (var open = new Admin(c -> c.withOpenHealthChecks(true))) {
            assertEquals(200, open.send("GET", "/api/health/checks/alive", null).statusCode());
            assertEquals(
                    200,
                    open.send("GET", "/api/health/checks/ready-to-serve-clients", null)
                            .statusCode());
            assertEquals(
                    401,
                    open.send("GET", "/api/health/checks/confirm-path", null).statusCode());
        }
    }

    @Test
    void unknownResource() {
        HttpResponse<String> response = admin.get("/api/nosuch");
        assertEquals(404, response.statusCode());
        assertTrue(Admin.parse(response).has("reason"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
    void otherMethods(String method) {
        HttpResponse<String> response = admin.send(method, "/api/queues", Admin.ROOT_LOGIN);
        assertEquals(405, response.statusCode());
        assertEquals("GET, HEAD", response.headers().firstValue("allow").orElse(""));
        assertTrue(Admin.parse(response).has("reason"));
        assertFalse(response.headers().firstValue("access-control-allow-origin").isPresent());
    }

    @Test
    void headIsGetWithoutBody() {
        HttpResponse<String> get = admin.get("/api/cluster");
        HttpResponse<String> head = admin.send("HEAD", "/api/cluster", Admin.ROOT_LOGIN);
        assertEquals(200, head.statusCode());
        assertEquals("", head.body());
        assertEquals(get.headers().firstValue("content-length"), head.headers().firstValue("content-length"));
    }

    @Test
    void securityHeaders() {
        for (String path : new String[] {"/", "/api/overview", "/api/nosuch"}) {
            var headers = admin.get(path).headers();
            assertEquals("nosniff", headers.firstValue("x-content-type-options").orElse(""));
            assertEquals("DENY", headers.firstValue("x-frame-options").orElse(""));
            assertEquals("no-store", headers.firstValue("cache-control").orElse(""));
            String policy = headers.firstValue("content-security-policy").orElse("");
            assertTrue(policy.contains("default-src 'none'") && !policy.contains("unsafe"), policy);
        }
    }

    @Test
    void pagesOfOtherSitesAreRefused() {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + admin.port + "/api/cluster/digest"))
                .header("Authorization", Admin.ROOT_LOGIN)
                .header("Sec-Fetch-Site", "cross-site")
                .header("Sec-Fetch-Mode", "no-cors")
                .build();
        assertEquals(403, admin.send(request).statusCode());
        assertTrue(admin.broker.submitted.isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/queues/%2", "/api/queues/%zz", "/api/queues/%ff", "/api/queues?name=%c3"})
    void brokenEncodings(String path) throws IOException {
        try (var raw = new RawClient(admin.port)) {
            raw.write("GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: " + Admin.ROOT_LOGIN + "\r\n\r\n");
            assertEquals("HTTP/1.1 400 Bad Request", raw.line());
        }
    }

    /** What a node's configuration names is nobody in a cluster that has users, and the node may not know of them yet. */
    @Test
    void whoIsNotCertainLooksAndChangesNothing() {
        String early = Admin.basic("early", "early");
        assertEquals(200, admin.send("GET", "/api/overview", early).statusCode());
        for (String path : new String[] {"/api/users/eve", "/api/vhosts/v", "/api/policies/%2F/p"}) {
            HttpResponse<String> response = admin.send("PUT", path, "{\"tags\":\"administrator\"}", early);
            assertEquals(503, response.statusCode());
            assertTrue(response.body().contains("may only look"), response.body());
        }
    }
}
