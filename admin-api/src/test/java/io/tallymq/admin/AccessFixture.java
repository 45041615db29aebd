package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.access.UserBody;
import io.tallymq.admin.request.NodeStats;
import io.tallymq.broker.Broker;
import io.tallymq.broker.Session;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.login.Logins;
import io.tallymq.raft.LocalBroker;
import io.tallymq.store.MemoryStore;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A real broker whose cluster has its users, root first, and an admin server that they log in to. */
final class AccessFixture implements AutoCloseable {
    /** Bytes of a message's body. */
    static final int MOST_MESSAGE = 1_010_000;

    final LocalBroker broker = new LocalBroker("n1", new MemoryStore());
    final ExecutorService loop = Executors.newSingleThreadExecutor();
    final Admin admin;
    private final Logins logins;

    AccessFixture() throws IOException {
        this(b -> b);
    }

    /** @param shown what the admin server takes for the broker */
    AccessFixture(UnaryOperator<Broker> shown) throws IOException {
        this(shown, Admin.stats());
    }

    /** @param stats what the node knows of itself */
    AccessFixture(UnaryOperator<Broker> shown, NodeStats stats) throws IOException {
        Admin.awaitHighestLevel(broker);
        logins = new Logins(
                broker::access,
                "nobody",
                "",
                Set.of(),
                () -> CompletableFuture.completedFuture(true),
                change -> {},
                Duration.ofMillis(1));
        var first = new FirstUser("root", UserBody.hashed("s3cret:with:colons"), "/");
        assertEquals(
                Reply.OK,
                broker.submit(new Administer("test", "", first))
                        .orTimeout(30, TimeUnit.SECONDS)
                        .join());
        admin = new Admin(
                c -> c.withLimits(c.limits().withMessageBytes(MOST_MESSAGE)),
                stats,
                shown.apply(broker),
                (user, word, caller) ->
                        logins.login(user, word.getBytes(StandardCharsets.UTF_8), caller.address(), caller.isHere()));
    }

    /** Some connection declares a queue of its own. */
    void exclusive(String name) {
        Session session = broker.connect("/", new Listener(), loop);
        var end = new ConnectionInfo.Endpoint("127.0.0.1", 5000);
        var negotiated = new ConnectionInfo.Negotiated(2047, 131072, 60, "PLAIN", 0);
        var info = new ConnectionInfo("c", "/", "root", end, end, negotiated, Arguments.NONE);
        var spec = new QueueSpec(false, true, false, Arguments.NONE);
        var reply = new CompletableFuture<Reply>();
        loop.execute(() -> {
            session.submit(new OpenConnection(session.id(), info));
            session.submit(new DeclareQueue(session.id(), "/", name, spec, false), reply::complete);
        });
        assertTrue(reply.orTimeout(30, TimeUnit.SECONDS).join() instanceof Reply.QueueDeclared);
    }

    static String encode(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** A user whose password is his name. */
    String user(String name, String tags) {
        put(201, "/api/users/" + encode(name), "{\"password\":\"" + name + "\",\"tags\":\"" + tags + "\"}");
        return Admin.basic(name, name);
    }

    void permit(String user, String vhost, String configure, String write, String read) {
        var answer = admin.put(
                "/api/permissions/" + encode(vhost) + "/" + encode(user),
                "{\"configure\":\"" + configure + "\",\"write\":\"" + write + "\",\"read\":\"" + read + "\"}");
        assertEquals(2, answer.statusCode() / 100, answer.body());
    }

    /** As root. Returns the answer. */
    String send(int status, String method, String path, String body) {
        return send(status, method, path, body, Admin.ROOT_LOGIN);
    }

    String send(int status, String method, String path, String body, String login) {
        var answer = admin.send(method, path, body, login);
        assertEquals(status, answer.statusCode(), method + " " + path + " " + answer.body());
        return answer.body();
    }

    String put(int status, String path, String body) {
        return send(status, "PUT", path, body);
    }

    String delete(int status, String path) {
        return send(status, "DELETE", path, "");
    }

    String get(int status, String path) {
        return send(status, "GET", path, "");
    }

    String get(int status, String path, String login) {
        return send(status, "GET", path, "", login);
    }

    JsonNode json(String path) {
        return admin.json(path);
    }

    @Override
    public void close() {
        admin.close();
        logins.close();
        broker.close();
        loop.shutdownNow();
    }
}
