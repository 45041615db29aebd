package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.Broker;
import io.tallymq.broker.Session;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.spec.ConnectionId;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What this node can't do or know at the moment is told as its own trouble: not as done, and not as the client's fault. */
class OwnTroubleTest {
    /** @param instead what becomes of a command; null: as ever */
    private static Broker with(Broker broker, Function<Command, CompletableFuture<Reply>> instead) {
        return (Broker) Proxy.newProxyInstance(
                Broker.class.getClassLoader(), new Class<?>[] {Broker.class}, (proxy, method, args) -> {
                    CompletableFuture<Reply> other =
                            method.getName().equals("submit") && args[0] instanceof Command c ? instead.apply(c) : null;
                    try {
                        return other != null ? other : method.invoke(broker, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static AccessFixture fixture(Function<Command, CompletableFuture<Reply>> instead) throws IOException {
        return new AccessFixture(broker -> with(broker, instead));
    }

    @Test
    void anImportThatANodeThatWasCutOffCanNotGoOnWithIsNoBadFile() throws IOException {
        var fenced = new Reply.Rejected(541, Reply.Reason.FENCED, "node n1 was cut off");
        try (AccessFixture on =
                fixture(c -> c instanceof DeclareQueue ? CompletableFuture.completedFuture(fenced) : null)) {
            on.permit("root", "/", ".*", ".*", ".*");
            String file =
                    "{\"queues\":[{\"name\":\"q\",\"vhost\":\"/\",\"durable\":true,\"auto_delete\":false,\"arguments\":{}}]}";
            String answer = on.send(503, "POST", "/api/definitions", file);
            assertTrue(answer.contains("node n1 was cut off"), answer);
        }
    }

    /** Whatever ends an import, the next one may begin. */
    @Test
    void anImportThatMeetsAnErrorIsOver() throws Exception {
        boolean[] full = {true};
        try (AccessFixture on = fixture(c -> {
            if (full[0] && c instanceof DeclareQueue) {
                throw new OutOfMemoryError("no room");
            }
            return null;
        })) {
            on.permit("root", "/", ".*", ".*", ".*");
            String file =
                    "{\"queues\":[{\"name\":\"q\",\"vhost\":\"/\",\"durable\":true,\"auto_delete\":false,\"arguments\":{}}]}";
            var first = CompletableFuture.supplyAsync(
                    () -> on.admin.send("POST", "/api/definitions", file, Admin.ROOT_LOGIN));
            assertEquals(500, first.get(30, TimeUnit.SECONDS).statusCode());
            full[0] = false;
            on.send(204, "POST", "/api/definitions", file);
        }
    }

    /** A session whose commands wait for a majority. */
    private static Session unanswered() {
        return (Session) Proxy.newProxyInstance(
                Session.class.getClassLoader(),
                new Class<?>[] {Session.class},
                (proxy, method, args) -> method.getName().equals("id") ? new ConnectionId("n1", 9) : null);
    }

    /** Nobody waits for them any more, and what they have begun is still there: without a majority it would be more with each. */
    @Test
    void publishesThatNobodyWaitsForCountUntilTheirConnectionIsOpen() throws Exception {
        AtomicInteger opened = new AtomicInteger();
        try (AccessFixture on = new AccessFixture(broker -> (Broker) Proxy.newProxyInstance(
                Broker.class.getClassLoader(), new Class<?>[] {Broker.class}, (proxy, method, args) -> {
                    if (method.getName().equals("connect")) {
                        opened.incrementAndGet();
                        return unanswered();
                    }
                    return method.invoke(broker, args);
                }))) {
            on.permit("root", "/", ".*", ".*", ".*");
            String message = "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{}}";
            for (int round = 0; round < 2; round++) {
                List<CompletableFuture<Integer>> all = new ArrayList<>();
                for (int i = 0; i < 16; i++) {
                    all.add(CompletableFuture.supplyAsync(
                            () -> on.admin
                                    .send("POST", "/api/exchanges/%2F/amq.default/publish", message, Admin.ROOT_LOGIN)
                                    .statusCode(),
                            task -> new Thread(task).start()));
                }
                for (CompletableFuture<Integer> one : all) {
                    assertEquals(503, one.get(30, TimeUnit.SECONDS));
                }
            }
            assertEquals(16, opened.get());
        }
    }

    @Test
    void whoseConnectionsThereAreIsAskedOfTheClusterBeforeTheyAreClosed() throws IOException {
        boolean[] away = {false};
        try (AccessFixture on = fixture(c -> away[0] && c instanceof Probe
                ? CompletableFuture.failedFuture(new IllegalStateException("no majority"))
                : null)) {
            on.delete(204, "/api/connections/username/ann");
            away[0] = true;
            assertEquals(
                    503,
                    on.admin
                            .send("DELETE", "/api/connections/username/ann", "", Admin.ROOT_LOGIN)
                            .statusCode());
        }
    }
}
