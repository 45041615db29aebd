package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.cluster.ProbePath;
import io.tallymq.admin.cluster.ReadIndex;
import io.tallymq.admin.request.AdminConfig;
import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.NodeStats;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.timer.Timers;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is told of the node's and the cluster's health, above all when they are not well. */
class HealthTest {
    private static final String CHECKS = "/api/health/checks/";
    private static final Duration BRIEF = Duration.ofMillis(200);

    static AdminConfig impatient(AdminConfig config) {
        return config.withTimeouts(AdminConfig.Timeouts.DEFAULT.withConfirmPath(BRIEF));
    }

    private static NodeStats withAlarms(List<NodeStats.Alarm> alarms) {
        NodeStats plain = Admin.stats();
        return new NodeStats() {
            @Override
            public Machine machine() {
                return plain.machine();
            }

            @Override
            public List<Alarm> alarms() {
                return alarms;
            }

            @Override
            public List<Listener> listeners() {
                return plain.listeners();
            }

            @Override
            public ClientTraffic traffic() {
                return plain.traffic();
            }
        };
    }

    @Test
    void confirmPathWritesOneProbe() throws IOException {
        try (var admin = new Admin()) {
            JsonNode ok = admin.json(CHECKS + "confirm-path");
            assertEquals("ok", ok.get("status").asText());
            assertEquals(42, ok.get("index").asInt());
            assertTrue(ok.get("milliseconds").isNumber());
            assertEquals(1, admin.broker.submitted.size());
            assertEquals(new Probe(false), admin.broker.submitted.get(0).command());
        }
    }

    @Test
    void withoutMajorityConfirmPathFailsAndTheRestIsTrue() throws IOException {
        try (var admin = new Admin(HealthTest::impatient)) {
            admin.broker.status = FakeBroker.alone();
            admin.broker.onSubmit = command -> null;
            HttpResponse<String> failed = admin.get(CHECKS + "confirm-path");
            assertEquals(503, failed.statusCode());
            assertEquals("failed", Admin.parse(failed).get("status").asText());
            assertTrue(Admin.parse(failed).get("reason").asText().contains("200 ms"), failed.body());
            assertEquals(503, admin.get(CHECKS + "ready-to-serve-clients").statusCode());
            assertEquals(200, admin.get(CHECKS + "alive").statusCode());
            JsonNode cluster = admin.json("/api/cluster");
            assertTrue(cluster.get("leader").isNull());
            assertFalse(cluster.get("serving").asBoolean());
            assertEquals(-1, cluster.at("/members/0/durable_index").asInt(), "known: nothing is durable yet");
            assertFalse(cluster.at("/members/1").has("durable_index"), "not known");
            assertEquals(
                    "minority",
                    admin.json("/api/queues/%2F/orders").get("state").asText());
            assertEquals(503, admin.get("/api/cluster/digest").statusCode());
        }
    }

    @Test
    void withoutMajorityProbesDoNotPileUp() throws IOException {
        try (var admin = new Admin(HealthTest::impatient)) {
            admin.broker.onSubmit = command -> null;
            int most = AdminConfig.Limits.DEFAULT.probesInFlight();
            for (int i = 0; i < 2 * most; i++) {
                assertEquals(503, admin.get(CHECKS + "confirm-path").statusCode());
            }
            assertEquals(most, admin.broker.submitted.size());
            // The majority is back: what hung is done, and new probes are written again.
            admin.broker.submitted.forEach(s -> s.reply().complete(new Reply.Probed(1, 0)));
            admin.broker.onSubmit = command -> new Reply.Probed(77, 0);
            int index = 0;
            for (int i = 0; i < 1_000 && index != 77; i++) { // who comes while an old answer is handed out shares that
                HttpResponse<String> answer = admin.get(CHECKS + "confirm-path"); // 503 where its 200 ms were too few
                index = answer.statusCode() == 200
                        ? Json.read(answer.body()).get("index").asInt()
                        : 0;
            }
            assertEquals(77, index);
        }
    }

    @Test
    void whoComesMeanwhileSharesTheProbe() throws Exception {
        var broker = new FakeBroker();
        broker.onSubmit = command -> null;
        var timer = Executors.newSingleThreadScheduledExecutor();
        try {
            var path = new ProbePath(broker, new Probe(false), 2, Duration.ofSeconds(30), new Timers(), timer);
            List<CompletableFuture<ProbePath.Outcome>> answers = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                answers.add(path.ask());
            }
            assertEquals(2, broker.submitted.size());
            broker.submitted.get(1).reply().complete(new Reply.Probed(9, 0));
            for (int i = 1; i < 5; i++) {
                assertEquals(9, answers.get(i).get(30, TimeUnit.SECONDS).index());
            }
            assertFalse(answers.get(0).isDone());
        } finally {
            timer.shutdownNow();
        }
    }

    /** A write that was on its way before may stand before what was confirmed meanwhile. */
    @Test
    void aConsistentReadWaitsForAWriteThatBeganBehindIt() throws Exception {
        var broker = new FakeBroker();
        broker.onSubmit = command -> null;
        var timer = Executors.newSingleThreadScheduledExecutor();
        try {
            var reads = new ReadIndex(broker, Duration.ofSeconds(30), new Timers(), timer);
            var first = reads.ask();
            var second = reads.ask();
            var third = reads.ask();
            assertEquals(1, broker.submitted.size());
            broker.submitted.get(0).reply().complete(new Reply.Probed(9, 0));
            first.get(30, TimeUnit.SECONDS);
            while (broker.submitted.size() < 2) {
                Thread.onSpinWait();
            }
            assertFalse(second.isDone() || third.isDone());
            broker.submitted.get(1).reply().complete(new Reply.Probed(10, 0));
            second.get(30, TimeUnit.SECONDS);
            third.get(30, TimeUnit.SECONDS);
            assertEquals(2, broker.submitted.size());
        } finally {
            timer.shutdownNow();
        }
    }

    @Test
    void refusedOrBrokenProbesFail() throws IOException {
        try (var admin = new Admin()) {
            admin.broker.onSubmit = command -> Reply.notAllowed("the node is fenced");
            HttpResponse<String> refused = admin.get(CHECKS + "confirm-path");
            assertEquals(503, refused.statusCode());
            assertTrue(refused.body().contains("the node is fenced"));
            admin.broker.onSubmit = command -> {
                throw new IllegalStateException("the node stops");
            };
            HttpResponse<String> broken = admin.get(CHECKS + "confirm-path");
            assertEquals(503, broken.statusCode());
            assertTrue(broken.body().contains("the node stops"));
        }
    }

    /** Entries that follow compute it: it is there at the third look. */
    @Test
    void theDigestOfALargeStateIsWaitedFor() throws IOException {
        try (var admin = new Admin()) {
            var looks = new AtomicInteger();
            admin.broker.onSubmit = command -> new Reply.Probed(41, 0);
            admin.broker.view = withoutDigests();
            admin.broker.onRead = () -> {
                if (looks.incrementAndGet() == 3) {
                    admin.broker.view = FakeView.SMALL;
                }
            };
            assertEquals(41, admin.json("/api/cluster/digest").get("index").asInt());
            assertTrue(looks.get() >= 3);
        }
    }

    private static BrokerView withoutDigests() {
        InvocationHandler none = (proxy, method, arguments) ->
                method.getName().equals("recentDigests") ? List.of() : method.invoke(FakeView.SMALL, arguments);
        return (BrokerView)
                Proxy.newProxyInstance(BrokerView.class.getClassLoader(), new Class<?>[] {BrokerView.class}, none);
    }

    @Test
    void digestIsHexadecimal() throws IOException {
        try (var admin = new Admin()) {
            JsonNode digest = admin.json("/api/cluster/digest");
            assertEquals(new Probe(true), admin.broker.submitted.get(0).command());
            assertEquals("000000000000abcd", digest.get("digest").asText());
            assertEquals(42, digest.get("index").asInt());
            assertEquals("n1", digest.get("node").asText());
            assertEquals(41, digest.get("recent").get(0).get("index").asInt());
            assertEquals(
                    "ffffffffffffffff",
                    digest.get("recent").get(0).get("digest").asText());
        }
    }

    @Test
    void aDigestThatIsRememberedNeedsNoWrite() throws IOException {
        try (var admin = new Admin()) {
            admin.broker.onSubmit = command -> null;
            assertEquals(
                    "ffffffffffffffff",
                    admin.json("/api/cluster/digest?index=41").get("digest").asText());
            assertEquals(404, admin.get("/api/cluster/digest?index=40").statusCode());
            assertEquals(404, admin.get("/api/cluster/digest?index=x").statusCode());
            assertTrue(admin.broker.submitted.isEmpty());
        }
    }

    @Test
    void alarms() throws IOException {
        try (var admin = new Admin()) {
            assertEquals("ok", admin.json(CHECKS + "alarms").get("status").asText());
            assertEquals("ok", admin.json(CHECKS + "local-alarms").get("status").asText());
        }
        try (var admin = new Admin(c -> c, withAlarms(List.of(new NodeStats.Alarm("n2", "disk"))))) {
            HttpResponse<String> failed = admin.get(CHECKS + "alarms");
            assertEquals(503, failed.statusCode());
            assertEquals("disk", Admin.parse(failed).at("/alarms/0/resource").asText());
            assertTrue(Admin.parse(failed).get("reason").asText().contains("disk of node 'n2'"), failed.body());
            assertEquals(200, admin.get(CHECKS + "local-alarms").statusCode());
        }
        try (var admin = new Admin(c -> c, withAlarms(List.of(new NodeStats.Alarm("n1", "memory"))))) {
            assertEquals(503, admin.get(CHECKS + "local-alarms").statusCode());
            assertTrue(admin.json("/api/nodes/n1").get("mem_alarm").asBoolean());
        }
    }

    @Test
    void quorumCritical() throws IOException {
        try (var admin = new Admin()) {
            // n3 is gone: without n1 only n2 would be left.
            assertEquals(503, admin.get(CHECKS + "node-is-quorum-critical").statusCode());
            var all = FakeBroker.healthy();
            var third = new io.tallymq.broker.ClusterStatus.Member(
                    "n3", "n3", "h", "FOLLOWER", true, 7, 1, 1, 1, 0, null, null);
            admin.broker.status = new io.tallymq.broker.ClusterStatus(
                    "tally",
                    "n1",
                    "n2",
                    7,
                    true,
                    1,
                    List.of(all.members().get(0), all.members().get(1), third));
            assertEquals(200, admin.get(CHECKS + "node-is-quorum-critical").statusCode());
        }
    }

    @Test
    void portListener() throws IOException {
        try (var admin = new Admin()) {
            assertEquals(200, admin.get(CHECKS + "port-listener/5672").statusCode());
            HttpResponse<String> none = admin.get(CHECKS + "port-listener/1883");
            assertEquals(503, none.statusCode());
            JsonNode told = Json.read(none.body());
            assertEquals(1883, told.get("missing").asInt());
            assertTrue(told.get("missing").isNumber(), none.body());
            assertTrue(told.get("ports").get(0).isNumber(), none.body());
            assertEquals(400, admin.get(CHECKS + "port-listener/amqp").statusCode());
            assertEquals(400, admin.get(CHECKS + "port-listener/65536").statusCode());
        }
    }

    @Test
    void alivenessTestIsARealWrite() throws IOException {
        try (var admin = new Admin()) {
            assertEquals(
                    "ok", admin.json("/api/aliveness-test/%2F").get("status").asText());
            assertEquals(1, admin.broker.submitted.size());
            assertEquals(404, admin.get("/api/aliveness-test/nosuch").statusCode());
        }
    }

    @Test
    void aBugIsAnAnswerAndALogLine() throws IOException {
        try (var admin = new Admin()) {
            BrokerView none = null;
            admin.broker.view = none;
            HttpResponse<String> response = admin.get("/api/queues");
            assertEquals(500, response.statusCode());
            assertEquals("internal_error", Admin.parse(response).get("error").asText());
            assertEquals(200, admin.get("/api/cluster").statusCode());
        }
    }

    @Test
    void stopEndsTheListener() throws Exception {
        var admin = new Admin();
        var closed = new CountDownLatch(1);
        try (var raw = new RawClient(admin.port)) {
            raw.write("GET /api/whoami HTTP/1.1\r\nHost: x\r\nAuthorization: " + Admin.ROOT_LOGIN + "\r\n\r\n");
            assertEquals("HTTP/1.1 200 OK", raw.answer()[0]);
            admin.close();
            assertTrue(raw.closed());
            closed.countDown();
        }
        assertEquals(0, closed.getCount());
    }

    @Test
    void aTakenPortIsToldAtOnce() throws IOException {
        try (var admin = new Admin()) {
            var second = new AdminServer(
                    AdminConfig.of("127.0.0.1", admin.port, "1"),
                    admin.broker,
                    Admin.users(),
                    Admin.stats(),
                    List.of());
            IOException e = org.junit.jupiter.api.Assertions.assertThrows(IOException.class, second::start);
            assertTrue(e.getMessage().contains(":" + admin.port), e.getMessage());
        }
    }
}
