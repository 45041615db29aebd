package io.tallymq.node.waits;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.LoggerFactory;

/**
 * Measures how long others wait while somebody asks for much: a bystander, who publishes a message at a time and waits for each confirm, beside one heavy client
 * after the other; and what who fetches or consumes gets beside a flood. Against any broker that speaks AMQP 0-9-1. {@code deploy/bench-waits --help} tells how.
 */
public final class Waits {
    private static final int SMALL = 1_000;
    private static final int LARGE = 16 * 1024 * 1024;
    private static final int SENDERS = 20;
    private static final int REQUEUED = 100_000;
    private static final int CHURNERS = 4;
    private static final long CHURN_NANOS = TimeUnit.SECONDS.toNanos(CHURNERS) / 300;

    private final List<String> uris;
    private final long seconds;
    private final int bindings;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private Waits(List<String> uris, long seconds, int bindings) {
        this.uris = uris;
        this.seconds = seconds;
        this.bindings = bindings;
    }

    /** @param args SECONDS, BINDINGS, then the nodes' URIs: the bystander is at the first, heavy clients are at the last */
    public static void main(String[] args) throws Exception {
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME))
                .setLevel(Level.WARN); // clients tell of each connection
        List<String> uris = List.of(args).subList(2, args.length);
        Waits waits = new Waits(uris, Long.parseLong(args[0]), Integer.parseInt(args[1]));
        try {
            waits.run();
        } finally {
            waits.threads.shutdownNow();
        }
    }

    private interface Work {
        void run(Connection connection) throws Exception;
    }

    private void run() throws Exception {
        beside("nobody", c -> TimeUnit.SECONDS.sleep(seconds));
        beside("a publisher without confirms, 1 kB", c -> flood(c, "flood", SMALL, untilNow()));
        beside(SENDERS + " publishers of 16 MiB at once", this::largeOnes);
        beside("the delete of an exchange with " + bindings + " bindings", this::deleteBound, this::bind);
        beside("a channel that closes with " + REQUEUED + " messages", this::closeHolding, this::fill);
        beside("300 connections a second that come and go", c -> churn());
        fetchers();
        consumers();
    }

    private Connection connect(int node) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(uris.get(node < 0 ? uris.size() - 1 : node));
        factory.setAutomaticRecoveryEnabled(false);
        return factory.newConnection();
    }

    private static Channel queue(Connection c, String name) throws IOException {
        Channel channel = c.createChannel();
        channel.queueDeclare(name, true, false, false, Map.of("x-queue-type", "quorum"));
        channel.queuePurge(name);
        return channel;
    }

    private void beside(String what, Work work) throws Exception {
        beside(what, work, c -> {});
    }

    /** @param before not measured */
    private void beside(String what, Work work, Work before) throws Exception {
        try (Connection heavy = connect(-1);
                Connection light = connect(0)) {
            before.run(heavy);
            Channel channel = queue(light, "bystander");
            channel.confirmSelect();
            AtomicLong ended = new AtomicLong();
            Future<List<Long>> waited = threads.submit(() -> waits(channel, ended));
            long began = System.nanoTime();
            work.run(heavy);
            long took = System.nanoTime() - began;
            TimeUnit.SECONDS.sleep(1);
            ended.set(1);
            print("bystander beside " + what, waited.get(), took);
        } catch (ShutdownSignalException e) {
            System.out.println("bystander beside " + what + ": " + e.getMessage());
        }
    }

    private static List<Long> waits(Channel channel, AtomicLong ended) throws Exception {
        List<Long> waits = new ArrayList<>();
        byte[] body = new byte[16];
        while (ended.get() == 0) {
            long began = System.nanoTime();
            channel.basicPublish("", "bystander", MessageProperties.PERSISTENT_BASIC, body);
            channel.waitForConfirmsOrDie(120_000);
            waits.add(System.nanoTime() - began);
        }
        return waits;
    }

    private long untilNow() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    }

    private static void flood(Connection c, String queue, int bytes, long until) throws Exception {
        Channel channel = queue(c, queue);
        byte[] body = new byte[bytes];
        long sent = 0;
        long began = System.nanoTime();
        for (; System.nanoTime() < until; sent++) {
            channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, body);
        }
        System.out.printf(Locale.ROOT, "  (%.0f/s published)%n", sent * 1e9 / (System.nanoTime() - began));
        channel.queueDelete(queue);
    }

    private void largeOnes(Connection heavy) throws Exception {
        queue(heavy, "large");
        List<Callable<Object>> senders = new ArrayList<>();
        for (int i = 0; i < SENDERS; i++) {
            senders.add(() -> {
                try (Connection c = connect(-1)) {
                    Channel channel = c.createChannel();
                    channel.confirmSelect();
                    channel.basicPublish("", "large", MessageProperties.PERSISTENT_BASIC, new byte[LARGE]);
                    return channel.waitForConfirms(120_000);
                }
            });
        }
        for (Future<Object> sent : threads.invokeAll(senders)) {
            sent.get();
        }
        heavy.createChannel().queueDelete("large");
    }

    private void bind(Connection heavy) throws Exception {
        Channel channel = queue(heavy, "bound");
        channel.exchangeDeclare("bound", "direct", true);
        for (int i = 0; i < bindings; i++) {
            if (i % 1_000 == 999) {
                channel.queueBind("bound", "bound", "k" + i);
            } else {
                channel.queueBindNoWait("bound", "bound", "k" + i, Map.of());
            }
        }
        channel.queueDeclarePassive("bound");
    }

    private void deleteBound(Connection heavy) throws Exception {
        Channel channel = heavy.createChannel();
        channel.exchangeDelete("bound");
        channel.queueDelete("bound");
    }

    private void fill(Connection heavy) throws Exception {
        Channel channel = queue(heavy, "requeued");
        channel.confirmSelect();
        for (int i = 1; i <= REQUEUED; i++) {
            channel.basicPublish("", "requeued", MessageProperties.PERSISTENT_BASIC, new byte[100]);
            if (i % 1_000 == 0) {
                channel.waitForConfirmsOrDie(120_000);
            }
        }
        AtomicLong got = new AtomicLong();
        Channel holding = heavy.createChannel();
        holding.basicConsume("requeued", false, (tag, d) -> got.incrementAndGet(), tag -> {});
        for (long before = -1; got.get() > before && got.get() < REQUEUED; ) { // brokers may give one less
            before = got.get();
            TimeUnit.SECONDS.sleep(1);
        }
        System.out.println("  (it has " + got + ")");
        closing = holding;
    }

    private Channel closing;

    private void closeHolding(Connection heavy) throws Exception {
        closing.close();
        TimeUnit.SECONDS.sleep(2);
        heavy.createChannel().queueDelete("requeued");
    }

    private void churn() throws Exception {
        long until = untilNow();
        List<Callable<Object>> all = new ArrayList<>();
        AtomicLong opened = new AtomicLong();
        for (int i = 0; i < CHURNERS; i++) {
            all.add(() -> {
                for (long next = System.nanoTime(); next < until; next += CHURN_NANOS) {
                    LockSupport.parkNanos(next - System.nanoTime());
                    try (Connection c = connect(-1)) {
                        c.createChannel();
                        opened.incrementAndGet();
                    }
                }
                return null;
            });
        }
        for (Future<Object> done : threads.invokeAll(all)) {
            done.get();
        }
        System.out.printf(Locale.ROOT, "  (%d connections a second)%n", opened.get() / seconds);
    }

    /** Who fetches one message after the other, alone and beside a flood into the same queue. */
    private void fetchers() throws Exception {
        try (Connection c = connect(0);
                Connection heavy = connect(-1)) {
            Channel channel = queue(c, "fetched");
            channel.confirmSelect();
            for (int i = 0; i < 2_000; i++) {
                channel.basicPublish("", "fetched", MessageProperties.PERSISTENT_BASIC, new byte[SMALL]);
            }
            channel.waitForConfirmsOrDie(120_000);
            print("basic.get, alone", fetch(channel, 1_500, untilNow()), 0);
            Future<Object> flood = threads.submit(() -> {
                flood(heavy, "fetched", SMALL, untilNow());
                return null;
            });
            TimeUnit.MILLISECONDS.sleep(500);
            print(
                    "basic.get beside a publisher without confirms",
                    fetch(channel, Integer.MAX_VALUE, untilNow() - 1_000_000_000L),
                    0);
            flood.get();
        } catch (IOException | ShutdownSignalException e) {
            System.out.println("basic.get: " + e);
        }
    }

    private static List<Long> fetch(Channel channel, int most, long until) throws IOException {
        List<Long> waits = new ArrayList<>();
        while (waits.size() < most && System.nanoTime() < until) {
            long began = System.nanoTime();
            GetResponse got = channel.basicGet("fetched", true);
            if (got != null) {
                waits.add(System.nanoTime() - began);
            }
        }
        return waits;
    }

    /** Two consumers, prefetch 50, an ack for ten, 4 kB, beside a publisher without confirms. */
    private void consumers() throws Exception {
        try (Connection heavy = connect(-1);
                Connection one = connect(0);
                Connection two = connect(0)) {
            queue(heavy, "consumed");
            AtomicLong got = new AtomicLong();
            List<Long> gaps = new ArrayList<>();
            for (Connection c : List.of(one, two)) {
                Channel channel = c.createChannel();
                channel.basicQos(50);
                long[] last = {System.nanoTime(), 0};
                channel.basicConsume(
                        "consumed",
                        false,
                        (tag, d) -> {
                            long now = System.nanoTime();
                            synchronized (gaps) {
                                gaps.add(now - last[0]);
                            }
                            last[0] = now;
                            got.incrementAndGet();
                            if (++last[1] % 10 == 0) {
                                channel.basicAck(d.getEnvelope().getDeliveryTag(), true);
                            }
                        },
                        tag -> {});
            }
            Channel channel = heavy.createChannel();
            byte[] body = new byte[4_000];
            long until = untilNow();
            long sent = 0;
            for (; System.nanoTime() < until; sent++) {
                channel.basicPublish("", "consumed", MessageProperties.PERSISTENT_BASIC, body);
            }
            System.out.printf(
                    Locale.ROOT,
                    "two consumers, prefetch 50, ack 10, 4 kB, flood: %d/s received, %d/s published%n",
                    got.get() / seconds,
                    sent / seconds);
            synchronized (gaps) {
                print("  gaps between deliveries", List.copyOf(gaps), 0);
            }
            heavy.createChannel().queueDelete("consumed");
        }
    }

    private static void print(String what, List<Long> nanos, long took) {
        long[] sorted = nanos.stream().mapToLong(n -> n).toArray();
        Arrays.sort(sorted);
        if (sorted.length == 0) {
            System.out.println(what + ": nothing");
            return;
        }
        System.out.printf(
                Locale.ROOT,
                "%-60s %7d: p50 %8.2f  p99 %8.2f  max %8.2f ms%s%n",
                what,
                sorted.length,
                sorted[sorted.length / 2] / 1e6,
                sorted[(int) (sorted.length * 0.99)] / 1e6,
                sorted[sorted.length - 1] / 1e6,
                took == 0 ? "" : String.format(Locale.ROOT, "  (the work took %.2f s)", took / 1e9));
    }
}
