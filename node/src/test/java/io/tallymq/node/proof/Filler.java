package io.tallymq.node.proof;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.node.proof.load.Clients;
import java.io.IOException;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Makes the log long, or disks full: large messages that do not compress into a queue of its own. Nobody judges them. When its
 * connection is lost it tries the next node.
 */
final class Filler implements AutoCloseable {
    private static final int BODY = 64 << 10;
    private static final int WINDOW = 32;
    private static final long RETRY_MILLIS = 200;
    private static final long CONFIRM_MILLIS = 60_000;
    private static final long NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Clients clients;
    private final String queue;
    private final int nodes;
    private final long bytesPerSecond;
    private final boolean consumes;
    private final Thread thread;
    private volatile long confirmedBytes;
    private volatile boolean stopped;

    /**
     * Starts at once.
     *
     * @param consumes what it has published, at once; else it stays in the queue
     */
    Filler(Clients clients, int nodes, String queue, long bytesPerSecond, boolean consumes) {
        this.clients = clients;
        this.nodes = nodes;
        this.queue = queue;
        this.bytesPerSecond = bytesPerSecond;
        this.consumes = consumes;
        thread = new Thread(this::run, queue);
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            for (int node = 1; !stopped; node = node % nodes + 1) {
                fill(node);
                TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void fill(int node) throws InterruptedException {
        Connection connection;
        try {
            connection = clients.connect(node, queue);
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            return; // that node is away
        }
        try {
            Channel in = connection.createChannel();
            in.queueDeclare(queue, true, false, false, Map.of());
            if (consumes) {
                Channel out = connection.createChannel();
                out.basicConsume(queue, true, new DefaultConsumer(out));
            }
            in.confirmSelect();
            publish(in);
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            return; // lost: the next one
        } finally {
            Clients.close(connection);
        }
    }

    /** Of bodies, so far. Any thread. */
    long confirmedBytes() {
        return confirmedBytes;
    }

    private void publish(Channel channel) throws IOException, InterruptedException, TimeoutException {
        Random random = new Random(BODY);
        byte[] body = new byte[BODY];
        long next = System.nanoTime();
        while (!stopped) {
            for (int i = 0; i < WINDOW; i++) {
                random.nextBytes(body);
                channel.basicPublish("", queue, MessageProperties.MINIMAL_PERSISTENT_BASIC, body);
            }
            channel.waitForConfirms(CONFIRM_MILLIS);
            confirmedBytes += (long) WINDOW * BODY;
            next = Math.max(next, System.nanoTime() - NANOS) + WINDOW * BODY * NANOS / bytesPerSecond;
            TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
        }
    }

    @Override
    public void close() {
        stopped = true;
        thread.interrupt();
    }
}
