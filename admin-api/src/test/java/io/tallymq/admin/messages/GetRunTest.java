package io.tallymq.admin.messages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Caller;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.Sight;
import io.tallymq.admin.request.Target;
import io.tallymq.admin.request.Wanted;
import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.Session;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Raise;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.PropertiesBuilder;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.login.LoginUser;
import io.tallymq.raft.LocalBroker;
import io.tallymq.store.MemoryStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is taken out was held until then, or it is not told as taken. */
class GetRunTest {
    private final ExecutorService loop = Executors.newSingleThreadExecutor();
    private final LocalBroker broker = new LocalBroker("n1", new MemoryStore());
    private BriefConnection connection;

    @BeforeEach
    void connect() {
        var request = new ApiRequest(
                Target.parse("/api/queues/v/q/get"),
                Map.of("vhost", "/"),
                new LoginUser("root", List.of("administrator")),
                new Caller(InetAddress.getLoopbackAddress(), "h", false, null),
                new Sight(false, null, Set.of()),
                null,
                Wanted.ALL,
                new byte[0]);
        connection = BriefConnection.open(broker, loop, request, 1).join();
        call(new Raise(BrokerMachine.LEVELS.max(), 1));
    }

    @AfterEach
    void stop() {
        loop.shutdownNow();
        broker.close();
    }

    private void call(Command command) {
        CompletableFuture.supplyAsync(() -> connection.call(command), loop)
                .thenCompose(f -> f)
                .join();
    }

    private GetRun run(IntFunction<CompletableFuture<Boolean>> note) {
        QueueSpec spec = new QueueSpec(true, false, false, Arguments.NONE);
        call(new DeclareQueue(connection.session().id(), "/", "q", spec, false));
        var message = new PublishBody(
                "q", List.of(), new byte[0], new byte[2], new byte[] {'x'}, false, null, false, false, null);
        CompletableFuture.supplyAsync(
                        () -> connection.publish(new Session.PublishTarget("/", "", "q", false, false), message), loop)
                .thenCompose(f -> f)
                .join();
        GetBody all = new GetBody(5, Settle.Outcome.ACK, false, Long.MAX_VALUE);
        return new GetRun(broker, connection, "/", "q", all, note, new Slots(1, "").take());
    }

    private CompletableFuture<Answer> answer(IntFunction<CompletableFuture<Boolean>> note) {
        GetRun run = run(note);
        return CompletableFuture.supplyAsync(run::run, loop).thenCompose(f -> f);
    }

    @Test
    void whatIsTakenIsTold() {
        assertEquals(
                200,
                answer(n -> CompletableFuture.completedFuture(n == 1)).join().status());
        var queue = broker.read(view -> view.queues().stream()
                .filter(q -> q.name().equals("q"))
                .findFirst()
                .orElseThrow());
        assertEquals(0, queue.ready() + queue.unacked());
    }

    /** What a queue's headers are may be many times what its bodies are, and all of an answer is in memory. */
    @Test
    void headersAreAsLargeAsBodies() throws IOException {
        QueueSpec spec = new QueueSpec(true, false, false, Arguments.NONE);
        call(new DeclareQueue(connection.session().id(), "/", "q", spec, false));
        byte[] properties = PropertiesBuilder.build(Map.of("headers", Map.of("h", "x".repeat(250_000))));
        var message =
                new PublishBody("q", List.of(), new byte[0], properties, new byte[0], false, null, false, false, null);
        for (int i = 0; i < 40; i++) {
            CompletableFuture.supplyAsync(
                            () -> connection.publish(new Session.PublishTarget("/", "", "q", false, false), message),
                            loop)
                    .thenCompose(f -> f)
                    .join();
        }
        GetBody all = new GetBody(40, Settle.Outcome.NACK_REQUEUE, false, Long.MAX_VALUE);
        var run = new GetRun(
                broker,
                connection,
                "/",
                "q",
                all,
                n -> CompletableFuture.completedFuture(true),
                new Slots(1, "").take());
        Answer answer = CompletableFuture.supplyAsync(run::run, loop)
                .thenCompose(f -> f)
                .join();
        var told = new ByteArrayOutputStream();
        told.writeBytes(answer.body());
        while (answer.rest().hasNext()) {
            told.writeBytes(answer.rest().next());
        }
        assertTrue(told.size() <= GetRun.MOST_BYTES + 100_000, told.size() + " bytes");
        assertEquals(33, new ObjectMapper().readTree(told.toByteArray()).size());
    }

    /** Its queue is deleted, say, or somebody else has it since this node was out of reach. */
    @Test
    void whatIsNotHeldAnyMoreIsNotToldAsTaken() {
        var answer = answer(n -> connection
                .call(new DeleteQueue(connection.session().id(), "/", "q", false, false))
                .thenApply(deleted -> true));
        CompletionException e = assertThrows(CompletionException.class, answer::join);
        assertInstanceOf(RefusedException.class, e.getCause());
    }
}
