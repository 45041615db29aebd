package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.node.proof.history.Body;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Read;
import io.tallymq.node.proof.history.HistoryEvent.Reading;
import io.tallymq.node.proof.history.HistoryLog;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.load.Clients;
import java.io.IOException;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Reads a stream, acks each message, and begins anew every few seconds behind what it has acked: as it remembers itself, or as the broker
 * does, and then at the next node. What the broker stores is asked for only once there is something: before that the next one would be the
 * next that comes.
 */
final class StreamReader extends Worker {
    private static final int PREFETCH = 30;
    private static final long STAYS_NANOS = TimeUnit.SECONDS.toNanos(6);

    private final int moves;
    private final String stream;
    private final HistoryLog history;
    private final Random random;
    private volatile long next;
    private volatile long lastRead = System.nanoTime();
    private boolean stored;

    /** @param moves over so many nodes, and leaves it to the broker where it was; 0: it does not */
    StreamReader(String name, int node, int moves, String stream, Clients clients, HistoryLog history, long seed) {
        super(name, node, clients);
        this.moves = moves;
        this.stream = stream;
        this.history = history;
        this.random = new Random(seed);
    }

    @Override
    protected int node(int incarnation) {
        int first = super.node(incarnation);
        return moves == 0 ? first : 1 + (first + incarnation) % moves;
    }

    /** Whether nothing has come for so long. */
    boolean quiet(long nanos) {
        return System.nanoTime() - lastRead > nanos;
    }

    @Override
    protected void work(Connection connection, String incarnation) throws IOException, InterruptedException {
        Channel channel = connection.createChannel();
        channel.basicQos(PREFETCH);
        boolean known = moves > 0 && stored;
        long from = known ? Reading.STORED : next;
        Map<String, Object> arguments = new TreeMap<>();
        if (moves > 0) {
            arguments.put("x-stream-automatic-offset-tracking", true);
        }
        if (!known) {
            arguments.put("x-stream-offset", from);
        }
        history.add(t -> new Reading(t, incarnation, from));
        Reader reader = new Reader(incarnation, channel);
        channel.basicConsume(stream, false, name(), false, false, arguments, reader);
        long until = System.nanoTime() + STAYS_NANOS / 2 + (long) (random.nextDouble() * STAYS_NANOS);
        while (channel.isOpen() && System.nanoTime() < until && !stopsWithin(TimeUnit.MILLISECONDS.toNanos(50))) {
            // It reads on the client's thread.
        }
        channel.basicCancel(name());
        reader.cancelled.await();
        stored |= next > 0;
    }

    /** One channel's life. */
    private final class Reader extends DefaultConsumer {
        private final String incarnation;
        private final CountDownLatch cancelled = new CountDownLatch(1);

        Reader(String incarnation, Channel channel) {
            super(channel);
            this.incarnation = incarnation;
        }

        @Override
        public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body)
                throws IOException {
            lastRead = System.nanoTime();
            long offset = ((Number) properties.getHeaders().get("x-stream-offset")).longValue();
            MessageId id = Body.id(body);
            String crc = Body.crc(body);
            history.add(t -> new Read(t, incarnation, offset, id, crc));
            history.add(t -> new Answering(Kind.ACKED, t, incarnation, id));
            next = offset + 1;
            try {
                getChannel().basicAck(envelope.getDeliveryTag(), false);
            } catch (IOException | ShutdownSignalException e) {
                return; // Lost: it begins anew.
            }
        }

        @Override
        public void handleCancelOk(String tag) {
            cancelled.countDown();
        }

        @Override
        public void handleCancel(String tag) {
            problem("the broker cancelled " + incarnation);
            cancelled.countDown();
        }

        @Override
        public void handleShutdownSignal(String tag, ShutdownSignalException signal) {
            cancelled.countDown();
        }
    }
}
