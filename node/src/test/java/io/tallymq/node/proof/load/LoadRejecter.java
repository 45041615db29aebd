package io.tallymq.node.proof.load;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Rejects all that a queue has, through one node, so that it becomes dead letters, until it is told to stop. Connects again when it has to. */
final class LoadRejecter implements Runnable {
    private static final long RETRY_MILLIS = 50;
    private static final int PREFETCH = 20;

    private final int node;
    private final String name;
    private final String queue;
    private final Clients clients;
    private final CountDownLatch stop = new CountDownLatch(1);

    LoadRejecter(int node, String name, String queue, Clients clients) {
        this.node = node;
        this.name = name;
        this.queue = queue;
        this.clients = clients;
    }

    String name() {
        return name;
    }

    void stop() {
        stop.countDown();
    }

    @Override
    public void run() {
        try {
            do {
                rejectUntilLost();
            } while (!stop.await(RETRY_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void rejectUntilLost() throws InterruptedException {
        Connection connection;
        try {
            connection = clients.connect(node, name);
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            return; // The node is down or on its way: try again.
        }
        try {
            Channel channel = connection.createChannel();
            channel.basicQos(PREFETCH);
            channel.basicConsume(queue, false, new DefaultConsumer(channel) {
                @Override
                public void handleDelivery(String tag, Envelope envelope, BasicProperties p, byte[] body)
                        throws IOException {
                    channel.basicReject(envelope.getDeliveryTag(), false);
                }
            });
            while (channel.isOpen() && !stop.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                // It works on the connection's own thread.
            }
        } catch (IOException | ShutdownSignalException e) {
            return; // Lost: noted by the connection's listener.
        } finally {
            Clients.close(connection);
        }
    }
}
