package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.broker.Session;
import io.tallymq.broker.message.Extension;
import io.tallymq.raft.LocalBroker;
import io.tallymq.store.MemoryStore;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** /api/schedules over a real broker: what waits for its time is listed, and called off. */
class SchedulesApiTest {
    private static final long DAY = 86_400_000;

    private final LocalBroker broker = new LocalBroker("n1", new MemoryStore());
    private final ExecutorService loop = Executors.newSingleThreadExecutor();
    private Admin admin;

    @BeforeEach
    void start() throws IOException {
        Admin.awaitHighestLevel(broker);
        admin = new Admin(c -> c, Admin.stats(), broker);
        CompletableFuture<Void> confirmed = new CompletableFuture<>();
        Session session = broker.connect("/", new Confirms(confirmed), loop);
        loop.execute(() -> {
            session.publish(1, 1, new Session.PublishTarget("/", "", "orders", false, false), new Held("job", 2 * DAY));
            session.publish(1, 2, new Session.PublishTarget("/", "", "orders", false, false), new Held("", DAY));
        });
        confirmed.orTimeout(30, TimeUnit.SECONDS).join();
    }

    @AfterEach
    void stop() {
        admin.close();
        broker.close();
        loop.shutdownNow();
    }

    /** Completes once both publishes are confirmed. */
    private static final class Confirms extends Listener {
        private final CompletableFuture<Void> both;

        Confirms(CompletableFuture<Void> both) {
            this.both = both;
        }

        @Override
        public void confirmed(int channel, long upTo) {
            if (upTo == 2) {
                both.complete(null);
            }
        }
    }

    /** A message of three bytes without properties that is held back. */
    private record Held(String id, long delay) implements Session.Content {
        @Override
        public byte[] extension() {
            return new Extension(List.of(), 0, -1, false, new Extension.Later(delay, 0, id)).encode();
        }

        @Override
        public byte[] properties() {
            return new byte[2];
        }

        @Override
        public int bodyLength() {
            return 3;
        }

        @Override
        public void copyBody(byte[] to, int offset) {}
    }

    private static final String JOB = "/api/schedules/%2F/job";

    @Test
    void oneIsMadeAndReplacedByHttp() {
        String made = "/api/schedules/%2F/mine";
        String body = "{\"routing_key\":\"orders\",\"payload\":\"aGVsbG8=\",\"payload_encoding\":\"base64\","
                + "\"properties\":{\"message_id\":\"m\",\"headers\":{\"a\":1}},";
        assertEquals(
                201,
                admin.put(made, body + "\"deliver_at\":\"2099-01-01T00:00:00Z\"}")
                        .statusCode());
        JsonNode row = admin.json(made);
        assertEquals("2099-01-01T00:00:00Z", row.get("deliver_at_time").asText());
        assertEquals(5, row.get("payload_bytes").asInt());
        assertEquals(
                204, admin.put(made, body + "\"deliver_at\":4070995200000}").statusCode());
        assertEquals(4_070_995_200_000L, admin.json(made).get("deliver_at").asLong());
        assertEquals(204, admin.put(JOB, body + "\"delay\":86400000}").statusCode(), "a client's, too");
        assertEquals(3, admin.json("/api/schedules").size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|one of deliver_at and delay is expected",
                "{\"delay\":1,\"deliver_at\":1,\"payload\":\"\"}|one of deliver_at and delay is expected",
                "{\"delay\":1}|Key not present: payload",
                "{\"delay\":-1,\"payload\":\"\"}|delay: an integer of 0 or more",
                "{\"delay\":315360000001,\"payload\":\"\"}|ten years",
                "{\"deliver_at\":253402300800000,\"payload\":\"\"}|a time from 1970 to 9999",
                "{\"deliver_at\":\"soon\",\"payload\":\"\"}|deliver_at: milliseconds since the epoch",
                "{\"delay\":1,\"payload\":\"!\",\"payload_encoding\":\"base64\"}|payload: base64",
                "{\"delay\":1,\"payload\":\"\",\"payload_encoding\":\"hex\"}|string or base64",
                "{\"delay\":1,\"payload\":\"\",\"properties\":{\"colour\":1}}|there is no property 'colour'",
                "{\"delay\":1,\"payload\":\"\",\"properties\":{\"priority\":256}}|property 'priority'",
                "{\"delay\":1,\"payload\":\"\",\"properties\":{\"expiration\":\"x\"}}|expiration",
                "{\"delay\":1,\"payload\":\"\",\"properties\":{\"headers\":{\"x-delay\":1}}}|x-delay",
                "{\"delay\":1,\"payload\":\"\",\"properties\":{\"headers\":{\"x-confirm\":\"all\"}}}|x-confirm",
                "{\"delay\":1,\"payload\":\"\",\"properties\":{\"headers\":{\"x-schedule-id\":\"a\"}}}|x-schedule-id",
                "{\"delay\":1,\"payload\":\"\",\"properties\":{\"reply_to\":\"amq.rabbitmq.reply-to\"}}|fast reply",
                "{\"exchange\":\"amq.schedule\",\"delay\":1,\"payload\":\"\"}|only calls off",
            })
    void whatIsWrongIsTold(String body, String text) {
        var refused = admin.put(JOB, body);
        assertEquals(400, refused.statusCode());
        assertTrue(refused.body().contains(text), refused.body());
    }

    @Test
    void nothingIsTakenWhilePublishersAreBlocked() {
        String body = "{\"routing_key\":\"orders\",\"payload\":\"x\",\"delay\":86400000}";
        broker.runtime().alarm("the disk of n1 is nearly full");
        var refused = admin.put(JOB, body);
        assertEquals(503, refused.statusCode(), refused.body());
        assertEquals("blocked", Admin.parse(refused).get("error").asText());
        assertTrue(refused.body().contains("the disk of n1 is nearly full"), refused.body());
        assertEquals(204, admin.send("DELETE", JOB, Admin.ROOT_LOGIN).statusCode(), "what makes room is taken");
        broker.runtime().alarm(null);
        assertEquals(201, admin.put(JOB, body).statusCode());
    }

    /** What is told there is the broker's word. */
    @Test
    void nothingIsScheduledToTheFeed() {
        var refused = admin.put(JOB, "{\"routing_key\":\"amq.receipts\",\"payload\":\"\",\"delay\":1}");
        assertEquals(403, refused.statusCode(), refused.body());
    }

    @Test
    void itNeedsItsExchange() {
        var none = admin.put(JOB, "{\"exchange\":\"none\",\"payload\":\"\",\"delay\":1}");
        assertEquals(404, none.statusCode());
        assertTrue(none.body().contains("no exchange 'none'"), none.body());
        assertEquals(403, admin.put(JOB, "{}", Admin.basic("plain", "plain")).statusCode());
    }

    @Test
    void whatWaitsIsListedAndCalledOff() {
        JsonNode all = admin.json("/api/schedules");
        assertEquals(2, all.size());
        assertEquals("job", all.get(1).get("key").asText(), "the later one is behind");
        assertEquals("orders", all.get(1).get("routing_key").asText());
        assertEquals(3, all.get(1).get("payload_bytes").asInt());
        assertEquals(all, admin.json("/api/schedules/%2F"));
        assertEquals(all.get(1), admin.json("/api/schedules/%2F/job"));
        String key = all.get(0).get("key").asText();
        assertEquals(all.get(0), admin.json("/api/schedules/%2F/" + key));
        assertEquals(404, admin.get("/api/schedules/%2F/none").statusCode());
        assertEquals(404, admin.get("/api/schedules/other").statusCode());
        assertEquals(
                403,
                admin.send("DELETE", "/api/schedules/%2F/job", Admin.basic("plain", "plain"))
                        .statusCode());
        assertEquals(
                204,
                admin.send("DELETE", "/api/schedules/%2F/job", Admin.ROOT_LOGIN).statusCode());
        assertEquals(
                404,
                admin.send("DELETE", "/api/schedules/%2F/job", Admin.ROOT_LOGIN).statusCode());
        assertEquals(
                204,
                admin.send("DELETE", "/api/schedules/%2F/" + key, Admin.ROOT_LOGIN)
                        .statusCode());
        assertEquals("[]", admin.get("/api/schedules").body());
    }
}
