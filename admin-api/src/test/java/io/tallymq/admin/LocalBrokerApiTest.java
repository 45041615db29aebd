package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.broker.Session;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.raft.LocalBroker;
import io.tallymq.store.MemoryStore;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The API over a real broker: what clients did is what it shows. */
class LocalBrokerApiTest {
    private static final long PATIENCE = 60;
    /** Where nothing comes. */
    private static final Duration BRIEF = Duration.ofMillis(300);

    private final LocalBroker broker = new LocalBroker("n1", new MemoryStore());
    private final ExecutorService loop = Executors.newSingleThreadExecutor();
    private final Listener listener = new Listener();
    private Admin admin;
    private Session session;

    @BeforeEach
    void start() throws IOException {
        admin = over(Duration.ofSeconds(PATIENCE));
        session = broker.connect("/", listener, loop);
        var end = new ConnectionInfo.Endpoint("127.0.0.1", 5000);
        assertInstanceOf(
                Reply.Ok.class,
                call(new OpenConnection(
                        session.id(),
                        new ConnectionInfo(
                                "c -> s",
                                "/",
                                "guest",
                                end,
                                end,
                                new ConnectionInfo.Negotiated(2047, 131072, 60, "PLAIN", 0),
                                new Arguments(Map.of("product", "test"))))));
        var spec = new QueueSpec(true, false, false, Arguments.NONE);
        assertInstanceOf(Reply.QueueDeclared.class, call(new DeclareQueue(session.id(), "/", "orders", spec, false)));
    }

    /** Waits so long for the log. */
    private Admin over(Duration confirmPath) throws IOException {
        return new Admin(c -> c.withTimeouts(c.timeouts().withConfirmPath(confirmPath)), Admin.stats(), broker);
    }

    @AfterEach
    void stop() {
        admin.close();
        broker.close();
        loop.shutdownNow();
    }

    private Reply call(Command command) {
        var reply = new CompletableFuture<Reply>();
        loop.execute(() -> session.submit(command, reply::complete));
        return reply.orTimeout(PATIENCE, TimeUnit.SECONDS).join();
    }

    private void publish(int messages) throws InterruptedException {
        var target = new Session.PublishTarget("/", "", "orders", false);
        loop.execute(() -> {
            for (int i = 1; i <= messages; i++) {
                session.publish(1, i, target, new Body(10));
            }
        });
        long confirmed = 0;
        while (confirmed < messages) {
            Long seq = listener.confirms.poll(PATIENCE, TimeUnit.SECONDS);
            confirmed = seq == null ? messages + 1 : seq;
        }
        assertEquals(messages, confirmed);
    }

    private record Body(int bodyLength) implements Session.Content {
        @Override
        public byte[] properties() {
            return new byte[2];
        }

        @Override
        public void copyBody(byte[] to, int offset) {
            to[offset] = 1;
        }
    }

    @Test
    void messagesShowUp() throws InterruptedException {
        publish(5);
        JsonNode queue = admin.json("/api/queues/%2F/orders");
        assertEquals(5, queue.get("messages").asInt());
        assertEquals(5, queue.get("messages_ready").asInt());
        assertEquals(5, queue.at("/message_stats/publish").asInt());
        assertTrue(queue.get("message_bytes_ready").asInt() >= 50);
        JsonNode overview = admin.json("/api/overview");
        assertEquals(5, overview.at("/queue_totals/messages").asInt());
        assertEquals(1, overview.at("/object_totals/connections").asInt());
    }

    @Test
    void consumersHoldWhatTheyGot() throws InterruptedException {
        publish(5);
        var spec = new ConsumerSpec("tag", false, false, 2, 0, Arguments.NONE);
        assertInstanceOf(Reply.Subscribed.class, call(new Subscribe(session.id(), 1, "/", "orders", spec)));
        JsonNode queue = admin.json("/api/queues/%2F/orders");
        assertEquals(3, queue.get("messages_ready").asInt());
        assertEquals(2, queue.get("messages_unacknowledged").asInt());
        assertEquals("tag", queue.at("/consumer_details/0/consumer_tag").asText());
        assertEquals(
                "c -> s (1)",
                queue.at("/consumer_details/0/channel_details/name").asText());
        assertEquals("c -> s (1)", admin.json("/api/channels").at("/0/name").asText());
        assertEquals(
                2, admin.json("/api/consumers").at("/0/messages_unacknowledged").asInt());
    }

    @Test
    void predeclaredExchangesAreThere() {
        JsonNode exchanges = admin.json("/api/exchanges/%2F?columns=name");
        assertTrue(exchanges.size() >= 5, exchanges.toString());
        assertEquals(
                "direct",
                admin.json("/api/exchanges/%2F/amq.direct").get("type").asText());
    }

    @Test
    void peekShowsWhoHasWhat() throws InterruptedException {
        publish(3);
        var spec = new ConsumerSpec("tag", false, false, 1, 0, Arguments.NONE);
        assertInstanceOf(Reply.Subscribed.class, call(new Subscribe(session.id(), 1, "/", "orders", spec)));
        JsonNode peeked = admin.json("/api/queues/%2F/orders/peek");
        assertEquals("unacked", peeked.at("/messages/0/state").asText());
        assertEquals("tag", peeked.at("/messages/0/consumer/consumer_tag").asText());
        assertEquals("c -> s", peeked.at("/messages/0/consumer/connection").asText());
        assertEquals("ready", peeked.at("/messages/1/state").asText());
        assertEquals(
                1,
                admin.json("/api/queues/%2F/orders/peek?state=unacked")
                        .get("messages")
                        .size());
        assertEquals(
                2, admin.json("/api/queues/%2F/orders").get("messages_ready").asInt());
    }

    @Test
    void whatWasConfirmedIsInALinearizableAnswerOrThereIsNone() throws Exception {
        publish(5);
        JsonNode queue = admin.json("/api/queues/%2F/orders?consistency=linearizable");
        assertEquals(5, queue.get("messages").asInt());
        assertTrue(queue.get("applied_index").asLong() > 0);
        JsonNode overview = admin.json("/api/overview?consistency=linearizable");
        assertEquals(5, overview.at("/queue_totals/messages").asInt());
        assertTrue(overview.get("applied_index").asLong()
                > queue.get("applied_index").asLong());
        assertEquals(
                404, admin.get("/api/queues/%2F/none?consistency=linearizable").statusCode());
        assertEquals(400, admin.get("/api/queues/%2F/orders?consistency=much").statusCode());
        assertEquals(400, admin.get("/api/overview?consistency=much").statusCode());
        broker.hold();
        try (Admin brief = over(BRIEF)) {
            assertEquals(
                    503,
                    brief.get("/api/queues/%2F/orders?consistency=linearizable").statusCode());
            assertEquals(
                    503, brief.get("/api/overview?consistency=linearizable").statusCode());
            for (String receipt : List.of("receipts/%2F/p/1", "producers/%2F/p", "receipts/%2F?exchange=x&id=1")) {
                assertEquals(503, brief.get("/api/" + receipt).statusCode(), receipt);
            }
        }
        assertEquals(5, admin.json("/api/queues/%2F/orders").get("messages").asInt());
        broker.release();
        assertEquals(
                200,
                admin.get("/api/queues/%2F/orders?consistency=linearizable").statusCode());
    }

    @Test
    void listsAreLinearizableToo() throws Exception {
        List<String> lists =
                List.of("/api/queues", "/api/queues/detailed", "/api/queues/%2F", "/api/vhosts", "/api/vhosts/%2F");
        publish(5);
        for (String path : lists) {
            JsonNode found = admin.json(path + "?consistency=linearizable");
            assertEquals(5, found.findValue("messages").asInt(), path);
            assertEquals(400, admin.get(path + "?consistency=much").statusCode(), path);
        }
        broker.hold();
        try (Admin brief = over(BRIEF)) {
            for (String path : lists) {
                var refused = brief.get(path + "?consistency=linearizable");
                assertEquals(503, refused.statusCode(), path);
                assertEquals(200, brief.get(path + "?consistency=local").statusCode(), path);
            }
        }
        broker.release();
    }

    /** Who puts one back as it was may not have it of a node that is behind. */
    @Test
    void aUserIsLinearizableToo() throws Exception {
        String path = "/api/users/none";
        assertEquals(404, admin.get(path + "?consistency=linearizable").statusCode());
        assertEquals(400, admin.get(path + "?consistency=much").statusCode());
        broker.hold();
        try (Admin brief = over(BRIEF)) {
            assertEquals(503, brief.get(path + "?consistency=linearizable").statusCode());
            assertEquals(404, brief.get(path + "?consistency=local").statusCode());
        }
        broker.release();
    }

    @Test
    void theConfirmPathWorksUntilNothingIsAppliedAnyMore() throws IOException {
        assertEquals(
                "ok",
                admin.json("/api/health/checks/confirm-path").get("status").asText());
        JsonNode digest = admin.json("/api/cluster/digest");
        assertTrue(digest.get("index").asLong() > 0);
        assertEquals(16, digest.get("digest").asText().length());
        broker.hold();
        try (Admin brief = over(BRIEF)) {
            assertEquals(503, brief.get("/api/health/checks/confirm-path").statusCode());
            assertEquals(503, brief.get("/api/cluster/digest").statusCode());
        }
        assertEquals("orders", admin.json("/api/queues").at("/0/name").asText());
        assertEquals(200, admin.get("/api/cluster").statusCode());
        broker.release();
        assertEquals(
                "ok",
                admin.json("/api/health/checks/confirm-path").get("status").asText());
    }

    @Test
    @Timeout(60)
    void aUsersQueuesAreThoseOfHisConnectionsAlone() {
        for (String user : List.of("guest", "other")) {
            var made = admin.put("/api/users/" + user, "{\"password\":\"x\",\"tags\":\"\"}");
            while (made.statusCode() == 400) { // the level is raised soon after the start
                made = admin.put("/api/users/" + user, "{\"password\":\"x\",\"tags\":\"\"}");
            }
            assertEquals(201, made.statusCode(), made.body());
        }
        var exclusive = new QueueSpec(false, true, true, Arguments.NONE);
        assertInstanceOf(Reply.QueueDeclared.class, call(new DeclareQueue(session.id(), "/", "own", exclusive, false)));
        JsonNode own = admin.json("/api/users/guest/queues");
        assertEquals(1, own.size());
        assertEquals("own", own.at("/0/name").asText());
        assertEquals("[]", admin.json("/api/users/other/queues").toString());
        assertEquals(404, admin.get("/api/users/nobody/queues").statusCode());
    }
}
