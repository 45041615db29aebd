package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.tallymq.amqp.config.FlowLimits;
import io.tallymq.amqp.session.RawClient;
import io.tallymq.amqp.session.TestServer;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.broker.Broker;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.store.MemoryStore;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Many channels of a client that reads nothing have backlogs that are in the store alone: what was read for them is bounded. */
class ReadAheadMemoryTest {
    private static final int CHANNELS = 200;
    private static final int SIZE = 300_000;
    private static final int MOST = 40;
    private static final int QUIET_MILLIS = 500;

    private final Queue<WeakReference<ChunkBody>> bodies = new ConcurrentLinkedQueue<>();

    private Broker watched(Broker broker) {
        return (Broker) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Broker.class}, (proxy, method, args) -> {
                    try {
                        Object answer = method.invoke(broker, args);
                        return method.getName().equals("load")
                                ? ((CompletableFuture<?>) answer).thenApply(this::noted)
                                : answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private Object noted(Object body) {
        bodies.add(new WeakReference<>((ChunkBody) body));
        return body;
    }

    private long alive() {
        System.gc();
        return bodies.stream().filter(b -> b.get() != null).count();
    }

    private void awaitQuiet() {
        for (int before = -1; before != bodies.size(); ) {
            before = bodies.size();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(QUIET_MILLIS));
        }
    }

    @Test
    void whatNobodyReadsIsNotKept() throws Exception {
        FlowLimits flow = FlowLimits.defaults().withBodyMemory(1 << 20);
        try (TestServer server =
                        new TestServer(TestServer.defaults().withFlow(flow), this::watched, new MemoryStore(0));
                RawClient client = server.raw().open().patient()) {
            publish(server);
            for (int i = 1; i <= CHANNELS; i++) {
                client.openChannel(i);
            }
            for (int i = 1; i <= CHANNELS; i++) {
                client.send(i, new BasicMethod.Consume("q" + i, "t", false, false, false, true, FieldTable.EMPTY));
            }
            awaitQuiet();
            assertTrue(bodies.size() > 1, "they were in memory");
            long alive = alive();
            assertTrue(alive <= MOST, alive + " chunks are kept");
            assertTrue(server.server().bodyBudget().kept() <= 1 << 20);
            for (int i = 0; i < CHANNELS; i++) {
                assertEquals(1, client.expect(BasicMethod.Deliver.class).deliveryTag());
            }
            client.openChannel(CHANNELS + 1);
            assertEquals(0, server.server().bodyBudget().kept());
        }
    }

    private static void publish(TestServer server) throws Exception {
        try (Connection connection = server.connect()) {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            for (int i = 1; i <= CHANNELS; i++) {
                channel.queueDeclare("q" + i, false, false, false, null);
                channel.basicPublish("", "q" + i, null, new byte[SIZE]);
            }
            channel.waitForConfirmsOrDie(60_000);
        }
    }
}
