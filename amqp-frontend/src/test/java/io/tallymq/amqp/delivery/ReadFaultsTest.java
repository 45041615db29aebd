package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.tallymq.amqp.session.TestServer;
import io.tallymq.broker.Broker;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What follows a read throws, and nobody waits for it: its connection ends, and does not wait for ever for what was read. */
class ReadFaultsTest {
    private static final long PATIENCE = 30;

    /** What the client does that has something read. */
    private interface Work {
        void on(Channel channel) throws IOException;
    }

    /** A broker that answers one of its methods with what nobody can use. */
    private Broker broken(Broker broker, String broken, Object answer) {
        return (Broker) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Broker.class}, (proxy, method, args) -> {
                    if (method.getName().equals(broken)) {
                        return CompletableFuture.completedFuture(answer);
                    }
                    try {
                        return method.invoke(broker, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private void endsWhen(String method, Object answer, Work work) throws Exception {
        CompletableFuture<Integer> code = new CompletableFuture<>();
        try (TestServer server = new TestServer(TestServer.defaults(), b -> broken(b, method, answer))) {
            Connection connection = server.connect(); // which the server closes
            connection.addShutdownListener(
                    cause -> code.complete(((AMQP.Connection.Close) cause.getReason()).getReplyCode()));
            Channel channel = connection.createChannel();
            channel.basicQos(10);
            work.on(channel);
            assertEquals(541, code.get(PATIENCE, TimeUnit.SECONDS));
        }
    }

    private static void consume(Channel channel, Map<String, Object> of, Map<String, Object> how) throws IOException {
        channel.queueDeclare("q", true, false, false, of);
        channel.basicPublish("", "q", null, new byte[1]);
        channel.basicConsume("q", false, how, (tag, message) -> {}, tag -> {});
    }

    @Test
    void ofAStream() throws Exception {
        endsWhen(
                "chunks",
                Collections.singletonList(null),
                c -> consume(c, Map.of("x-queue-type", "stream"), Map.of("x-stream-offset", "first")));
    }

    @Test
    void ofAQueueByAFilter() throws Exception {
        endsWhen("matching", null, c -> consume(c, Map.of(), Map.of("x-filter", Map.of("kind", "a"))));
    }

    @Test
    void ofReceipts() throws Exception {
        endsWhen(
                "readLater",
                Collections.singletonList("no answer"),
                c -> c.asyncRpc(new com.rabbitmq.client.impl.AMQImpl.Basic.Get(0, "amq.receipt.p", true)));
    }
}
