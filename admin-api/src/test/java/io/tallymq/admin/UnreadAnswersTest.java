package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.admin.http.AnswerRoom;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.view.BrokerView.Counters;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import java.io.IOException;
import java.util.Base64;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Answers are in memory until their clients have read them: how many there may be is bounded for who reads nothing, too. */
class UnreadAnswersTest {
    private static final String GET_BODY =
            "{\"count\":20,\"ackmode\":\"ack_requeue_true\",\"encoding\":\"auto\",\"truncate\":%d}";

    private final AccessFixture on = new AccessFixture();

    UnreadAnswersTest() throws IOException {}

    /** Seven megabytes of what JSON makes six times as much of: no socket takes all of that. */
    private void fill() {
        on.permit("root", "/", ".*", ".*", ".*");
        on.put(201, "/api/queues/%2F/q", "{\"arguments\":{\"x-queue-type\":\"quorum\"}}");
        String body = "{\"routing_key\":\"q\",\"payload_encoding\":\"base64\",\"payload\":\""
                + Base64.getEncoder().encodeToString(new byte[700_000]) + "\"}";
        for (int i = 0; i < 10; i++) {
            on.send(200, "POST", "/api/exchanges/%2F/amq.default/publish", body);
        }
    }

    private static String request(String method, String path, String body) {
        return method + " " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: " + Admin.ROOT_LOGIN
                + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private void assertTwoThatReadNothing(String method, String path, String all, String little) throws IOException {
        try (var a = new RawClient(on.admin.port);
                var b = new RawClient(on.admin.port)) {
            for (RawClient client : new RawClient[] {a, b}) {
                client.write(request(method, path + "?count=20&truncate=1000000", all));
                assertEquals("HTTP/1.1 200 OK", client.line());
            }
            assertTrue(on.send(503, method, path + "?truncate=1", little).contains("overloaded"));
        }
        while (on.admin
                        .send(method, path + "?truncate=1", little, Admin.ROOT_LOGIN)
                        .statusCode()
                != 200) {
            Thread.onSpinWait(); // it is noticed that they have gone
        }
    }

    @Test
    void whoReadsNothingKeepsItsPlaceAmongThoseThatLook() throws IOException {
        try (on) {
            fill();
            assertTwoThatReadNothing("GET", "/api/queues/%2F/q/peek", "", "");
        }
    }

    @Test
    void whoReadsNothingKeepsItsPlaceAmongThoseThatGet() throws IOException {
        try (on) {
            fill();
            assertTwoThatReadNothing(
                    "POST", "/api/queues/%2F/q/get", GET_BODY.formatted(1_000_000), GET_BODY.formatted(1));
        }
    }

    @Test
    void whatIsLookedAtHasToHaveRoom() throws IOException {
        try (on) {
            on.permit("root", "/", ".*", ".*", ".*");
            on.put(201, "/api/queues/%2F/q", "");
            String large = "/api/openapi.json";
            on.get(200, large);
            on.admin.server.answers().take(AnswerRoom.BYTES);
            assertTrue(on.get(503, large).contains("overloaded"));
            on.get(200, "/api/whoami");
            on.put(204, "/api/queues/%2F/q", "");
            on.admin.server.answers().give(AnswerRoom.BYTES);
            on.get(200, large);
        }
    }

    @Test
    void aPageIsCountedUntilItIsRead() throws IOException {
        try (on;
                var admin = new Admin()) {
            var spec = new QueueSpec(true, false, false, new Arguments(Map.of("x-long", "x".repeat(48 << 10))));
            var none = new Counters(0, 0, 0, 0, 0, 0);
            var queue = new QueueInfo("/", "q", spec, null, null, 0, 0, 0, 0, 0, none, null);
            admin.broker.view = FakeView.withQueues(Collections.nCopies(500, queue));
            String page = "/api/queues?page=1&page_size=500";
            try (var a = new RawClient(admin.port);
                    var b = new RawClient(admin.port)) {
                int bytes = 0;
                for (RawClient client : new RawClient[] {a, b}) {
                    client.write(request("GET", page, ""));
                    assertEquals("HTTP/1.1 200 OK", client.line());
                    bytes += 500 * (48 << 10);
                    assertTrue(admin.server.waitingAnswers() > bytes);
                }
                assertEquals(503, admin.get(page).statusCode());
            }
            while (admin.server.waitingAnswers() > 0) {
                Thread.onSpinWait(); // it is noticed that it has gone
            }
            assertEquals(200, admin.get(page).statusCode());
        }
    }
}
