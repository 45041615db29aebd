package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.tallymq.amqp.session.TestServer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** basic.get without acks, one message after the other. */
class FetchTest {
    private static final int MESSAGES = 300;

    private final TestServer server = new TestServer();
    private Connection connection;
    private Channel channel;

    @BeforeEach
    void connect() throws Exception {
        connection = server.connect();
        channel = connection.createChannel();
        channel.queueDeclare("fetched", true, false, false, null);
        channel.confirmSelect();
        for (int i = 0; i < MESSAGES; i++) {
            channel.basicPublish("", "fetched", null, new byte[10]);
        }
        channel.waitForConfirmsOrDie(60_000);
    }

    @AfterEach
    void disconnect() {
        connection.abort();
        server.close();
    }

    private long unacked() {
        return server.broker().read(view -> view.queues().get(0).unacked());
    }

    /** It was two: one for the get, and one for its settle, in which the next get had to wait. So it is still where a round trip takes 20 ms. */
    @Test
    void takesOneEntryEach() throws Exception {
        long before = server.broker().runtime().metrics().batches();
        for (int i = 0; i < MESSAGES; i++) {
            assertNotNull(channel.basicGet("fetched", true));
        }
        long took = server.broker().runtime().metrics().batches() - before;
        assertTrue(took < 2 * MESSAGES - MESSAGES / 10, took + " for " + MESSAGES);
    }

    /** No other command of the connection has to come. */
    @Test
    void isSettledSoon() throws Exception {
        assertNotNull(channel.basicGet("fetched", true));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (unacked() > 0 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertEquals(0, unacked());
    }

    /** The client has it: with its connection it is not given back. */
    @Test
    void isSettledWithTheConnection() throws Exception {
        assertNotNull(channel.basicGet("fetched", true));
        connection.close();
        long ready = server.broker().read(view -> view.queues().get(0).ready());
        assertEquals(MESSAGES - 1, ready);
        assertEquals(0, unacked());
    }
}
