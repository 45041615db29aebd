package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.channel.DueAnswers;
import io.tallymq.amqp.session.RawClient;
import io.tallymq.amqp.session.TestServer;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.FieldTable;
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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commits, voids and settles that are answered when all members of the cluster have them, and one that may be away. */
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

    /** Who does not understand connection.blocked: what is told of his connection is whether it is read. */
    private RawClient transactional() throws IOException {
        RawClient client = server.raw();
        client.login(FieldTable.of(Map.of()));
        client.openAfterLogin(131_072, 0).openChannel(1);
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
            for (int i = 0; i < all; i++) {
                client.expect(TxMethod.CommitOk.class);
            }
            sent.get();
            assertEquals(0, waiting.size());
        }
    }

    private static AMQP.BasicProperties headers(Map<String, Object> headers) {
        return new AMQP.BasicProperties.Builder().headers(headers).build();
    }

    @Test
    void whatIsMadeVoidOrSettledForAllIsNotConfirmedBefore() throws Exception {
        BlockingQueue<Long> acked = new LinkedBlockingQueue<>();
        try (Connection c = server.connect()) {
            Channel channel = c.createChannel();
            channel.queueDeclare("plain", true, false, false, Map.of());
            channel.confirmSelect();
            channel.addConfirmListener((tag, multiple) -> acked.add(multiple ? -tag : tag), (tag, multiple) -> {});
            channel.basicPublish("", "plain", headers(Map.of()), new byte[1]);
            assertEquals(1, acked.poll(60, TimeUnit.SECONDS));
            long delivery = channel.basicGet("plain", false).getEnvelope().getDeliveryTag();
            away.set(true);
            Map<String, Object> voids = Map.of("x-producer-id", "by-all", "x-publish-seq", 7L, "x-confirm", "all");
            channel.basicPublish("amq.receipt", "void", headers(voids), new byte[0]);
            Map<String, Object> settles = Map.of("x-delivery-tag", delivery, "x-outcome", "ack", "x-confirm", "all");
            channel.basicPublish("amq.settle", "", headers(settles), new byte[0]);
            channel.basicPublish("", "plain", headers(Map.of()), new byte[1]);
            assertEquals(4, acked.poll(60, TimeUnit.SECONDS), "the others wait for all");
            comesBack();
            long next = acked.poll(60, TimeUnit.SECONDS);
            assertEquals(-3, next == 2 ? -acked.poll(60, TimeUnit.SECONDS) : next, "one by one or together");
        }
    }

    /** With commits that wait, for those alone close it for long. */
    private boolean isKeptFromReading() {
        return waited.get() >= DueAnswers.MOST
                && server.server().connections().stream()
                        .anyMatch(c -> c.state().equals("flow"));
    }
}
