package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A consumer that acks when it is told to. */
final class AckingConsumer extends DefaultConsumer {
    private static final int WAIT_SECONDS = 60;

    final BlockingQueue<Delivery> came = new LinkedBlockingQueue<>();
    final CompletableFuture<String> cancelled = new CompletableFuture<>();

    AckingConsumer(Channel on, String queue, int prefetch, Object... arguments) throws IOException {
        super(on);
        on.basicQos(prefetch);
        Map<String, Object> all = new TreeMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            all.put((String) arguments[i], arguments[i + 1]);
        }
        on.basicConsume(queue, false, all, this);
    }

    @Override
    public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties p, byte[] body) {
        came.add(new Delivery(envelope, p, body));
    }

    @Override
    public void handleCancel(String tag) {
        cancelled.complete(tag);
    }

    Delivery next() throws InterruptedException {
        Delivery d = came.poll(WAIT_SECONDS, TimeUnit.SECONDS);
        assertNotNull(d, "nothing comes");
        return d;
    }

    void ack(Delivery d) throws IOException {
        getChannel().basicAck(d.getEnvelope().getDeliveryTag(), false);
    }

    /** The next ones have these numbers, and are acked. */
    void expect(int... numbers) throws Exception {
        for (int number : numbers) {
            Delivery d = next();
            assertEquals(number, Integer.parseInt(new String(d.getBody())));
            ack(d);
        }
    }
}
