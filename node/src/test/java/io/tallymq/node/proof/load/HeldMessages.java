package io.tallymq.node.proof.load;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What a consumer of a node that dies had and did not settle: when it comes again to one of another node, who waits for it, in its order, each once and flagged. One
 * thread.
 */
public final class HeldMessages implements AutoCloseable {
    private static final int MESSAGES = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /**
     * How long it took from the fault on.
     *
     * @param first until the first of them came
     * @param all until the last one came
     */
    public record Again(Duration first, Duration all) {}

    private final Connection holding;
    private final Connection waiting;
    private final BlockingQueue<Delivery> came = new LinkedBlockingQueue<>();

    private HeldMessages(Connection holding, Connection waiting) {
        this.holding = holding;
        this.waiting = waiting;
    }

    /**
     * Publishes some; a client of the victim has all of them, and one of the survivor waits.
     *
     * @param queue a new name
     */
    public static HeldMessages hold(Clients clients, String queue, int victim, int survivor)
            throws IOException, TimeoutException, InterruptedException {
        Connection holding = clients.connect(victim, "holds");
        HeldMessages held = new HeldMessages(holding, clients.connect(survivor, "waits"));
        Channel publishing = held.waiting.createChannel();
        publishing.confirmSelect();
        publishing.queueDeclare(queue, true, false, false, Map.of("x-queue-type", "quorum"));
        for (int i = 0; i < MESSAGES; i++) {
            publishing.basicPublish("", queue, null, Integer.toString(i).getBytes(StandardCharsets.UTF_8));
        }
        publishing.waitForConfirms(PATIENCE.toMillis());
        Channel holder = holding.createChannel();
        holder.basicQos(MESSAGES);
        BlockingQueue<Delivery> had = new LinkedBlockingQueue<>();
        holder.basicConsume(queue, false, (tag, d) -> had.add(d), tag -> {});
        for (int i = 0; i < MESSAGES; i++) {
            if (had.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS) == null) {
                throw new TimeoutException(
                        "a client of node " + victim + " got " + i + " of " + MESSAGES + " messages");
            }
        }
        held.waiting.createChannel().basicConsume(queue, true, (tag, d) -> held.came.add(d), tag -> {});
        return held;
    }

    /**
     * Waits for all of them.
     *
     * @param fault a time of {@link System#nanoTime}
     * @throws IOException they do not come, or otherwise than they should
     */
    public Again await(long fault) throws IOException, InterruptedException {
        long first = 0;
        for (int i = 0; i < MESSAGES; i++) {
            Delivery d = came.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            first = i == 0 ? System.nanoTime() : first;
            if (d == null) {
                throw new IOException(i + " of " + MESSAGES + " messages came that a client of the dead node had");
            }
            String body = new String(d.getBody(), StandardCharsets.UTF_8);
            if (!body.equals(Integer.toString(i)) || !d.getEnvelope().isRedeliver()) {
                throw new IOException("message " + body + " of a client of the dead node came in the place of " + i
                        + (d.getEnvelope().isRedeliver() ? "" : ", and not as redelivered"));
            }
        }
        return new Again(Duration.ofNanos(first - fault), Duration.ofNanos(System.nanoTime() - fault));
    }

    @Override
    public void close() {
        Clients.close(holding);
        Clients.close(waiting);
    }
}
