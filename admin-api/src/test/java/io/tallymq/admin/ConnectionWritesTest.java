package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.broker.Session;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.ConnectionInfo;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** DELETE of /api/connections over a real broker: the client hears of it, and is gone when its node says so. */
class ConnectionWritesTest {
    private static final String FIRST = "/api/connections/127.0.0.1%3A1%20-%3E%20n1";

    private AccessFixture on;
    private String ann;

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture();
        ann = on.user("ann", "management");
        on.permit("ann", "/", "", "", "");
    }

    @AfterEach
    void stop() {
        on.close();
    }

    /** Closes its session when it is told to, as a client's connection does. */
    private final class Client extends Listener {
        final BlockingQueue<String> reasons = new LinkedBlockingQueue<>();
        private final Session session;

        Client(int port, String user) {
            session = on.broker.connect("/", this, on.loop);
            var end = new ConnectionInfo.Endpoint("127.0.0.1", port);
            var negotiated = new ConnectionInfo.Negotiated(2047, 131072, 60, "PLAIN", 0);
            var info =
                    new ConnectionInfo("127.0.0.1:" + port + " -> n1", "/", user, end, end, negotiated, Arguments.NONE);
            var reply = new CompletableFuture<Reply>();
            on.loop.execute(() -> session.submit(new OpenConnection(session.id(), info), reply::complete));
            assertInstanceOf(
                    Reply.Ok.class, reply.orTimeout(30, TimeUnit.SECONDS).join());
        }

        @Override
        public void forced(String reason) {
            session.close(List.of());
            reasons.add(reason);
        }

        String reason() throws InterruptedException {
            return reasons.poll(30, TimeUnit.SECONDS);
        }
    }

    private void awaitConnections(int count) {
        while (on.broker.read(view -> view.sizes().connections()) != count) {
            Thread.onSpinWait();
        }
    }

    private int close(String path, String login, String reason) {
        return on.admin
                .send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + on.admin.port + path))
                        .header("Authorization", login)
                        .header("X-Reason", reason)
                        .DELETE()
                        .build())
                .statusCode();
    }

    @Test
    void aConnectionIsClosedWithAReason() throws InterruptedException {
        var first = new Client(1, "ann");
        var second = new Client(2, "ann");
        assertEquals(204, close(FIRST, Admin.ROOT_LOGIN, "  a new version "));
        assertEquals("a new version", first.reason());
        awaitConnections(1);
        on.get(404, FIRST);
        assertEquals(404, close(FIRST, Admin.ROOT_LOGIN, "again"));
        on.delete(204, "/api/connections/127.0.0.1%3A2%20-%3E%20n1");
        assertEquals("closed by an operator over HTTP", second.reason());
        awaitConnections(0);
    }

    @Test
    void aLongReasonIsCut() throws InterruptedException {
        var first = new Client(1, "ann");
        assertEquals(204, close(FIRST, ann, "x".repeat(1_000)));
        assertEquals("x".repeat(200), first.reason());
    }

    @Test
    void allOfAUserAreClosed() throws InterruptedException {
        var hers = new Client[40];
        for (int i = 0; i < hers.length; i++) {
            hers[i] = new Client(100 + i, "ann");
        }
        var other = new Client(1, "root");
        JsonNode listed = on.json("/api/connections/username/ann?columns=user");
        assertEquals(hers.length, listed.size());
        assertEquals("{\"user\":\"ann\"}", listed.get(0).toString());
        assertEquals(204, close("/api/connections/username/ann", ann, "all"));
        for (Client c : hers) {
            assertEquals("all", c.reason());
        }
        awaitConnections(1);
        assertTrue(other.reasons.isEmpty());
        assertEquals("[]", on.get(200, "/api/connections/username/ann"));
        on.delete(204, "/api/connections/username/ann");
        on.delete(204, "/api/connections/username/nobody");
    }

    @Test
    void othersAreClosedByAdministrators() throws InterruptedException {
        var roots = new Client(1, "root");
        String mon = on.user("mon", "monitoring");
        on.send(403, "DELETE", FIRST, "", mon);
        on.send(404, "DELETE", FIRST, "", ann);
        on.send(403, "DELETE", "/api/connections/username/root", "", ann);
        on.send(403, "DELETE", "/api/connections/username/root", "", mon);
        assertEquals("[]", on.get(200, "/api/connections/username/root", ann));
        String plain = on.user("plain", "");
        on.send(403, "DELETE", FIRST, "", plain);
        on.send(405, "PUT", FIRST, "{}");
        assertEquals(401, on.admin.send("DELETE", FIRST, null).statusCode());
        assertTrue(roots.reasons.isEmpty());
        on.delete(204, "/api/connections/username/root");
        assertEquals("closed by an operator over HTTP", roots.reason());
    }
}
