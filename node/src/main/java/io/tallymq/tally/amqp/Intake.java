package io.tallymq.tally.amqp;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * What comes out of a queue, so many at a time that their bodies have room in the memory: few at first, then by what they measured. The first consumer
 * stays, for a queue may go with its last one; a second one has as many more as there is room for.
 */
final class Intake implements Incoming {
    /** Bodies under way. */
    private static final long MOST_BYTES = 32 << 20;

    private static final int MOST = 500;
    private static final int FIRST = 4;
    /** What the mean is of. */
    private static final int MEMORY = 50;

    private static final int STEP = 5;
    private static final long LOOK_MILLIS = 200;

    private final Channel channel;
    private final String queue;
    private final int most;
    private final BlockingQueue<Delivery> arrived = new LinkedBlockingQueue<>();
    private volatile boolean cancelled;
    private long seen;
    private double mean;
    private int window;
    private Taker first;
    /** Null if there is none. */
    private Taker second;

    /** @param most so many without an ack at a time, and never more than some hundreds */
    Intake(Channel channel, String queue, long most) throws IOException {
        this.channel = channel;
        this.queue = queue;
        this.most = (int) Math.min(most, MOST);
        goOn();
    }

    private Taker consume(int count) throws IOException {
        channel.basicQos(count);
        Taker taker = new Taker();
        taker.tag = channel.basicConsume(queue, false, taker);
        return taker;
    }

    /** Puts into the queue what comes. */
    private final class Taker extends DefaultConsumer {
        private final CountDownLatch last = new CountDownLatch(1);
        private String tag;

        Taker() {
            super(channel);
        }

        @Override
        public void handleDelivery(String of, Envelope envelope, BasicProperties properties, byte[] body) {
            arrived.add(new Delivery(envelope, properties, body));
        }

        @Override
        public void handleCancel(String of) {
            cancelled = true;
        }

        @Override
        public void handleCancelOk(String of) {
            last.countDown();
        }

        /** Nothing comes for it any more, and what came is here: the client hands it over on a thread of its own. */
        void stop() throws IOException, InterruptedException {
            channel.basicCancel(tag);
            while (!last.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                if (!channel.isOpen()) {
                    throw channel.getCloseReason();
                }
            }
        }
    }

    @Override
    public void stop() throws IOException, InterruptedException {
        if (second != null) {
            second.stop();
            second = null;
        }
        if (first != null) {
            first.stop();
            first = null;
        }
    }

    @Override
    public void goOn() throws IOException {
        window = Math.min(FIRST, most);
        first = consume(window);
    }

    @Override
    public Delivery poll(long millis) throws IOException, InterruptedException {
        Delivery delivery = arrived.poll(millis, TimeUnit.MILLISECONDS);
        if (delivery != null) {
            see(delivery.getBody().length);
        }
        return delivery;
    }

    private void see(int bytes) throws IOException {
        seen++;
        mean += (bytes - mean) / Math.min(seen, MEMORY);
        if (first == null) {
            return; // what is left of those that stopped brings no more
        }
        long room = (long) (MOST_BYTES / Math.max(1, mean));
        int now = (int) Math.max(Math.min(FIRST, most), Math.min(Math.min(most, room), seen * STEP));
        int least = Math.min(FIRST, most);
        // what came for a second consumer that was larger has to go first
        boolean grows =
                seen >= window && arrived.size() <= window && (now >= 2 * window || now == most && now > window);
        if (grows && !cancelled) {
            resize(now);
        } else if (window > least && 4 * now < 3 * window && !cancelled) {
            resize(least);
        }
    }

    private void resize(int now) throws IOException {
        if (second != null) {
            channel.basicCancel(second.tag);
            second = null;
        }
        window = now;
        int more = now - Math.min(FIRST, most);
        if (more > 0) {
            second = consume(more);
        }
    }

    @Override
    public int window() {
        return window;
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    @Override
    public boolean isEmpty() {
        return arrived.isEmpty();
    }
}
