package io.tallymq.tally.amqp;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.tally.amqp.ConfirmLedger.Fate;
import io.tallymq.tally.context.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Publishes over one connection after the other and writes down what is said of each message. What had no answer when a connection was lost is published
 * again by its name, if names are known. Runs on a thread of its own.
 */
final class ConfirmedStream implements Runnable {
    private static final int MOST_OPEN = 256;
    private static final long PAUSE_MILLIS = 100;
    private static final long LAST_ANSWERS_MILLIS = 30_000;
    /** And for what has to be published again: nodes may be on their way. */
    private static final long AGAIN_MILLIS = 90_000;

    private final AmqpNodes nodes;
    private final int number;
    private final String queue;
    private final String run;
    private final ConfirmLedger ledger;
    private final BooleanSupplier goesOn;
    private final AtomicInteger losses;

    private final ConfirmNames names;

    /** What had no answer: number to message. */
    private final TreeMap<Long, Integer> unanswered = new TreeMap<>();
    /** The message of each number, from 1 on. */
    private final List<Integer> messages = new ArrayList<>();
    /** Until when it tries again what had no answer, once it is over; 0: it is not. */
    private long giveUp;

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
            AtomicInteger losses,
            ConfirmNames names) {
        this.nodes = nodes;
        this.number = number;
        this.queue = queue;
        this.run = run;
        this.ledger = ledger;
        this.goesOn = goesOn;
        this.losses = losses;
        this.names = names;
    }

    @Override
    public void run() {
        for (int attempt = 0; goesOn.getAsBoolean() || triesAgain(); attempt++) {
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

    private synchronized boolean triesAgain() {
        giveUp = giveUp == 0 ? System.nanoTime() + AGAIN_MILLIS * 1_000_000 : giveUp;
        return names.areKnown() && !unanswered.isEmpty() && System.nanoTime() < giveUp;
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
        /* Confirm number to number. */
        TreeMap<Long, Long> open = new TreeMap<>();
        TreeMap<Long, Integer> again = again();
        names.again(channel, number, again.keySet());
        channel.addShutdownListener(why -> wake());
        channel.addReturnListener(
                (code, text, exchange, key, properties, body) -> ledger.say(message(body, run), Fate.RETURNED));
        channel.addConfirmListener(
                (n, all) -> said(open, n, all, Fate.ACKED), (n, all) -> said(open, n, all, Fate.NACKED));
        channel.confirmSelect();
        for (Map.Entry<Long, Integer> e : again.entrySet()) {
            publish(channel, open, e.getKey(), e.getValue());
        }
        while (goesOn.getAsBoolean()) {
            int message = ledger.send();
            synchronized (this) {
                messages.add(message);
            }
            publish(channel, open, messages.size(), message);
        }
        awaitLast(channel, open);
    }

    /** What is to be published again. */
    private synchronized TreeMap<Long, Integer> again() {
        if (!names.areKnown()) {
            unanswered.clear();
        }
        return new TreeMap<>(unanswered);
    }

    private void publish(Channel channel, TreeMap<Long, Long> open, long seq, int message)
            throws IOException, InterruptedException {
        synchronized (this) {
            while (open.size() >= MOST_OPEN && channel.isOpen()) {
                wait();
            }
            unanswered.put(seq, message);
            open.put(channel.getNextPublishSeqNo(), seq);
        }
        channel.basicPublish("", queue, true, names.properties(number, seq), body(message));
    }

    private synchronized void awaitLast(Channel channel, TreeMap<Long, Long> open) throws InterruptedException {
        long end = System.nanoTime() + LAST_ANSWERS_MILLIS * 1_000_000;
        while (!open.isEmpty() && channel.isOpen() && System.nanoTime() < end) {
            wait(PAUSE_MILLIS);
        }
    }

    private synchronized void wake() {
        notifyAll();
    }

    private synchronized void said(TreeMap<Long, Long> open, long confirm, boolean all, Fate fate) {
        var answered = all ? open.headMap(confirm, true) : open.subMap(confirm, true, confirm, true);
        for (long seq : answered.values()) {
            Integer message = unanswered.remove(seq);
            if (message != null) {
                ledger.say(message, fate);
            }
        }
        answered.clear();
        notifyAll();
    }

    /** Asks for the receipts of those that had no answer, and of some of the last messages, when it has ended. */
    void ask(Channel channel, int most) throws IOException {
        for (Map.Entry<Long, Integer> e : unanswered.entrySet()) {
            names.ask(channel, number, e.getKey(), e.getValue(), Fate.UNKNOWN);
        }
        int first = Math.max(0, messages.size() - ConfirmNames.KNOWN);
        int step = Math.max(1, (messages.size() - first + most - 1) / most);
        for (int i = messages.size() - 1; i >= first; i -= step) {
            int message = messages.get(i);
            names.ask(channel, number, i + 1, message, ledger.fate(message));
        }
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
