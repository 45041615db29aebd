package io.tallymq.admin.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.admin.Admin;
import io.tallymq.admin.RawClient;
import io.tallymq.admin.request.AdminConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies whose length nobody tells before are counted as they come, by the limit of their path. */
class BodyLimitTest {
    @ParameterizedTest
    @CsvSource({
        "/api/users/x, 65536, 413",
        "/api/users/x?name=/api/definitions, 65536, 413",
        "/api/exchanges/%2F/x/publish, 1048576, 413",
        "/api/exchanges/%2F/x, 65536, 413",
        "/api/definitions/x, 16777216, 413",
        "/api/definitionsx, 65536, 413",
        "/api/login, 8192, 413",
        "/api/%6Cogin/?x=y, 8192, 413",
    })
    void chunksAreCounted(String path, int limit, int status) throws IOException {
        try (var admin = new Admin()) {
            assertEquals(status, send(admin, path, limit + 1));
            int within = send(admin, path, limit);
            assertTrue(within == 400 || within == 404 || within == 405, "" + within);
        }
    }

    private static int send(Admin admin, String path, int length) {
        byte[] body = "x".repeat(length).getBytes(StandardCharsets.US_ASCII);
        return admin.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port + path))
                        .header("Authorization", Admin.ROOT_LOGIN)
                        .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
                        .build())
                .statusCode();
    }

    /** They are told at the head of a request who may not send its body, and take no room that others need. */
    @Test
    void strangersTakeNoRoom() throws IOException {
        String head = "POST /api/definitions HTTP/1.1\r\nHost: x\r\n%sContent-Length: " + BodyLimit.DEFINITIONS_BYTES
                + "\r\n\r\n";
        String chunked = "POST /api/definitions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n11000\r\n"
                + "x".repeat(0x11000) + "\r\n";
        try (var admin = new Admin();
                var a = new RawClient(admin.port);
                var b = new RawClient(admin.port);
                var c = new RawClient(admin.port);
                var d = new RawClient(admin.port)) {
            a.write(head.formatted(""));
            assertEquals("HTTP/1.1 401 Unauthorized", a.line());
            b.write(head.formatted("Authorization: " + Admin.basic("root", "wrong") + "\r\n"));
            assertEquals("HTTP/1.1 401 Unauthorized", b.line());
            c.write(chunked);
            assertEquals("HTTP/1.1 401 Unauthorized", c.line());
            d.write(head.formatted("Authorization: " + Admin.basic("app", "app") + "\r\n"));
            assertEquals("HTTP/1.1 403 Forbidden", d.line());
            assertEquals(400, send(admin, "/api/definitions", 100_000), "not JSON, but there is room for it");
        }
    }

    /** What comes behind a large body in one packet waits for it. */
    @Test
    void theNextRequestIsAnsweredAfterALargeOne() throws IOException {
        String login = "Host: x\r\nAuthorization: " + Admin.ROOT_LOGIN + "\r\n";
        try (var admin = new Admin();
                var raw = new RawClient(admin.port)) {
            raw.write("POST /api/definitions HTTP/1.1\r\n" + login + "Content-Length: 70000\r\n\r\n"
                    + "x".repeat(70_000) + "GET /api/whoami HTTP/1.1\r\n" + login + "\r\n");
            assertEquals("HTTP/1.1 400 Bad Request", raw.answer()[0]);
            assertEquals("HTTP/1.1 200 OK", raw.answer()[0]);
        }
    }

    @Test
    void aLargeBodyHasMoreTime() {
        assertEquals(Duration.ofSeconds(10 + 256), AdminConfig.Timeouts.DEFAULT.upload(BodyLimit.DEFINITIONS_BYTES));
    }

    /** So many large ones at a time; each gives its room back with its answer, however it ends. */
    @Test
    void thereIsRoomForSome() throws IOException {
        var room = new BodyLimit.Room(new AtomicLong(), 10);
        assertTrue(room.take(7));
        assertFalse(room.take(4));
        assertTrue(room.take(3));
        room.give(7);
        assertFalse(room.take(8));
        assertTrue(room.take(7));
        try (var admin = new Admin()) {
            for (int i = 0; i < 2 * BodyLimit.Room.BYTES / BodyLimit.DEFINITIONS_BYTES; i++) {
                assertEquals(400, send(admin, "/api/definitions", 100_000), "not JSON, but there is room for it");
                assertEquals(413, send(admin, "/api/definitions", BodyLimit.DEFINITIONS_BYTES + 1));
            }
        }
    }
}
