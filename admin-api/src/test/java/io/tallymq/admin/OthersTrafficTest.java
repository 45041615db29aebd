package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.ClientTraffic.Certificate;
import io.tallymq.admin.request.ClientTraffic.ChannelCounters;
import io.tallymq.admin.request.ClientTraffic.ChannelMessages;
import io.tallymq.admin.request.ClientTraffic.Counters;
import io.tallymq.admin.request.ClientTraffic.Tls;
import io.tallymq.admin.request.NodeStats;
import io.tallymq.admin.request.OthersTraffic;
import io.tallymq.broker.spec.ConnectionId;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What is told of other nodes' clients: what their nodes count, and of a node that does not tell what the state knows, never a false figure. */
class OthersTrafficTest {
    private static final String FAR = "/api/channels/127.0.0.1:5003%20-%3E%20127.0.0.1:5672%20(4)";

    private record Others(Supplier<Told> told) implements OthersTraffic {
        @Override
        public boolean isOthers(ConnectionId connection) {
            return !connection.node().equals("n1");
        }

        @Override
        public CompletableFuture<Told> connections() {
            return CompletableFuture.supplyAsync(told);
        }

        @Override
        public CompletableFuture<Told> channels() {
            return connections();
        }

        @Override
        public CompletableFuture<Told> of(ConnectionId connection) {
            return connections();
        }
    }

    private record Stats(NodeStats of, OthersTraffic othersTraffic) implements NodeStats {
        @Override
        public Machine machine() {
            return of.machine();
        }

        @Override
        public List<Alarm> alarms() {
            return of.alarms();
        }

        @Override
        public List<Listener> listeners() {
            return of.listeners();
        }

        @Override
        public ClientTraffic traffic() {
            return of.traffic();
        }
    }

    private static Admin admin(OthersTraffic.Told told) throws IOException {
        return admin(() -> told);
    }

    private static Admin admin(Supplier<OthersTraffic.Told> told) throws IOException {
        return new Admin(c -> c, new Stats(Admin.stats(), new Others(told)));
    }

    private static JsonNode far(JsonNode rows) {
        for (JsonNode row : rows) {
            if (row.get("node").asText().equals("n3")) {
                return row;
            }
        }
        throw new AssertionError("nothing of n3 in " + rows);
    }

    private static final Tls TLS = new Tls(
            "TLSv1.2",
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
            new Certificate(
                    "CN=app",
                    "CN=authority",
                    Instant.parse("2026-01-01T00:00:00.250Z"),
                    Instant.parse("2027-01-01T00:00:00Z")));

    @Test
    void whatTheServingNodeToldIsShown() throws IOException {
        var messages = new ChannelMessages(31, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        var counted = new ChannelCounters(10, 0, true, false, 3, 4, 0, 0, messages);
        var told = new OthersTraffic.Told(
                Map.of(FakeView.FAR, new Counters(2, 1000, 2000, 10, 20, 0, "blocked", TLS)),
                Map.of(FakeView.FAR, new TreeMap<>(Map.of(4, counted, 9, counted))),
                Set.of("n3"));
        try (var admin = admin(told)) {
            JsonNode row = far(admin.json("/api/connections"));
            assertEquals("blocked", row.get("state").asText());
            assertEquals(2, row.get("channels").asInt());
            assertEquals(1000, row.get("recv_oct").asInt());
            assertTrue(row.get("ssl").asBoolean());
            assertEquals("tlsv1.2", row.get("ssl_protocol").asText());
            assertEquals("ecdhe_rsa", row.get("ssl_key_exchange").asText());
            assertEquals("aes_128_cbc", row.get("ssl_cipher").asText());
            assertEquals("sha256", row.get("ssl_hash").asText());
            assertEquals("CN=app", row.get("peer_cert_subject").asText());
            assertEquals("CN=authority", row.get("peer_cert_issuer").asText());
            assertEquals(
                    "2026-01-01T00:00:00Z - 2027-01-01T00:00:00Z",
                    row.get("peer_cert_validity").asText());
            JsonNode channel = admin.json(FAR);
            assertTrue(channel.get("confirm").asBoolean());
            assertEquals(3, channel.get("messages_unacknowledged").asInt());
            assertEquals(31, channel.at("/message_stats/publish").asInt());
            assertEquals(5, admin.json("/api/channels").size(), "also the one that the state does not know");
            assertEquals(
                    5, admin.json("/api/overview").at("/object_totals/channels").asInt());
        }
    }

    @Test
    void forAChannelOfNoConnectionNobodyIsAsked() throws IOException {
        try (var admin = admin(() -> {
            throw new AssertionError("asked");
        })) {
            assertEquals(404, admin.get("/api/channels/nobody%20(1)").statusCode());
        }
    }

    @Test
    void ofWhoDidNotTellNothingIsMadeUp() throws IOException {
        try (var admin = admin(OthersTraffic.Told.NOTHING)) {
            JsonNode row = far(admin.json("/api/connections"));
            for (String field : List.of("state", "channels", "recv_oct", "ssl")) {
                assertFalse(row.has(field), field);
            }
            for (JsonNode channel : List.of(far(admin.json("/api/channels")), admin.json(FAR))) {
                assertTrue(channel.get("confirm").isNull(), channel.toString());
                assertTrue(channel.get("messages_unconfirmed").isNull(), channel.toString());
                assertEquals(0, channel.get("prefetch_count").asInt(-1), "its consumer's");
                assertEquals(0, channel.get("messages_unacknowledged").asInt(-1), "what its consumer holds");
            }
        }
    }

    /** It began after its node was asked. */
    @Test
    void whatAWholeAnswerLacksHasBegunLater() throws IOException {
        try (var admin = admin(new OthersTraffic.Told(Map.of(), Map.of(), Set.of("n3")))) {
            JsonNode channel = far(admin.json("/api/channels"));
            assertFalse(channel.get("confirm").asBoolean(true));
            assertEquals(0, channel.get("messages_unconfirmed").asInt(-1));
        }
    }
}
