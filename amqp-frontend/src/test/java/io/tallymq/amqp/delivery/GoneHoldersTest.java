package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.amqp.session.TestServer;
import io.tallymq.broker.Broker;
import io.tallymq.broker.Session;
import io.tallymq.broker.command.CloseChannel;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client has of queues that are deleted it may settle, but each such queue is not kept for that. */
class GoneHoldersTest {
    private static final int QUEUES = 600;

    private final BlockingQueue<CloseChannel> closes = new LinkedBlockingQueue<>();
    private TestServer server;
    private Connection connection;
    private Channel channel;

    @BeforeEach
    void connect() throws Exception {
        server = new TestServer(TestServer.defaults(), this::watched);
        connection = server.connect();
        channel = connection.createChannel();
    }

    @AfterEach
    void disconnect() {
        connection.abort();
        server.close();
    }

    private Broker watched(Broker broker) {
        return proxy(
                Broker.class,
                broker,
                answer -> answer instanceof Session session ? proxy(Session.class, session, a -> a) : answer);
    }

    private <T> T proxy(Class<T> type, T of, UnaryOperator<Object> answers) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (p, method, arguments) -> {
                    if (arguments != null && arguments.length > 0 && arguments[0] instanceof CloseChannel close) {
                        closes.add(close);
                    }
                    try {
                        return answers.apply(method.invoke(of, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private void takeOneOfEachAndDeleteIt() throws IOException {
        for (int i = 0; i < QUEUES; i++) {
            String queue = channel.queueDeclare().getQueue();
            channel.basicPublish("", queue, null, new byte[1]);
            assertEquals(i + 1, channel.basicGet(queue, false).getEnvelope().getDeliveryTag());
            channel.queueDelete(queue);
        }
    }

    @Test
    void ofEachQueueThatWasDeletedNothingIsKept() throws Exception {
        takeOneOfEachAndDeleteIt();
        channel.close();
        CloseChannel close = closes.poll(30, TimeUnit.SECONDS);
        assertTrue(close.sent().size() < QUEUES / 2, close.sent().size() + " holders");
    }

    @Test
    void theirMessagesMayBeSettledOnce() throws Exception {
        takeOneOfEachAndDeleteIt();
        channel.basicAck(5, false);
        channel.basicNack(7, false, true);
        channel.basicReject(QUEUES, false);
        channel.basicAck(10, true);
        assertEquals(0, channel.messageCount(channel.queueDeclare().getQueue())); // it is open
        CompletableFuture<ShutdownSignalException> closed = new CompletableFuture<>();
        channel.addShutdownListener(closed::complete);
        channel.basicAck(7, false);
        AMQP.Channel.Close why =
                (AMQP.Channel.Close) closed.get(30, TimeUnit.SECONDS).getReason();
        assertEquals("PRECONDITION_FAILED - unknown delivery tag 7", why.getReplyText());
    }
}
