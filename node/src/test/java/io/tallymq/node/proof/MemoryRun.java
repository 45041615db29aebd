package io.tallymq.node.proof;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.node.proof.history.Body;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.load.Clients;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A backlog far above the heap: the heap in use after a collection must be the same as with a small backlog, and everything
 * comes out in order afterwards. One publisher per node, one consumer. One thread.
 */
final class MemoryRun {
    /** The small backlog that the large one is compared with. */
    private static final long SMALL_BACKLOG = 100_000;

    private static final long ALLOWED_GROWTH_MIB = 64;
    private static final int BODY = 1024;
    private static final int WINDOW = 2_000;
    private static final int PREFETCH = 2_000;
    private static final int ACK_EVERY = 500;
    private static final String QUEUE = "memory";
    private static final long STALLED_SECONDS = 120;

    private final ProofCluster cluster;
    private final Clients clients;
    private final List<String> violations = new ArrayList<>();
    private final long[] published;

    MemoryRun(ProofCluster cluster) {
        this.cluster = cluster;
        this.clients = new Clients(cluster.nodes(), Clients.DIRECT);
        this.published = new long[cluster.nodes().size()];
    }

    /** Returns what was violated. */
    List<String> run(long messages) throws IOException, InterruptedException, TimeoutException {
        Connection connection = clients.connect(1, "declare");
        connection.createChannel().queueDeclare(QUEUE, true, false, false, Map.of());
        Clients.close(connection);
        publish(Math.min(SMALL_BACKLOG, messages));
        long[] before = heaps("after " + SMALL_BACKLOG + " messages");
        publish(messages);
        long[] after = heaps("after " + messages + " messages");
        for (int i = 0; i < before.length; i++) {
            if (after[i] - before[i] > ALLOWED_GROWTH_MIB) {
                violations.add(
                        "node " + (i + 1) + ": the heap in use grew from " + before[i] + " to " + after[i] + " MiB");
            }
        }
        drain(messages);
        heaps("after the drain");
        for (int node : cluster.numbers()) {
            if (!cluster.running(node)) {
                violations.add("node " + node + " has ended: " + cluster.endOfLog(node));
            }
            if (Files.readString(cluster.log(node)).contains("OutOfMemoryError")) {
                violations.add("node " + node + " ran out of memory, see " + cluster.log(node));
            }
        }
        return violations;
    }

    private long[] heaps(String when) throws IOException, InterruptedException {
        long[] heaps = new long[cluster.nodes().size()];
        StringBuilder text = new StringBuilder("  " + when + ": heap after GC (resident) in MiB:");
        for (int i = 0; i < heaps.length; i++) {
            long pid = cluster.pid(i + 1);
            heaps[i] = JvmMemory.heapAfterGc(pid);
            text.append(" node ").append(i + 1).append(": ").append(heaps[i]);
            text.append(" (").append(JvmMemory.resident(pid)).append(')');
        }
        System.out.println(text);
        return heaps;
    }

    // ---- publish

    /** Until so many messages in all are confirmed. */
    private void publish(long total) throws InterruptedException {
        long begun = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        long had = 0;
        for (int i = 0; i < published.length; i++) {
            int node = i + 1;
            long upTo = total * node / published.length - total * i / published.length;
            had += published[i];
            Thread thread = new Thread(() -> publishFrom(node, upTo), "memory-" + node);
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        rate("confirmed", total - had, begun);
    }

    private static void rate(String what, long count, long begun) {
        double seconds = (System.nanoTime() - begun) / 1e9;
        System.out.printf(
                Locale.ROOT, "  %s %d messages in %.0f s, %.0f per second%n", what, count, seconds, count / seconds);
    }

    private void publishFrom(int node, long upTo) {
        try {
            Connection connection = clients.connect(node, "memory-" + node);
            try {
                publishOn(connection.createChannel(), node, upTo);
            } finally {
                Clients.close(connection);
            }
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            violation("publisher of node " + node + ": " + e);
        } catch (InterruptedException e) {
            violation("publisher of node " + node + " was interrupted");
        }
    }

    private synchronized void violation(String what) {
        violations.add(what);
    }

    private void publishOn(Channel channel, int node, long upTo) throws IOException, InterruptedException {
        Semaphore window = new Semaphore(WINDOW);
        AtomicLong answered = new AtomicLong();
        channel.confirmSelect();
        channel.addConfirmListener(
                (tag, multiple) -> window.release((int) (multiple ? tag - answered.getAndSet(tag) : single(answered))),
                (tag, multiple) -> violation("a publish of node " + node + " was nacked"));
        Random random = new Random(node);
        for (long sequence = published[node - 1]; sequence < upTo; sequence++) {
            acquire(window, 1, channel);
            byte[] id = Body.of(new MessageId("m" + node, sequence), random, 0);
            byte[] body = new byte[BODY];
            random.nextBytes(body);
            System.arraycopy(id, 0, body, 0, id.length);
            channel.basicPublish("", QUEUE, MessageProperties.MINIMAL_PERSISTENT_BASIC, body);
        }
        acquire(window, WINDOW, channel);
        published[node - 1] = upTo;
    }

    private static long single(AtomicLong answered) {
        answered.incrementAndGet();
        return 1;
    }

    private static void acquire(Semaphore window, int permits, Channel channel)
            throws IOException, InterruptedException {
        if (!window.tryAcquire(permits, STALLED_SECONDS, TimeUnit.SECONDS)) {
            throw new IOException("no confirm for " + STALLED_SECONDS + " s on " + channel);
        }
    }

    // ---- drain

    private void drain(long messages) throws IOException, InterruptedException, TimeoutException {
        long begun = System.nanoTime();
        int node = cluster.nodes().size();
        Connection connection = clients.connect(node, "memory-drain");
        try {
            Channel channel = connection.createChannel();
            channel.basicQos(PREFETCH);
            Drain drain = new Drain(channel, messages);
            channel.basicConsume(QUEUE, false, drain);
            long seen = -1;
            while (!drain.done.await(STALLED_SECONDS, TimeUnit.SECONDS)) {
                if (drain.count == seen) {
                    violation("only " + seen + " of " + messages + " messages came out; nothing for " + STALLED_SECONDS
                            + " s");
                    return;
                }
                seen = drain.count;
            }
            if (channel.messageCount(QUEUE) != 0) {
                violation(channel.messageCount(QUEUE) + " messages are left after the drain");
            }
        } finally {
            Clients.close(connection);
        }
        rate("drained", messages, begun);
    }

    /** Every publisher's messages must come in order, each once. */
    private final class Drain extends DefaultConsumer {
        final CountDownLatch done = new CountDownLatch(1);
        private final long messages;
        private final Map<String, Long> next = new HashMap<>();
        volatile long count;

        Drain(Channel channel, long messages) {
            super(channel);
            this.messages = messages;
        }

        @Override
        public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body)
                throws IOException {
            MessageId id = Body.id(body);
            long expected = next.getOrDefault(id.publisher(), 0L);
            if (id.sequence() != expected || body.length != BODY || envelope.isRedeliver()) {
                violation(id + " came where " + expected + " was expected, " + body.length + " bytes, redelivered "
                        + envelope.isRedeliver());
                done.countDown();
            }
            next.put(id.publisher(), id.sequence() + 1);
            long n = count + 1;
            count = n;
            if (n % ACK_EVERY == 0 || n == messages) {
                getChannel().basicAck(envelope.getDeliveryTag(), true);
            }
            if (n == messages) {
                done.countDown();
            }
        }

        @Override
        public void handleShutdownSignal(String tag, ShutdownSignalException signal) {
            if (!signal.isInitiatedByApplication()) {
                violation("the drain was disconnected: " + signal.getMessage());
                done.countDown();
            }
        }
    }
}
