package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.tallymq.amqp.session.RawClient;
import io.tallymq.amqp.session.TestServer;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.QueueMethod;
import io.tallymq.broker.Broker;
import io.tallymq.broker.Session;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A part of a large body that was read for a channel which was closed before anything of it was written. */
class ClosedChannelPartTest {
    private static final int TWO_PARTS = 1_200_000;
    /** More than sockets take. */
    private static final int LARGE = 16 << 20;

    private static final long PATIENCE = 30;

    /** What the store answers when it is asked for the part. From then on nothing may be delivered, as while a node does not hear from the cluster. */
    private final CompletableFuture<CompletableFuture<?>> asked = new CompletableFuture<>();

    /** The front end hears of the part with this, on the test's thread: what the store has said before. */
    private final CompletableFuture<Void> read = new CompletableFuture<>();

    private static Object call(Method method, Object on, Object[] args) throws Throwable {
        try {
            return method.invoke(on, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private Session withholding(Session session) {
        return (Session) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Session.class},
                (proxy, method, args) ->
                        method.getName().equals("mayDeliver") ? (Object) !asked.isDone() : call(method, session, args));
    }

    private Broker withholding(Broker broker) {
        return (Broker) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Broker.class}, (proxy, method, args) -> {
                    Object answer = call(method, broker, args);
                    if (method.getName().equals("loadShared")) {
                        CompletableFuture<?> part = (CompletableFuture<?>) answer;
                        asked.complete(part);
                        return read.thenApply(nothing -> part.join());
                    }
                    return answer instanceof Session s ? withholding(s) : answer;
                });
    }

    private static void publish(TestServer server, int size) throws Exception {
        try (Connection connection = server.connect()) {
            Channel channel = connection.createChannel();
            channel.queueDeclare("q", false, false, false, null);
            channel.confirmSelect();
            channel.basicPublish("", "q", null, new byte[size]);
            assertTrue(channel.waitForConfirms(20_000));
        }
    }

    /** Waits until the turn of the event loop that takes what was sent before is over, and one more. */
    private static void turn(RawClient client) throws Exception {
        for (int i = 0; i < 2; i++) {
            client.send(1, new BasicMethod.Qos(0, 0, false));
            client.expect(BasicMethod.QosOk.class);
        }
    }

    /** What is left of the body still goes out, as the client counts frames; then its connection breaks. */
    @Test
    void soIsThatOfAChannelThatWasClosedBehindHalfOfTheBody() throws Exception {
        try (TestServer server = new TestServer()) {
            try (RawClient client = server.raw().open().openChannel(1)) {
                publish(server, LARGE);
                client.send(1, new BasicMethod.Consume("q", "t", false, false, false, false, FieldTable.EMPTY));
                client.expect(BasicMethod.ConsumeOk.class);
                client.expect(BasicMethod.Deliver.class);
                client.send(1, new ChannelMethod.Close(200, "", 0, 0));
                try (RawClient other = server.raw().open().openChannel(1)) {
                    awaitReady(other); // so that the broker has heard of the close
                }
                assertEquals(Broker.PART_SIZE, server.server().bodyBudget().bytes());
            }
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
            while (server.server().bodyBudget().bytes() > 0) {
                assertTrue(System.nanoTime() < end, "the part of a connection that is gone is kept");
                Thread.onSpinWait();
            }
        }
    }

    /** A client need not have read the server's close to answer it. */
    @Test
    void soIsThatOfAChannelWhoseCloseIsAnsweredBeforeItIsSent() throws Exception {
        try (TestServer server = new TestServer()) {
            try (RawClient client = server.raw().open().openChannel(1)) {
                publish(server, LARGE);
                client.send(1, new BasicMethod.Consume("q", "t", false, false, false, false, FieldTable.EMPTY));
                client.expect(BasicMethod.ConsumeOk.class);
                client.expect(BasicMethod.Deliver.class);
                client.send(1, new BasicMethod.Ack(77, false)); // a tag that was never given
                try (RawClient other = server.raw().open().openChannel(1)) {
                    awaitReady(other); // so that the close is due
                }
                client.send(1, new ChannelMethod.CloseOk());
                client.send(2, new ChannelMethod.Open());
                assertEquals(Broker.PART_SIZE, server.server().bodyBudget().bytes());
            }
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
            while (server.server().bodyBudget().bytes() > 0) {
                assertTrue(System.nanoTime() < end, "the part of a connection that is gone is kept");
                Thread.onSpinWait();
            }
        }
    }

    private static void awaitReady(RawClient client) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
        long ready = 0;
        while (ready == 0) {
            assertTrue(System.nanoTime() < end, "the channel is not closed");
            client.send(1, new QueueMethod.Declare("q", true, false, false, false, false, FieldTable.EMPTY));
            ready = client.expect(QueueMethod.DeclareOk.class).messageCount();
        }
    }

    @Test
    void itsRoomIsGivenBack() throws Exception {
        try (TestServer server = new TestServer(TestServer.defaults(), this::withholding);
                RawClient client = server.raw().open().openChannel(1)) {
            publish(server, TWO_PARTS);
            client.send(1, new BasicMethod.Consume("q", "t", false, false, false, false, FieldTable.EMPTY));
            client.expect(BasicMethod.ConsumeOk.class);
            asked.get(PATIENCE, TimeUnit.SECONDS).get(PATIENCE, TimeUnit.SECONDS);
            turn(client);
            read.complete(null);
            turn(client);
            assertEquals(Broker.PART_SIZE, server.server().bodyBudget().bytes());
            client.send(1, new ChannelMethod.Close(200, "", 0, 0));
            client.expect(ChannelMethod.CloseOk.class);
            assertEquals(0, server.server().bodyBudget().bytes());
        }
    }
}
