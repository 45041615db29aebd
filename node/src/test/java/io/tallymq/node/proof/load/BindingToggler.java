package io.tallymq.node.proof.load;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Binds and unbinds a queue all the time, through one node after the other: what is published meanwhile to the exchange must
 * either be returned or come out, never both and never neither.
 */
final class BindingToggler implements Runnable {
    private static final long INTERVAL_MILLIS = 100;

    private final Clients clients;
    private final List<Integer> nodes;
    private final String exchange;
    private final String queue;
    private final CountDownLatch stop = new CountDownLatch(1);

    BindingToggler(Clients clients, List<Integer> nodes, String exchange, String queue) {
        this.clients = clients;
        this.nodes = nodes;
        this.exchange = exchange;
        this.queue = queue;
    }

    void stop() {
        stop.countDown();
    }

    @Override
    public void run() {
        try {
            for (int turn = 0; stop.getCount() > 0; turn++) {
                toggleUntilLost(nodes.get(turn % nodes.size()));
                if (stop.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void toggleUntilLost(int node) throws InterruptedException {
        Connection connection;
        try {
            connection = clients.connect(node, "toggler");
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            return; // The node is down: the next one.
        }
        try {
            Channel channel = connection.createChannel();
            while (true) {
                channel.queueBind(queue, exchange, queue);
                if (stop.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
                    return;
                }
                channel.queueUnbind(queue, exchange, queue);
                if (stop.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (IOException | AlreadyClosedException e) {
            return; // Lost: noted by the connection's listener.
        } finally {
            Clients.close(connection);
        }
    }
}
