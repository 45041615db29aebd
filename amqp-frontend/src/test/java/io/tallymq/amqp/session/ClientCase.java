package io.tallymq.amqp.session;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests with the real client: each has a connection of its own, and a channel on it. */
public abstract class ClientCase extends ServerCase {
    /** Seconds after which what should come is said to be missing. */
    protected static final int PATIENCE = 30;

    private static final AtomicLong NAMES = new AtomicLong();

    protected Connection connection;
    protected Channel channel;

    @BeforeEach
    protected void openConnection() throws Exception {
        connection = server.connect();
        channel = connection.createChannel();
    }

    @AfterEach
    void closeConnection() {
        connection.abort();
    }

    /** A name that no other test of the process has; later ones come later in the alphabet, whatever ran before. */
    protected static String unique(String name) {
        return "%s-%06d".formatted(name, NAMES.incrementAndGet());
    }

    /** A durable queue of a new name with these arguments. */
    protected String declare(Map<String, Object> arguments) throws IOException {
        return channel.queueDeclare(unique("q"), true, false, false, arguments).getQueue();
    }

    /** Properties of these headers alone. */
    protected static AMQP.BasicProperties headers(Map<String, Object> headers) {
        return new AMQP.BasicProperties.Builder().headers(headers).build();
    }

    /** What a consumer with acks of its own gets. */
    protected static BlockingQueue<Delivery> consume(Channel on, String queue, Map<String, Object> arguments)
            throws IOException {
        BlockingQueue<Delivery> came = new LinkedBlockingQueue<>();
        on.basicConsume(queue, false, arguments, new DefaultConsumer(on) {
            @Override
            public void handleDelivery(String tag, Envelope e, AMQP.BasicProperties p, byte[] body) {
                came.add(new Delivery(e, p, body));
            }
        });
        return came;
    }

    /** The next one that comes. */
    protected static Delivery next(BlockingQueue<Delivery> came) throws InterruptedException {
        Delivery d = came.poll(PATIENCE, TimeUnit.SECONDS);
        if (d == null) {
            throw new AssertionError("nothing came");
        }
        return d;
    }

    /** What is or comes to be in the queue, fetched without acks. */
    protected GetResponse fetch(String queue) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
        for (GetResponse r = channel.basicGet(queue, true); ; r = channel.basicGet(queue, true)) {
            if (r != null) {
                return r;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("nothing came to " + queue);
            }
        }
    }
}
