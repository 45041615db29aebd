package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.admin.request.AdminConfig.SessionLimits;
import io.tallymq.admin.request.Caller;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Logins by form: what a session is good for, and what ends it. */
class LoginApiTest {
    private static final String ROOT_FORM = "username=root&password=s3cret%3Awith%3Acolons";
    private static final String[] PAGE = {"X-Requested-With", "TallyMQ"};

    private static AccessFixture fixture;

    @BeforeAll
    static void start() throws IOException {
        fixture = new AccessFixture();
    }

    @AfterAll
    static void stop() {
        fixture.close();
    }

    @BeforeEach
    void noSessions() {
        fixture.admin.nanos.addAndGet(Duration.ofHours(9).toNanos());
    }

    private static HttpResponse<String> send(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + fixture.admin.port + path))
                .timeout(Duration.ofSeconds(30))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return fixture.admin.send(request.build());
    }

    private static HttpResponse<String> asPage(String method, String path, String cookie) {
        return send(method, path, "", "Cookie", cookie, PAGE[0], PAGE[1]);
    }

    private static String setCookie(HttpResponse<String> answer) {
        return answer.headers().firstValue("Set-Cookie").orElse("");
    }

    private static String login(String form) {
        HttpResponse<String> answer = send("POST", "/api/login", form, PAGE);
        assertEquals(200, answer.statusCode(), answer.body());
        String cookie = setCookie(answer);
        return cookie.substring(0, cookie.indexOf(';'));
    }

    private static int status(String cookie) {
        return asPage("GET", "/api/whoami", cookie).statusCode();
    }

    @Test
    void aLoginTellsWhoItIsAndGivesACookie() {
        HttpResponse<String> answer = send("POST", "/api/login", ROOT_FORM);
        assertEquals(200, answer.statusCode());
        assertEquals("{\"name\":\"root\",\"tags\":[\"administrator\"]}", answer.body());
        String flags = "; Path=/; HttpOnly; SameSite=Strict";
        String cookie = setCookie(answer);
        assertTrue(cookie.matches("tallymq_" + fixture.admin.port + "=[A-Za-z0-9_-]{43}" + flags), cookie);

        String json = "{\"username\":\"root\",\"password\":\"s3cret:with:colons\"}";
        assertEquals(200, send("POST", "/api/login", json).statusCode());
        String pair = cookie.substring(0, cookie.indexOf(';'));
        assertEquals(
                200, send("GET", "/api/cluster", "", "Cookie", "a=b; " + pair).statusCode());
        assertEquals(2, fixture.admin.server.sessions());
    }

    @Test
    void aCookieIsOfTlsWhereTheBrowserSpeaksIt() {
        String here = "https://127.0.0.1:" + fixture.admin.port;
        assertTrue(
                setCookie(send("POST", "/api/login", ROOT_FORM, "Origin", here)).endsWith("; Secure"));
        String plain = "http://127.0.0.1:" + fixture.admin.port;
        assertTrue(setCookie(send("POST", "/api/login", ROOT_FORM, "Origin", plain))
                .endsWith("=Strict"));
    }

    @Test
    void aWrongPasswordIsRefused() {
        long refused = fixture.admin.server.refused();
        for (String form : new String[] {"username=root&password=x", "username=nobody&password=x"}) {
            HttpResponse<String> answer = send("POST", "/api/login", form, PAGE);
            assertEquals(401, answer.statusCode());
            assertEquals("", setCookie(answer));
            assertTrue(answer.headers().firstValue("WWW-Authenticate").isEmpty());
        }
        for (String form : new String[] {"", "username=root", "username=ro ot&password=x", "{\"username\":1", "%"}) {
            assertEquals(400, send("POST", "/api/login", form).statusCode(), form);
        }
        assertEquals(0, fixture.admin.server.sessions());
        assertEquals(refused + 2, fixture.admin.server.refused());
    }

    @Test
    void onlyThePageIsNotChallenged() {
        HttpResponse<String> page = send("GET", "/api/whoami", "", PAGE);
        assertEquals(401, page.statusCode());
        assertTrue(page.headers().firstValue("WWW-Authenticate").isEmpty());
        assertTrue(send("GET", "/api/whoami", "")
                .headers()
                .firstValue("WWW-Authenticate")
                .isPresent());
        // A session does not make up for a wrong password.
        String cookie = login(ROOT_FORM);
        String wrong = Admin.basic("root", "wrong");
        assertEquals(
                401,
                send("GET", "/api/whoami", "", "Cookie", cookie, "Authorization", wrong)
                        .statusCode());
    }

    @Test
    void logoutEndsTheSession() {
        for (String[] how : new String[][] {{"POST", "/api/logout"}, {"DELETE", "/api/login"}}) {
            String cookie = login(ROOT_FORM);
            String other = login(ROOT_FORM);
            HttpResponse<String> answer = asPage(how[0], how[1], cookie);
            assertEquals(204, answer.statusCode());
            assertTrue(setCookie(answer).contains("Max-Age=0"), setCookie(answer));
            assertEquals(401, status(cookie));
            assertEquals(200, status(other));
            assertEquals(204, asPage(how[0], how[1], cookie).statusCode());
        }
        assertEquals(401, status("tallymq_" + fixture.admin.port + "=AAAA"));
    }

    @Test
    void aSessionEndsByTime() {
        String used = login(ROOT_FORM);
        String idle = login(ROOT_FORM);
        for (int i = 1; i < 16; i++) {
            fixture.admin.nanos.addAndGet(Duration.ofMinutes(29).toNanos());
            assertEquals(200, status(used));
        }
        assertEquals(1, fixture.admin.server.sessions());
        assertEquals(401, status(idle));
        fixture.admin.nanos.addAndGet(Duration.ofMinutes(29).toNanos());
        assertEquals(200, status(used));
        fixture.admin.nanos.addAndGet(Duration.ofMinutes(16).toNanos());
        assertEquals(401, status(used));
        String last = login(ROOT_FORM);
        fixture.admin.nanos.addAndGet(Duration.ofMinutes(30).toNanos());
        assertEquals(401, status(last));
    }

    @Test
    void whatChangesSomethingHasToComeFromThePage() {
        String cookie = login(ROOT_FORM);
        String here = "http://127.0.0.1:" + fixture.admin.port;
        String path = "/api/vhosts/a";
        assertEquals(403, send("PUT", path, "{}", "Cookie", cookie).statusCode());
        assertEquals(
                403,
                send("PUT", path, "{}", "Cookie", cookie, PAGE[0], "another").statusCode());
        assertEquals(
                403,
                send("PUT", path, "{}", "Cookie", cookie, "Origin", "http://evil.example")
                        .statusCode());
        assertEquals(
                403,
                send("PUT", path, "{}", "Cookie", cookie, PAGE[0], PAGE[1], "Origin", "http://evil.example")
                        .statusCode());
        assertEquals(404, send("GET", path, "", "Cookie", cookie).statusCode());
        assertEquals(
                201, send("PUT", path, "{}", "Cookie", cookie, "Origin", here).statusCode());
        assertEquals(204, asPage("DELETE", path, cookie).statusCode());
    }

    @Test
    void anotherSitesPageLogsNobodyIn() {
        HttpResponse<String> answer = send("POST", "/api/login", ROOT_FORM, "Origin", "http://evil.example");
        assertEquals(403, answer.statusCode());
        assertEquals("", setCookie(answer));
    }

    @Test
    void aNewPasswordEndsSessionsAndTheUsersRightsAreThoseOfNow() {
        fixture.user("eve", "monitoring");
        String cookie = login("username=eve&password=eve");
        assertEquals(200, asPage("GET", "/api/cluster", cookie).statusCode());

        String kept = "{\"tags\":\"management\",\"password_hash\":\"" + hash("eve") + "\",\"hashing_algorithm\":\""
                + algorithm("eve") + "\"}";
        fixture.put(204, "/api/users/eve", kept);
        assertEquals(200, status(cookie));
        assertEquals(403, asPage("GET", "/api/cluster", cookie).statusCode());

        fixture.put(204, "/api/users/eve", "{\"tags\":\"management\",\"password\":\"new\"}");
        assertEquals(401, status(cookie));
        String again = login("username=eve&password=new");
        fixture.delete(204, "/api/users/eve");
        assertEquals(401, status(again));
        fixture.user("eve", "management");
        assertEquals(401, status(again));
        assertEquals(0, fixture.admin.server.sessions());
    }

    private static String hash(String user) {
        return fixture.json("/api/users/" + user).path("password_hash").asText();
    }

    private static String algorithm(String user) {
        return fixture.json("/api/users/" + user).path("hashing_algorithm").asText();
    }

    @Test
    void anotherLoginOfTheSameBrowserTakesTheFirstOnesPlace() {
        String first = login(ROOT_FORM);
        HttpResponse<String> answer = send("POST", "/api/login", ROOT_FORM, "Cookie", first);
        assertEquals(200, answer.statusCode());
        assertEquals(401, status(first));
        assertEquals(1, fixture.admin.server.sessions());
    }

    @Test
    void aUserHasTwentySessions() {
        String first = login(ROOT_FORM);
        String second = login(ROOT_FORM);
        fixture.admin.nanos.incrementAndGet();
        assertEquals(200, status(first));
        for (int i = 2; i <= 20; i++) {
            fixture.admin.nanos.incrementAndGet();
            login(ROOT_FORM);
        }
        assertEquals(20, fixture.admin.server.sessions());
        assertEquals(200, status(first));
        assertEquals(401, status(second));
    }

    @Test
    void aSessionOutlivesThatAnotherBrokersHashIsReplaced() {
        // RabbitMQ's of "test12": four bytes of salt, then SHA-256 of it and the password.
        String rabbit =
                "{\"tags\":\"management\",\"password_hash\":\"kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR\","
                        + "\"hashing_algorithm\":\"rabbit_password_hashing_sha256\"}";
        fixture.put(201, "/api/users/old", rabbit);
        String cookie = login("username=old&password=test12");
        String ours = "{\"tags\":\"management\",\"password\":\"test12\"}";
        fixture.put(204, "/api/users/old", ours); // what Rehash does
        assertEquals(200, status(cookie));
        assertEquals(200, status(cookie));
        fixture.put(204, "/api/users/old", ours);
        assertEquals(401, status(cookie));
    }

    @Test
    void theLimitIsTold() throws IOException {
        try (var admin =
                new Admin(c -> c.withSessions(new SessionLimits(1, 1, Duration.ofHours(1), Duration.ofHours(1))))) {
            assertEquals(
                    200,
                    admin.send("POST", "/api/login", "username=app&password=app", "x")
                            .statusCode());
            HttpResponse<String> answer = admin.send("POST", "/api/login", "username=maker&password=maker", "x");
            assertEquals(503, answer.statusCode());
            assertTrue(answer.body().contains("http.max-sessions"), answer.body());
            // One's own makes room.
            assertEquals(
                    200,
                    admin.send("POST", "/api/login", "username=app&password=app", "x")
                            .statusCode());
        }
    }

    @Test
    void aTokenIsShownNowhere() {
        String cookie = login(ROOT_FORM);
        String token = cookie.substring(cookie.indexOf('=') + 1);
        var caller = new Caller(InetAddress.getLoopbackAddress(), "localhost", false, token);
        assertFalse(caller.toString().contains(token));
    }
}
