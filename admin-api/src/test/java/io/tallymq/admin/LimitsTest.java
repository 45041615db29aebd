package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.admin.request.AdminConfig;
import io.tallymq.broker.view.BrokerView;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one client may ask of the server, and that others are served meanwhile. */
class LimitsTest {
    private static final String LOGIN = "Host: x\r\nAuthorization: " + Admin.ROOT_LOGIN + "\r\n";

    private static AdminConfig.Limits limits(int connections, int waiting) {
        return new AdminConfig.Limits(connections, connections, 1024, 2048, 4096, 10_000, waiting, 2);
    }

    private static AdminConfig quick(AdminConfig config) {
        Duration brief = Duration.ofMillis(200);
        return config.withTimeouts(
                AdminConfig.Timeouts.DEFAULT.withRequest(brief).withIdle(brief));
    }

    @Test
    void longRequestLine() throws IOException {
        try (var admin = new Admin(c -> c.withLimits(limits(9, 9)));
                var raw = new RawClient(admin.port)) {
            raw.write("GET /" + "x".repeat(2000) + " HTTP/1.1\r\n" + LOGIN + "\r\n");
            String[] answer = raw.answer();
            assertEquals("HTTP/1.1 414 Request-URI Too Long", answer[0]);
            assertTrue(answer[1].contains("\"reason\""), answer[1]);
            assertTrue(raw.closed());
        }
    }

    @Test
    void longHeaders() throws IOException {
        try (var admin = new Admin(c -> c.withLimits(limits(9, 9)));
                var raw = new RawClient(admin.port)) {
            raw.write("GET / HTTP/1.1\r\nX: " + "x".repeat(4000) + "\r\n\r\n");
            assertEquals("HTTP/1.1 431 Request Header Fields Too Large", raw.answer()[0]);
            assertTrue(raw.closed());
        }
    }

    @Test
    void largeBody() throws IOException {
        try (var admin = new Admin(c -> c.withLimits(limits(9, 9)));
                var raw = new RawClient(admin.port)) {
            raw.write("GET /api/cluster HTTP/1.1\r\n" + LOGIN + "Content-Length: 100000\r\n\r\n" + "x".repeat(50_000));
            String[] answer = raw.answer();
            assertEquals("HTTP/1.1 413 Request Entity Too Large", answer[0]);
            assertTrue(answer[1].contains("4096"), answer[1]);
            assertTrue(raw.closed());
        }
    }

    @Test
    void endlessChunks() throws IOException {
        try (var admin = new Admin(c -> c.withLimits(limits(9, 9)));
                var raw = new RawClient(admin.port)) {
            raw.write("GET /api/cluster HTTP/1.1\r\n" + LOGIN + "Transfer-Encoding: chunked\r\n\r\n");
            String chunk = "400\r\n" + "x".repeat(0x400) + "\r\n";
            raw.write(chunk.repeat(5));
            assertEquals("HTTP/1.1 413 Request Entity Too Large", raw.answer()[0]);
        }
    }

    @Test
    void noise() throws IOException {
        try (var admin = new Admin();
                var raw = new RawClient(admin.port)) {
            raw.write("\u0016\u0003\u0001 hello\r\n\r\n");
            assertEquals("HTTP/1.1 400 Bad Request", raw.answer()[0]);
            assertTrue(raw.closed());
        }
    }

    /** Where one server sees the end of a request another one must not see it elsewhere. */
    @Test
    void twoLengthsAreRefused() throws IOException {
        try (var admin = new Admin();
                var raw = new RawClient(admin.port)) {
            raw.write("GET /api/cluster HTTP/1.1\r\n" + LOGIN + "Content-Length: 5\r\nContent-Length: 0\r\n\r\n");
            assertEquals("HTTP/1.1 400 Bad Request", raw.answer()[0]);
            assertTrue(raw.closed());
        }
    }

    /** The same, with what another server may understand in another way: this one takes none of it, and nothing behind it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
                "Content-Length: 5, 5\r\n\r\nhello",
                "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
                "Content-Length: +5\r\n\r\nhello",
                "Content-Length: -1\r\n\r\n",
                "Content-Length : 5\r\n\r\nhello",
                "X: a\r\n b\r\n\r\n",
                "X: a\r\n\tb\r\n\r\n",
                " X: a\r\n\r\n",
                "Transfer-Encoding: xchunked\r\n\r\n",
                "Transfer-Encoding: chunked, identity\r\n\r\n",
                "Transfer-Encoding: gzip\r\n\r\n",
                "Host: y\r\n\r\n",
                "Authorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\n\r\n"
            })
    void whatCanBeReadInTwoWaysIsRefused(String headers) throws IOException {
        try (var admin = new Admin();
                var raw = new RawClient(admin.port)) {
            raw.write("GET /api/cluster HTTP/1.1\r\n" + LOGIN + headers + "GET /api/overview HTTP/1.1\r\n" + LOGIN
                    + "\r\n");
            assertEquals("HTTP/1.1 400 Bad Request", raw.answer()[0]);
            assertNull(raw.line(), "nothing behind it is answered");
        }
    }

    /** Behind another request, with or without a body, in one write. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n",
                "Content-Length: 5\r\n\r\n\n b\n ",
                "Transfer-Encoding: chunked\r\n\r\n5\r\n\n b\n \r\n0\r\n\r\n"
            })
    void aHeaderOfALaterRequestThatGoesOnInTheNextLineIsRefused(String rest) throws IOException {
        try (var admin = new Admin();
                var raw = new RawClient(admin.port)) {
            raw.write("GET /api/cluster HTTP/1.1\r\n" + LOGIN + rest + "GET /api/overview HTTP/1.1\r\n" + LOGIN
                    + "X: a\r\n b\r\n\r\nGET /api/overview HTTP/1.1\r\n" + LOGIN + "\r\n");
            assertEquals("HTTP/1.1 200 OK", raw.answer()[0]);
            assertEquals("HTTP/1.1 400 Bad Request", raw.answer()[0]);
            assertNull(raw.line(), "nothing behind it is answered");
        }
    }

    /** However its bytes come. */
    @Test
    void aHeaderThatGoesOnInTheNextLineIsRefusedByteByByte() throws IOException {
        try (var admin = new Admin();
                var raw = new RawClient(admin.port)) {
            raw.write("GET /api/cluster HTTP/1.1\r\n" + LOGIN + "X: a\r\n");
            for (String one : "\tb\r\n\r\n".split("")) {
                raw.write(one);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
            String[] answer = raw.answer();
            assertEquals("HTTP/1.1 400 Bad Request", answer[0]);
            assertTrue(answer[1].contains("one line"), answer[1]);
            assertNull(raw.line());
        }
    }

    /** What comes behind the last answer of a connection is not done either: another server may take it for a part of the request before it. */
    @ParameterizedTest
    @ValueSource(strings = {"Host: y\r\n\r\n", "Connection: close\r\n\r\n", "X: a\r\n b\r\n\r\n"})
    void nothingBehindTheLastAnswerIsDone(String headers) throws IOException {
        var done = new AtomicInteger();
        try (var admin = new Admin();
                var raw = new RawClient(admin.port)) {
            admin.broker.onRead = done::incrementAndGet;
            raw.write("GET /api/cluster HTTP/1.1\r\n" + LOGIN + headers + "GET /api/queues HTTP/1.1\r\n" + LOGIN
                    + "\r\n");
            assertTrue(raw.closed());
            while (admin.server.connections() > 0) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
            assertEquals(0, done.get());
        }
    }

    /** Its body may come or not, so nothing behind it is a request. */
    @ParameterizedTest
    @ValueSource(strings = {"", "Content-Length: 100\r\n", "Transfer-Encoding: chunked\r\n"})
    void whatIsExpectedInVainEndsTheConnection(String framing) throws IOException {
        var done = new AtomicInteger();
        try (var admin = new Admin();
                var raw = new RawClient(admin.port)) {
            admin.broker.onRead = done::incrementAndGet;
            raw.write("POST /api/login HTTP/1.1\r\n" + LOGIN + framing
                    + "Expect: tea\r\n\r\nGET /api/queues HTTP/1.1\r\n" + LOGIN + "\r\n");
            assertEquals("HTTP/1.1 417 Expectation Failed", raw.answer()[0]);
            assertNull(raw.line(), "nothing behind it is answered");
            while (admin.server.connections() > 0) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
            assertEquals(0, done.get());
        }
    }

    /** An answer without its body belongs to the request that wants none, wherever it stands among others. */
    @Test
    void answersToHeadHaveNoBodyAmongOthers() throws IOException {
        try (var admin = new Admin();
                var raw = new RawClient(admin.port)) {
            String rest = " HTTP/1.1\r\n" + LOGIN + "\r\n";
            raw.write("GET /api/whoami" + rest + "HEAD /api/whoami" + rest + "HEAD /api/queues" + rest
                    + "GET /api/whoami" + rest);
            assertTrue(raw.answer()[1].startsWith("{\"name\":\"root\""));
            for (int head = 0; head < 2; head++) {
                assertEquals("HTTP/1.1 200 OK", raw.line());
                while (!raw.line().isEmpty()) {
                    // a header
                }
            }
            assertTrue(raw.answer()[1].startsWith("{\"name\":\"root\""));
        }
    }

    /** Its length is one that the decoder reads, too: what is no header is no header of the next request. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1\r\nContent-Length: 00000000000000000000",
                "HTTP/1.1\r\nContent-Length:                                                            ",
                "HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 0\r\nContent-Length: ",
                "HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: LENGTH\r\nContent-Length: 0"
            })
    void aLengthIsReadAsTheDecoderReadsIt(String framing) throws IOException {
        String body = "a\nContent-Length: 100000\n\n";
        boolean last = framing.endsWith("0\r\nContent-Length: ");
        String head = framing.contains("LENGTH")
                ? framing.replace("LENGTH", "" + body.length())
                : framing + (last ? "100000" : body.length());
        try (var admin = new Admin();
                var raw = new RawClient(admin.port)) {
            raw.write("GET /api/cluster " + head + "\r\n" + LOGIN + "\r\n" + (last ? "" : body)
                    + "GET /api/overview HTTP/1.1\r\n" + LOGIN + "X: a\r\n b\r\n\r\n");
            assertEquals("HTTP/1.1 200 OK", raw.answer()[0]);
            assertEquals("HTTP/1.1 400 Bad Request", raw.answer()[0]);
            assertNull(raw.line(), "nothing behind it is answered");
        }
    }

    /** The headers of a request came with the request before it, and its body did not: that has lines that begin with blanks. */
    @Test
    void aBodyIsNoHeader() throws Exception {
        try (var admin = new Admin();
                var raw = new RawClient(admin.port)) {
            String body = "{\n  \"password\": \"x\"\n}";
            for (String framing : List.of("Content-Length: " + body.length(), "Transfer-Encoding: chunked")) {
                boolean chunks = framing.endsWith("chunked");
                raw.write("GET /api/cluster HTTP/1.1\r\n" + LOGIN + "\r\nPOST /api/auth/hash_password HTTP/1.1\r\n"
                        + LOGIN + framing + "\r\n\r\n");
                assertEquals("HTTP/1.1 200 OK", raw.answer()[0]);
                raw.write(chunks ? Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n" : body);
                assertEquals("HTTP/1.1 200 OK", raw.answer()[0], framing);
            }
        }
    }

    @Test
    void aRequestWithoutHostIsRefused() throws IOException {
        try (var admin = new Admin();
                var raw = new RawClient(admin.port)) {
            raw.write("GET /api/cluster HTTP/1.1\r\nAuthorization: " + Admin.ROOT_LOGIN + "\r\n\r\n");
            assertEquals("HTTP/1.1 400 Bad Request", raw.answer()[0]);
            assertTrue(raw.closed());
        }
    }

    @Test
    void halfABodyIsClosed() throws IOException {
        try (var admin = new Admin(LimitsTest::quick);
                var raw = new RawClient(admin.port)) {
            raw.write("GET /api/cluster HTTP/1.1\r\n" + LOGIN + "Content-Length: 100\r\n\r\nhalf");
            assertTrue(raw.closed());
        }
    }

    @Test
    void refusalsAreCounted() throws IOException {
        try (var admin = new Admin(c -> c.withLimits(limits(1, 9)))) {
            for (int i = 0; i < 20; i++) {
                assertEquals(
                        401,
                        admin.send("GET", "/api/overview", Admin.basic("root", "wrong" + i))
                                .statusCode());
            }
            assertEquals(20, admin.server.refused());
            try (var raw = new RawClient(admin.port)) {
                assertEquals("HTTP/1.1 503 Service Unavailable", raw.answer()[0]);
            }
            assertEquals(21, admin.server.refused());
            assertEquals(200, admin.get("/api/cluster").statusCode());
        }
    }

    @Test
    void silentClientIsClosed() throws IOException {
        try (var admin = new Admin(LimitsTest::quick);
                var raw = new RawClient(admin.port)) {
            assertTrue(raw.closed());
        }
    }

    @Test
    void clientThatNeverEndsItsRequestIsClosed() throws IOException {
        try (var admin = new Admin(
                        c -> c.withTimeouts(AdminConfig.Timeouts.DEFAULT.withRequest(Duration.ofMillis(200))));
                var raw = new RawClient(admin.port)) {
            raw.write("GET /api/cluster HTTP/1.1\r\n");
            var writer = CompletableFuture.runAsync(() -> drip(raw));
            assertTrue(raw.closed());
            writer.join();
        }
    }

    /** A byte of a header now and then: never idle, never done. Ends when the connection does. */
    private static void drip(RawClient raw) {
        try {
            while (true) {
                raw.write("X");
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        } catch (IOException e) {
            // Closed, as it should be.
        }
    }

    /** He keeps the place of a connection, and what was made of his answer, for so long only. */
    @Test
    void aClientThatReadsNothingIsClosed() throws IOException {
        try (var brief = new Admin(c -> c.withTimeouts(c.timeouts().withWrite(Duration.ofMillis(300))));
                var raw = new RawClient(brief.port)) {
            brief.broker.view = FakeView.many(20_000);
            raw.write("GET /api/queues HTTP/1.1\r\n" + LOGIN + "\r\n");
            assertEquals("HTTP/1.1 200 OK", raw.line());
            while (brief.server.connections() > 0) {
                Thread.onSpinWait();
            }
            assertTrue(raw.closed());
        }
    }

    @Test
    void connectionLimit() throws IOException {
        try (var admin = new Admin(c -> c.withLimits(limits(1, 9)));
                var first = new RawClient(admin.port)) {
            first.write("GET /api/cluster HTTP/1.1\r\n" + LOGIN + "\r\n");
            assertEquals("HTTP/1.1 200 OK", first.answer()[0]);
            try (var second = new RawClient(admin.port)) {
                assertEquals("HTTP/1.1 503 Service Unavailable", second.answer()[0]);
                assertTrue(second.closed());
            }
            first.write("GET /api/cluster HTTP/1.1\r\n" + LOGIN + "\r\n");
            assertEquals("HTTP/1.1 200 OK", first.answer()[0]);
        }
    }

    /** Who is unknown takes some places at most, and gives them back with a login. */
    @Test
    void connectionsOfAnAddressThatShowNoLogin() throws IOException {
        UnaryOperator<AdminConfig> two = c -> c.withLimits(limits(9, 9).withConnections(9, 2));
        try (var admin = new Admin(two);
                var first = new RawClient(admin.port);
                var second = new RawClient(admin.port)) {
            first.write("GET /api/health/checks/alive HTTP/1.1\r\nHost: x\r\n\r\n");
            assertEquals("HTTP/1.1 401 Unauthorized", first.answer()[0]);
            second.write(
                    "GET /api/cluster HTTP/1.1\r\nHost: x\r\nAuthorization: " + Admin.basic("root", "no") + "\r\n\r\n");
            assertEquals("HTTP/1.1 401 Unauthorized", second.answer()[0]);
            try (var third = new RawClient(admin.port)) {
                String[] answer = third.answer();
                assertEquals("HTTP/1.1 503 Service Unavailable", answer[0]);
                assertTrue(answer[1].contains("http.newcomers-per-address"), answer[1]);
                assertTrue(third.closed());
            }
            first.write("GET /api/cluster HTTP/1.1\r\n" + LOGIN + "\r\n");
            assertEquals("HTTP/1.1 200 OK", first.answer()[0]);
            assertEquals(1, admin.server.newcomers().count());
            try (var fourth = new RawClient(admin.port)) {
                fourth.write("GET /api/cluster HTTP/1.1\r\n" + LOGIN + "\r\n");
                assertEquals("HTTP/1.1 200 OK", fourth.answer()[0]);
            }
        }
    }

    @Test
    void requestsInOnePacketAreAnsweredInOrder() throws IOException {
        try (var admin = new Admin();
                var raw = new RawClient(admin.port)) {
            raw.write(("GET /api/overview HTTP/1.1\r\n" + LOGIN + "\r\n")
                    + ("GET /api/whoami HTTP/1.1\r\n" + LOGIN + "\r\n")
                    + ("GET /api/queues HTTP/1.1\r\n" + LOGIN + "\r\n"));
            assertTrue(raw.answer()[1].contains("cluster_name"));
            assertTrue(raw.answer()[1].startsWith("{\"name\":\"root\""));
            assertTrue(raw.answer()[1].startsWith("[{"));
        }
    }

    @Test
    void aStuckBrokerKeepsNoHealthCheckWaiting() throws Exception {
        var stuck = new CountDownLatch(AdminServer.READERS);
        var release = new CountDownLatch(1);
        try (var admin = new Admin(c -> c.withLimits(limits(64, 2)))) {
            BrokerView free = admin.broker.view;
            admin.broker.onRead = () -> {
                stuck.countDown();
                await(release);
            };
            List<CompletableFuture<Integer>> waiting = new ArrayList<>();
            for (int i = 0; i < AdminServer.READERS; i++) {
                waiting.add(CompletableFuture.supplyAsync(
                        () -> admin.get("/api/queues").statusCode(), r -> new Thread(r).start()));
            }
            assertTrue(stuck.await(30, TimeUnit.SECONDS));
            assertEquals(200, admin.get("/api/health/checks/alive").statusCode());
            assertEquals(200, admin.get("/api/cluster").statusCode());
            release.countDown();
            for (var answer : waiting) {
                assertEquals(200, answer.get(30, TimeUnit.SECONDS));
            }
            assertEquals(free, admin.broker.view);
        }
    }

    @Test
    void moreRequestsThanMayWaitAreTurnedAway() throws Exception {
        var release = new CountDownLatch(1);
        try (var admin = new Admin(c -> c.withLimits(limits(64, 1)))) {
            admin.broker.onRead = () -> await(release);
            List<CompletableFuture<Integer>> answers = new ArrayList<>();
            var turnedAway = new CompletableFuture<Integer>();
            for (int i = 0; i < AdminServer.READERS + 2; i++) {
                var answer = CompletableFuture.supplyAsync(
                        () -> admin.get("/api/queues").statusCode(), r -> new Thread(r).start());
                answers.add(answer.whenComplete((code, error) -> {
                    if (code != null && code == 503) {
                        turnedAway.complete(code);
                    }
                }));
            }
            assertEquals(503, turnedAway.get(30, TimeUnit.SECONDS));
            release.countDown();
            for (var answer : answers) {
                answer.get(30, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void anAnswerThatTakesTooLongIsATimeout() throws Exception {
        var release = new CountDownLatch(1);
        try (var admin =
                new Admin(c -> c.withTimeouts(AdminConfig.Timeouts.DEFAULT.withAnswer(Duration.ofMillis(200))))) {
            admin.broker.onRead = () -> await(release);
            var response = admin.get("/api/queues");
            assertEquals(503, response.statusCode());
            assertEquals("timeout", Admin.parse(response).get("error").asText());
            release.countDown();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
