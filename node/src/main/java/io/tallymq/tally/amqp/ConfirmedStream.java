package io.tallymq.tally.amqp;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.tally.amqp.ConfirmLedger.Fate;
import io.tallymq.tally.context.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** Publishes over one connection after the other and writes down what is said of each message. Runs on a thread of its own. */
final class ConfirmedStream implements Runnable {
    private static final int MOST_OPEN = 256;
    private static final long PAUSE_MILLIS = 100;
    private static final long LAST_ANSWERS_MILLIS = 30_000;

    private final AmqpNodes nodes;
    private final int number;
    private final String queue;
    private final String run;
    private final ConfirmLedger ledger;
    private final BooleanSupplier goesOn;
    private final AtomicInteger losses;

    /** Of the connection in hand: confirm number to message. */
    private TreeMap<Long, Integer> open = new TreeMap<>();

    /**
     * Made once per publisher.
     *
     * @param run begins each body, so that a message of another run is known
     * @param goesOn whether to publish another one; asked before each
     * @param losses counts connections that were lost
     */
    ConfirmedStream(
            AmqpNodes nodes,
            int number,
            String queue,
            String run,
            ConfirmLedger ledger,
            BooleanSupplier goesOn,
            AtomicInteger losses) {
        this.nodes = nodes;
        this.number = number;
        this.queue = queue;
        this.run = run;
        this.ledger = ledger;
        this.goesOn = goesOn;
        this.losses = losses;
    }

    @Override
    public void run() {
        for (int attempt = 0; goesOn.getAsBoolean(); attempt++) {
            synchronized (this) {
                open = new TreeMap<>();
            }
            try {
                Connection connection = nodes.connect("tally verify-confirms " + number, number + attempt);
                try {
                    publish(connection);
                } finally {
                    connection.abort(1_000);
                }
            } catch (IOException | ShutdownSignalException | Failure e) {
                losses.incrementAndGet();
                pause();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void publish(Connection connection) throws IOException, InterruptedException {
        Channel channel = connection.createChannel();
        TreeMap<Long, Integer> mine;
        synchronized (this) {
            mine = open;
        }
        channel.addShutdownListener(why -> wake());
        channel.addReturnListener(
                (code, text, exchange, key, properties, body) -> ledger.say(message(body, run), Fate.RETURNED));
        channel.addConfirmListener(
                (n, all) -> said(mine, n, all, Fate.ACKED), (n, all) -> said(mine, n, all, Fate.NACKED));
        channel.confirmSelect();
        BasicProperties properties = MessageProperties.PERSISTENT_BASIC;
        while (goesOn.getAsBoolean()) {
            int message;
            synchronized (this) {
                while (mine.size() >= MOST_OPEN && channel.isOpen()) {
                    wait();
                }
                message = ledger.send();
                mine.put(channel.getNextPublishSeqNo(), message);
            }
            channel.basicPublish("", queue, true, properties, body(message));
        }
        awaitLast(channel, mine);
    }

    private synchronized void awaitLast(Channel channel, TreeMap<Long, Integer> mine) throws InterruptedException {
        long end = System.nanoTime() + LAST_ANSWERS_MILLIS * 1_000_000;
        while (!mine.isEmpty() && channel.isOpen() && System.nanoTime() < end) {
            wait(PAUSE_MILLIS);
        }
    }

    private synchronized void wake() {
        notifyAll();
    }

    private synchronized void said(TreeMap<Long, Integer> mine, long confirm, boolean all, Fate fate) {
        var answered = all ? mine.headMap(confirm, true) : mine.subMap(confirm, true, confirm, true);
        answered.values().forEach(message -> ledger.say(message, fate));
        answered.clear();
        notifyAll();
    }

    private byte[] body(int message) {
        return (run + " " + message).getBytes(StandardCharsets.UTF_8);
    }

    /** The number in a body; -1 if it is of another run. */
    static int message(byte[] body, String run) {
        String text = new String(body, StandardCharsets.UTF_8);
        return text.startsWith(run + " ") ? Integer.parseInt(text.substring(run.length() + 1)) : -1;
    }
}
