package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.util.concurrent.FastThreadLocalThread;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.broker.Broker;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** An event loop has other connections, so it neither waits for the entry that is being applied nor reads a directory for a receipt. */
class ReceiptsOffTheLoopTest {
    private static final int MANY = 300;

    private final Queue<String> waited = new ConcurrentLinkedQueue<>();

    private Broker watched(Broker broker) {
        return (Broker) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Broker.class}, (proxy, method, args) -> {
                    boolean waits = List.of("read", "status").contains(method.getName());
                    if (waits && Thread.currentThread() instanceof FastThreadLocalThread) {
                        waited.add(method.getName());
                    }
                    try {
                        return method.invoke(broker, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void receiptsAreReadElsewhereAndComeInTheirOrder() throws Exception {
        try (TestServer server = new TestServer(TestServer.defaults(), this::watched);
                RawClient client = server.raw().open().openChannel(1).patient()) {
            waited.clear();
            for (int i = 0; i < MANY; i++) {
                client.send(1, new BasicMethod.Get("amq.receipt.p", true));
                client.send(1, new BasicMethod.Get("amq.receipt.p." + (i + 1), true));
            }
            for (int i = 0; i < MANY; i++) {
                client.expect(BasicMethod.GetEmpty.class);
                assertEquals("p." + (i + 1), name(client.expect(BasicMethod.GetOk.class)));
            }
            assertEquals(List.of(), List.copyOf(waited));
        }
    }

    private static String name(BasicMethod.GetOk ok) {
        return ok.routingKey().toString().replaceFirst("^amq[.]receipt[.]", "");
    }

    /** The answer to a look that came to nothing would be made up, and who has closed its channel asks for none. */
    @Test
    void whatWasNotLookedUpIsNotAnswered() throws Exception {
        CompletableFuture<Void> asked = new CompletableFuture<>();
        CompletableFuture<Object> busy = new CompletableFuture<>();
        try (TestServer server = new TestServer(TestServer.defaults(), b -> busy(b, asked, busy));
                RawClient client = server.raw().open().openChannel(1)) {
            client.send(1, new BasicMethod.Get("amq.receipt.p", true));
            ErrorCodes.await(asked);
            client.send(1, new ChannelMethod.Close(200, "", 0, 0));
            client.openChannel(2); // so that the close has come
            busy.completeExceptionally(new RejectedExecutionException());
            client.expect(ChannelMethod.CloseOk.class);
        }
    }

    private Broker busy(Broker broker, CompletableFuture<Void> asked, CompletableFuture<Object> answer) {
        return (Broker) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Broker.class}, (proxy, method, args) -> {
                    if (method.getName().equals("readLater")) {
                        asked.complete(null);
                        return answer;
                    }
                    return method.invoke(broker, args);
                });
    }
}
