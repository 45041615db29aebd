package io.tallymq.node.proof.load;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConfirmListener;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Return;
import com.rabbitmq.client.ReturnCallback;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.node.proof.history.Body;
import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryLog;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.load.Letters.Letter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Publishes persistent messages with confirms through one node until it is told to stop. When the connection is lost it
 * connects to the same node again, as another publisher, and repeats nothing: what was unanswered stays unanswered.
 */
public final class LoadPublisher implements Runnable {
    private static final long RETRY_MILLIS = 50;
    private static final long ANSWER_SECONDS = 60;

    /**
     * What to publish.
     *
     * @param window unanswered messages at most: 1 is a synchronous publisher
     * @param rate messages per second at most
     */
    public record Plan(int node, String name, int window, int rate, Body.Mix bodies, Letters letters) {}

    private final Plan plan;
    private final Clients clients;
    private final HistoryLog history;
    private final ResumeMeter meter;
    private final Random random;
    private final CountDownLatch stop = new CountDownLatch(1);
    private int incarnations;
    private volatile int hanging;
    private volatile String problem;

    public LoadPublisher(Plan plan, Clients clients, HistoryLog history, ResumeMeter meter, long seed) {
        this.plan = plan;
        this.clients = clients;
        this.history = history;
        this.meter = meter;
        this.random = new Random(seed);
    }

    public String name() {
        return plan.name;
    }

    public void stop() {
        stop.countDown();
    }

    /** Messages that were never answered although the connection stayed open; known when {@link #run} has ended. */
    public int hanging() {
        return hanging;
    }

    /** Why it gave up, or null. */
    public String problem() {
        return problem;
    }

    @Override
    public void run() {
        try {
            while (stop.getCount() > 0) {
                publishUntilLost();
                if (stop.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            problem = "interrupted: it did not end in time";
        } catch (RuntimeException e) {
            problem = "failed: " + e;
        }
    }

    private void publishUntilLost() throws InterruptedException {
        Connection connection;
        String name = plan.name + "." + ++incarnations;
        try {
            connection = clients.connect(plan.node, name);
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            return; // The node is down or on its way: try again.
        }
        Channel channel = null;
        try {
            channel = connection.createChannel();
            channel.confirmSelect();
            Incarnation incarnation = new Incarnation(name, channel);
            channel.addConfirmListener(incarnation);
            channel.addReturnListener(incarnation);
            incarnation.publish();
            hanging = incarnation.awaitAnswers();
        } catch (IOException | ShutdownSignalException e) {
            refused(channel); // Else it is lost: noted by the connection's listener.
        } finally {
            Clients.close(connection);
        }
    }

    /** A channel that ends while its connection goes on did what it should not. */
    private void refused(Channel channel) {
        ShutdownSignalException reason = channel == null ? null : channel.getCloseReason();
        if (reason != null && !reason.isHardError()) {
            problem = "its channel was closed: " + reason.getMessage();
        }
    }

    /** One channel's life. */
    private final class Incarnation implements ConfirmListener, ReturnCallback {
        private final String name;
        private final Channel channel;
        private final Semaphore window = new Semaphore(plan.window);
        /** When the message of a delivery tag was published. */
        private final NavigableMap<Long, Long> unanswered = new TreeMap<>();

        private long sequence;

        Incarnation(String name, Channel channel) {
            this.name = name;
            this.channel = channel;
        }

        void publish() throws IOException, InterruptedException {
            long gap = TimeUnit.SECONDS.toNanos(1) / plan.rate;
            long next = System.nanoTime();
            while (channel.isOpen()) {
                next = Math.max(next + gap, System.nanoTime() - TimeUnit.SECONDS.toNanos(1));
                if (stop.await(Math.max(0, next - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                    return;
                }
                if (window.tryAcquire(100, TimeUnit.MILLISECONDS)) {
                    publishOne();
                }
            }
        }

        private void publishOne() throws IOException {
            MessageId id = new MessageId(name, sequence++);
            byte[] body = Body.of(id, random, plan.bodies);
            Letter letter = plan.letters.next(id, random);
            String crc = Body.crc(body);
            long now = history.add(t -> new Published(t, id, letter.queue(), crc, letter.notes()));
            synchronized (unanswered) {
                unanswered.put(id.sequence() + 1, now);
            }
            channel.basicPublish(letter.exchange(), letter.routingKey(), letter.mandatory(), letter.properties(), body);
        }

        @Override
        public void handleAck(long tag, boolean multiple) {
            answered(Kind.CONFIRMED, tag, multiple);
        }

        @Override
        public void handleNack(long tag, boolean multiple) {
            answered(Kind.NACKED, tag, multiple);
        }

        private void answered(Kind kind, long tag, boolean multiple) {
            List<Long> tags = new ArrayList<>();
            long published = 0;
            synchronized (unanswered) {
                if (multiple) {
                    tags.addAll(unanswered.headMap(tag, true).keySet());
                } else {
                    tags.add(tag);
                }
                for (long t : tags) {
                    Long then = unanswered.remove(t);
                    published = Math.max(published, then == null ? 0 : then);
                }
                unanswered.notifyAll();
            }
            long now = System.nanoTime();
            for (long t : tags) {
                MessageId id = new MessageId(name, t - 1);
                now = history.add(time -> new Answered(kind, time, id));
                plan.letters.answered(kind, id);
            }
            if (kind == Kind.CONFIRMED) {
                meter.confirmed(plan.node, published, now);
            }
            window.release(tags.size());
        }

        @Override
        public void handle(Return returned) {
            MessageId id = Body.id(returned.getBody());
            history.add(t -> new Answered(Kind.RETURNED, t, id));
        }

        /** How many are unanswered in the end, with the connection still open. */
        int awaitAnswers() throws InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_SECONDS);
            synchronized (unanswered) {
                while (!unanswered.isEmpty() && channel.isOpen() && System.nanoTime() < deadline) {
                    unanswered.wait(100);
                }
                return channel.isOpen() ? unanswered.size() : 0;
            }
        }
    }
}
