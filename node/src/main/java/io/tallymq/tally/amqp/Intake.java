package io.tallymq.tally.amqp;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * What comes out of a queue, so many at a time that their bodies have room in the memory: few at first, then by what they measured. The first consumer
 * stays, for a queue may go with its last one; a second one has as many more as there is room for.
 */
final class Intake {
    /** Bodies under way. */
    private static final long MOST_BYTES = 32 << 20;

    private static final int MOST = 500;
    private static final int FIRST = 4;
    /** What the mean is of. */
    private static final int MEMORY = 50;

    private static final int STEP = 5;

    private final Channel channel;
    private final String queue;
    private final int most;
    private final BlockingQueue<Delivery> arrived = new LinkedBlockingQueue<>();
    private volatile boolean cancelled;
    private long seen;
    private double mean;
    private int window;
    /** Of the second consumer; null if there is none. */
    private String second;

    /** @param most so many without an ack at a time, and never more than some hundreds */
    Intake(Channel channel, String queue, long most) throws IOException {
        this.channel = channel;
        this.queue = queue;
        this.most = (int) Math.min(most, MOST);
        window = Math.min(FIRST, this.most);
        consume(window);
    }

    private String consume(int count) throws IOException {
        channel.basicQos(count);
        return channel.basicConsume(queue, false, (tag, delivery) -> arrived.add(delivery), tag -> cancelled = true);
    }

    /** Null if none comes. */
    Delivery poll(long millis) throws IOException, InterruptedException {
        Delivery delivery = arrived.poll(millis, TimeUnit.MILLISECONDS);
        if (delivery != null) {
            see(delivery.getBody().length);
        }
        return delivery;
    }

    private void see(int bytes) throws IOException {
        seen++;
        mean += (bytes - mean) / Math.min(seen, MEMORY);
        long room = (long) (MOST_BYTES / Math.max(1, mean));
        int now = (int) Math.max(Math.min(FIRST, most), Math.min(Math.min(most, room), seen * STEP));
        boolean grows = seen >= window && now >= 2 * window || now == most && now > window && seen >= window;
        if ((grows || 4 * now < 3 * window) && !cancelled) {
            resize(now);
        }
    }

    private void resize(int now) throws IOException {
        if (second != null) {
            channel.basicCancel(second);
            second = null;
        }
        window = now;
        int more = now - Math.min(FIRST, most);
        if (more > 0) {
            second = consume(more);
        }
    }

    /** How many may be without an ack. */
    int window() {
        return window;
    }

    /** The server sends nothing more. */
    boolean isCancelled() {
        return cancelled;
    }

    boolean isEmpty() {
        return arrived.isEmpty();
    }
}
