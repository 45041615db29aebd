package io.tallymq.node.proof.load;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.node.proof.history.Body;
import io.tallymq.node.proof.history.HistoryEvent;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryLog;
import io.tallymq.node.proof.history.MessageId;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Consumes a queue through one node with manual acks until it is told to stop, and gives a few messages back. When its
 * connection is lost it connects to the same node again, as another consumer. A channel it closes itself at the end is not noted
 * as gone: what it holds then nobody else may have got.
 */
public final class LoadConsumer implements Runnable {
    private static final long RETRY_MILLIS = 50;
    /** After so many messages it asks for something that is answered only after the acks were applied. */
    private static final int ACKS_PER_QUESTION = 25;

    /**
     * What to consume.
     *
     * @param oneRequeuedOf of this many first deliveries one is given back; 0: none
     */
    public record Plan(int node, String name, String queue, int prefetch, int oneRequeuedOf) {}

    private final Plan plan;
    private final Clients clients;
    private final HistoryLog history;
    private final Random random;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final AtomicLong lastDelivery = new AtomicLong(System.nanoTime());
    private int incarnations;
    private volatile String problem;

    public LoadConsumer(Plan plan, Clients clients, HistoryLog history, long seed) {
        this.plan = plan;
        this.clients = clients;
        this.history = history;
        this.random = new Random(seed);
    }

    public String name() {
        return plan.name;
    }

    public void stop() {
        stop.countDown();
    }

    /** When the last message came, a time of {@link System#nanoTime}; before the first one, when this was made. */
    public long lastDelivery() {
        return lastDelivery.get();
    }

    /** Why it gave up, or null. */
    public String problem() {
        return problem;
    }

    @Override
    public void run() {
        try {
            do {
                consumeUntilLost();
            } while (!stop.await(RETRY_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            problem = "interrupted: it did not end in time";
        } catch (RuntimeException e) {
            problem = "failed: " + e;
        }
    }

    private void consumeUntilLost() throws InterruptedException {
        String name = plan.name + "." + ++incarnations;
        Connection connection;
        try {
            connection = clients.connect(plan.node, name);
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            return; // The node is down or on its way: try again.
        }
        try {
            Channel channel = connection.createChannel();
            channel.basicQos(plan.prefetch);
            Incarnation incarnation = new Incarnation(name, channel);
            channel.basicConsume(plan.queue, false, incarnation);
            while (incarnation.lost.getCount() > 0 && stop.getCount() > 0) {
                incarnation.lost.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (IOException | ShutdownSignalException e) {
            return; // Lost: noted by the connection's listener.
        } finally {
            Clients.close(connection);
        }
    }

    /** One channel's life. Its methods run one after the other, the shutdown after the last delivery. */
    private final class Incarnation extends DefaultConsumer {
        private final String name;
        private final CountDownLatch lost = new CountDownLatch(1);
        private int sinceQuestion;

        Incarnation(String name, Channel channel) {
            super(channel);
            this.name = name;
        }

        @Override
        public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body) {
            lastDelivery.set(System.nanoTime());
            MessageId id = Body.id(body);
            String crc = Body.crc(body);
            long count = count(properties);
            boolean redelivered = envelope.isRedeliver();
            history.add(t -> new Delivered(t, name, plan.queue, id, redelivered, count, crc));
            try {
                answer(id, envelope);
            } catch (IOException | ShutdownSignalException e) {
                return; // The ack is lost with the channel; handleShutdownSignal follows.
            }
        }

        private void answer(MessageId id, Envelope envelope) throws IOException {
            boolean back = plan.oneRequeuedOf > 0 && !envelope.isRedeliver() && random.nextInt(plan.oneRequeuedOf) == 0;
            if (back) {
                history.add(t -> new Answering(Kind.REQUEUED, t, name, id));
                getChannel().basicNack(envelope.getDeliveryTag(), false, true);
                return;
            }
            history.add(t -> new Answering(Kind.ACKED, t, name, id));
            getChannel().basicAck(envelope.getDeliveryTag(), false);
            if (++sinceQuestion >= ACKS_PER_QUESTION) {
                sinceQuestion = 0;
                history.add(t -> new HistoryEvent.Channel(Kind.ASKED, t, name));
                getChannel().queueDeclarePassive(plan.queue);
                history.add(t -> new HistoryEvent.Channel(Kind.SETTLED, t, name));
            }
        }

        private static long count(BasicProperties properties) {
            Object count = properties.getHeaders() == null
                    ? null
                    : properties.getHeaders().get("x-delivery-count");
            return count instanceof Number n ? n.longValue() : -1;
        }

        @Override
        public void handleCancel(String tag) {
            problem = "the broker cancelled consumer " + name;
            lost.countDown();
        }

        @Override
        public void handleShutdownSignal(String tag, ShutdownSignalException signal) {
            if (!signal.isInitiatedByApplication()) {
                history.add(t -> new HistoryEvent.Channel(Kind.GONE, t, name));
            }
            lost.countDown();
        }
    }
}
