package io.tallymq.amqp.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.tallymq.amqp.session.TestServer;

/** A client that does nothing wrong, beside those that do: what it has in a queue stays there, and it is served as before. */
final class Bystander implements AutoCloseable {
    private static final String QUEUE = "bystander";
    private static final int KEPT = 20;

    private final Connection connection;
    private final Channel channel;
    private int first;

    Bystander(TestServer server) throws Exception {
        connection = server.connect();
        channel = connection.createChannel();
        channel.queueDeclare(QUEUE, true, false, false, null);
        channel.confirmSelect();
        for (int i = 0; i < KEPT; i++) {
            publish(i);
        }
    }

    private void publish(int number) throws Exception {
        channel.basicPublish("", QUEUE, null, Integer.toString(number).getBytes());
        assertTrue(channel.waitForConfirms(20_000), "its publishes are taken");
    }

    /** One more is taken, the oldest comes, and those between them are all there. */
    void check() throws Exception {
        assertTrue(connection.isOpen() && channel.isOpen(), "it is still connected");
        publish(first + KEPT);
        assertEquals(KEPT + 1, channel.messageCount(QUEUE));
        GetResponse got = channel.basicGet(QUEUE, false);
        assertNotNull(got);
        assertEquals(Integer.toString(first++), new String(got.getBody()));
        channel.basicAck(got.getEnvelope().getDeliveryTag(), false);
    }

    @Override
    public void close() {
        connection.abort();
    }
}
