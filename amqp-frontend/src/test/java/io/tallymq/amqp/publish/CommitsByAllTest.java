package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Connection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.channel.DueAnswers;
import io.tallymq.amqp.session.RawClient;
import io.tallymq.amqp.session.TestServer;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.Frame;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.ShortString;
import io.tallymq.amqp.wire.TxMethod;
import io.tallymq.broker.Broker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commits that are answered when all members of the cluster have them, and one that may be away. */
class CommitsByAllTest {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final ConcurrentLinkedQueue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waited = new AtomicInteger();
    private final AtomicBoolean away = new AtomicBoolean();
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer(TestServer.defaults(), this::withMemberAway);
        try (Connection c = server.connect()) {
            c.createChannel().queueDeclare("all", true, false, false, Map.of("x-confirm", "all"));
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Broker withMemberAway(Broker broker) {
        return (Broker) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Broker.class}, (proxy, method, args) -> {
                    if (away.get() && method.getName().equals("onceOnAll")) {
                        waited.incrementAndGet();
                        waiting.add((Runnable) args[0]);
                        return (Runnable) () -> {};
                    }
                    try {
                        return method.invoke(broker, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private void comesBack() {
        away.set(false);
        for (Runnable r = waiting.poll(); r != null; r = waiting.poll()) {
            r.run();
        }
    }

    private static ByteBuf publishAndCommit() {
        ByteBuf out = Unpooled.buffer();
        FrameWriter.method(out, 1, new BasicMethod.Publish(ShortString.of(""), ShortString.of("all"), false, false));
        out.writeByte(Frame.HEADER).writeShort(1).writeInt(14);
        out.writeShort(60).writeShort(0).writeLong(0).writeShort(0).writeByte(Frame.END);
        FrameWriter.method(out, 1, new TxMethod.Commit());
        return out;
    }

    private RawClient transactional() throws IOException {
        RawClient client = server.raw().open().openChannel(1);
        client.send(1, new TxMethod.Select());
        client.expect(TxMethod.SelectOk.class);
        return client;
    }

    @Test
    void aCloseBehindACommitOnItsWayIsAnswered() throws IOException {
        for (boolean isAway : new boolean[] {false, true}) {
            away.set(isAway);
            try (RawClient client = transactional()) {
                ByteBuf out = publishAndCommit();
                FrameWriter.method(out, 1, new ChannelMethod.Close(200, "", 0, 0));
                client.send(out);
                Method answer = client.receiveMethod();
                answer = answer instanceof TxMethod.CommitOk ? client.receiveMethod() : answer;
                assertTrue(answer instanceof ChannelMethod.CloseOk, answer.name());
                client.openChannel(1);
            }
        }
    }

    @Test
    void whoCommitsWithoutAwaitingAnswersIsNotReadForEver() throws Exception {
        int all = 10_000;
        away.set(true);
        try (RawClient client = transactional()) {
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < all; i++) {
                        client.send(publishAndCommit());
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            long end = System.nanoTime() + PATIENCE_NANOS;
            while (waited.get() < all && !isKeptFromReading()) {
                assertTrue(System.nanoTime() < end, waited + " wait");
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
            assertTrue(waited.get() < all, "all " + waited + " commits wait at a time");
            comesBack();
            for (int i = 0; i < all; ) {
                Method answer = client.receiveMethod();
                boolean isCommit = answer instanceof TxMethod.CommitOk;
                // On a slow machine it is told meanwhile what it waits for, and that it does not any more.
                assertTrue(
                        isCommit
                                || answer instanceof ConnectionMethod.Blocked
                                || answer instanceof ConnectionMethod.Unblocked,
                        answer.name());
                i += isCommit ? 1 : 0;
            }
            sent.get();
            assertEquals(0, waiting.size());
        }
    }

    /** With commits that wait, for those alone close it for long. */
    private boolean isKeptFromReading() {
        return waited.get() >= DueAnswers.MOST
                && server.server().connections().stream()
                        .anyMatch(c -> c.state().equals("flow"));
    }
}
