package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.broker.Broker;
import io.tallymq.broker.Session;
import io.tallymq.broker.command.StoreOffset;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whatever is thrown in a connection's turns, it ends, and what it had goes to others. */
class ConnectionFaultsTest {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

    /** Methods of sessions that fail, once they were carried out. */
    private final Set<String> failing = ConcurrentHashMap.newKeySet();

    private static Object call(Method method, Object on, Object[] args) throws Throwable {
        try {
            return method.invoke(on, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private Session failing(Session session) {
        return (Session) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Session.class}, (proxy, method, args) -> {
                    if (method.getName().equals("ack") && failing.contains("ack")) {
                        throw new OutOfMemoryError("on purpose");
                    }
                    if (args != null && args[0] instanceof StoreOffset) {
                        throw new OutOfMemoryError("on purpose");
                    }
                    Object answer = call(method, session, args);
                    if (failing.contains(method.getName())) {
                        throw new OutOfMemoryError("on purpose");
                    }
                    return answer;
                });
    }

    private Broker failing(Broker broker) {
        return (Broker) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Broker.class}, (proxy, method, args) -> {
                    Object answer = call(method, broker, args);
                    return answer instanceof Session s ? failing(s) : answer;
                });
    }

    private TestServer server() {
        return new TestServer(TestServer.defaults(), this::failing);
    }

    private static void publish(TestServer server) throws Exception {
        try (Connection connection = server.connect()) {
            Channel channel = connection.createChannel();
            channel.queueDeclare("q", false, false, false, null);
            channel.confirmSelect();
            channel.basicPublish("", "q", null, new byte[1]);
            assertTrue(channel.waitForConfirms(20_000));
        }
    }

    private static BasicMethod.Deliver consume(RawClient client) throws Exception {
        client.send(1, new BasicMethod.Consume("q", "t", false, false, false, false, FieldTable.EMPTY));
        client.expect(BasicMethod.ConsumeOk.class);
        return client.expect(BasicMethod.Deliver.class);
    }

    /** The acks are tried once more as the connection ends, and what fails there must not keep its end from the broker. */
    @Test
    void theBrokerHearsOfTheEndWhateverFailsOnTheWay() throws Exception {
        try (TestServer server = server();
                RawClient client = server.raw().open().openChannel(1);
                RawClient other = server.raw().open().openChannel(1).patient()) {
            publish(server);
            long tag = consume(client).deliveryTag();
            failing.add("ack");
            client.send(1, new BasicMethod.Ack(tag, false));
            BasicMethod.Deliver again = consume(other);
            assertEquals(1, again.deliveryTag());
            assertTrue(again.redelivered(), "the client had it, whatever became of its ack");
        }
    }

    /** How far a stream is read is told by a timer, some time behind the ack. */
    @Test
    void whatATimerDoesEndsItsConnectionAsWell() throws Exception {
        CompletableFuture<Integer> code = new CompletableFuture<>();
        try (TestServer server = server()) {
            Connection connection = server.connect(); // which the server closes
            connection.addShutdownListener(
                    cause -> code.complete(((AMQP.Connection.Close) cause.getReason()).getReplyCode()));
            Channel channel = connection.createChannel();
            channel.queueDeclare("s", true, false, false, Map.of("x-queue-type", "stream"));
            channel.basicPublish("", "s", null, new byte[1]);
            channel.basicQos(1);
            Map<String, Object> how = Map.of("x-stream-offset", "first", "x-stream-automatic-offset-tracking", true);
            channel.basicConsume(
                    "s",
                    false,
                    how,
                    (tag, message) -> channel.basicAck(message.getEnvelope().getDeliveryTag(), false),
                    tag -> {});
            assertEquals(541, code.get(PATIENCE, TimeUnit.NANOSECONDS));
        }
    }

    @Test
    void nobodyCountsAConnectionWhoseEndHasFailed() throws Exception {
        try (TestServer server = server()) {
            failing.add("close");
            try (RawClient client = server.raw().open().openChannel(1)) {
                assertEquals(1, server.server().registry().size());
            }
            long end = System.nanoTime() + PATIENCE;
            while (server.server().registry().size() > 0) {
                assertTrue(System.nanoTime() < end, "the connection is still counted");
                Thread.onSpinWait();
            }
        }
    }
}
