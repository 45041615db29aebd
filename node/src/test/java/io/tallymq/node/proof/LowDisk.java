package io.tallymq.node.proof;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import io.tallymq.node.proof.load.Clients;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The disk of one node runs low or full while the load goes on: publishers of all nodes have to be blocked before anything ends, consumers
 * have to go on, and with room all goes on by itself. One thread.
 */
final class LowDisk {
    private static final long MIB = 1 << 20;
    private static final long LIMIT = 192 * MIB;
    /** Small files, so that what the limit is for fits into it; see the README. */
    static final List<String> SETTINGS = List.of(
            "disk.free-limit = " + LIMIT,
            "store.memtable-size = 4MiB",
            "raft.snapshot-bytes = 16MiB",
            "raft.segment-size = 4MiB");

    /** What the flood may fill until publishers are blocked. */
    private static final long HEADROOM = 96 * MIB;
    /** Left by a stranger who takes the rest at once: less than the limit, and more than what is on its way. */
    private static final long HARDLY_ANY = 48 * MIB;

    private static final long FLOOD_BYTES_PER_SECOND = 16 * MIB;
    /** In the queue that is drained while publishers are blocked, where the disk is not filled by a flood. */
    private static final long WAITING_BYTES = 32 * MIB;

    private static final Duration LIMIT_TO_BLOCK = Duration.ofSeconds(60);
    private static final Duration LIMIT_TO_DRAIN = Duration.ofSeconds(120);
    private static final Duration LIMIT_TO_HEAL = Duration.ofSeconds(180);
    /** A leader that waits hands over after a few seconds. */
    private static final Duration LIMIT_TO_GO_ON = Duration.ofSeconds(30);

    private static final Duration LIMIT_TO_END = Duration.ofSeconds(60);
    /** The log may meet the end of the disk a moment after the store. */
    private static final Duration SETTLED = Duration.ofSeconds(3);

    private static final Duration QUIET = Duration.ofSeconds(1);
    private static final long POLL_MILLIS = 50;
    private static final int PREFETCH = 20;
    private static final int EXIT_NO_ROOM = 5;
    private static final int EXIT_START = 3;
    private static final String QUEUE = "flood";
    private static final String STORE_FULL = "The disk of the store is full";

    private final ProofCluster cluster;
    private final ProofDisks disks;
    private final Clients clients;
    private final RunReport report;

    /** @param clients whose losses count */
    LowDisk(ProofCluster cluster, ProofDisks disks, Clients clients, RunReport report) {
        this.cluster = cluster;
        this.disks = disks;
        this.clients = clients;
        this.report = report;
    }

    /** A backlog fills it; only the drain of that backlog makes room. */
    void fills(int victim) throws IOException, InterruptedException {
        try (BlockedWatch watch = watch(cluster.numbers())) {
            disks.leave(victim, LIMIT + HEADROOM);
            long begun = System.nanoTime();
            try (Filler flood = flood()) {
                awaitBlocked(watch);
            }
            told("blocked after " + seconds(begun) + ", " + disks.free(victim) / MIB + " MiB free");
            drain(victim);
            awaitUnblocked(watch);
            told("went on by itself with " + disks.free(victim) / MIB + " MiB free");
            disks.makeRoom(victim);
        }
    }

    /** Somebody else takes nearly all of it at once, and gives it back. */
    void taken(int victim) throws IOException, InterruptedException {
        try (BlockedWatch watch = watch(cluster.numbers())) {
            floodUpTo(WAITING_BYTES);
            disks.leave(victim, HARDLY_ANY);
            awaitBlocked(watch);
            drain(victim);
            told("drained with " + disks.free(victim) / MIB + " MiB free");
            disks.makeRoom(victim);
            awaitUnblocked(watch);
        }
    }

    /**
     * Nobody has room any more. If the log meets that first, the node ends, and the others go on without it. If the store does, what is
     * applied there waits, and who reads goes on.
     *
     * @return whether it ended
     */
    boolean usedUp(int victim) throws IOException, InterruptedException {
        long before = full(victim);
        disks.leave(victim, 0);
        long begun = System.nanoTime();
        while (cluster.running(victim) && full(victim) == before) {
            if (System.nanoTime() - begun > LIMIT_TO_END.toNanos()) {
                throw new ProofException("node " + victim + " went on for " + LIMIT_TO_END.toSeconds()
                        + " s without room; the end of its log:\n" + cluster.endOfLog(victim));
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
        if (!cluster.endsWithin(victim, SETTLED)) {
            boolean answers = cluster.api(victim).get("/api/queues").isPresent();
            if (!answers && !cluster.endsWithin(victim, SETTLED)) {
                report.violation("node " + victim + " answers nobody while its store has no room");
            }
            told("node " + victim + " waits for room and answers");
            othersGoOn(victim);
            return false;
        }
        awaitEnd(victim, EXIT_NO_ROOM);
        told("node " + victim + " has ended for want of room");
        return true;
    }

    /** Publishers are blocked, but the log goes on, also if the node that waits has led: what else is asked of the others is done. */
    private void othersGoOn(int victim) throws InterruptedException {
        for (int node : cluster.numbers()) {
            long begun = System.nanoTime();
            if (node == victim) {
                continue;
            }
            try {
                CompletableFuture.runAsync(() -> declareAndDelete(node))
                        .get(LIMIT_TO_GO_ON.toSeconds(), TimeUnit.SECONDS);
                told("node " + node + " goes on: a queue after " + seconds(begun));
            } catch (ExecutionException | TimeoutException e) {
                report.violation("node " + node + " declares no queue within " + LIMIT_TO_GO_ON.toSeconds()
                        + " s while the store of node " + victim + " has no room: " + e);
            }
        }
    }

    private void declareAndDelete(int node) {
        try {
            Connection connection = clients.connect(node, "a queue beside a full store");
            try {
                Channel channel = connection.createChannel();
                channel.queueDelete(channel.queueDeclare().getQueue());
            } finally {
                Clients.close(connection);
            }
        } catch (IOException | TimeoutException e) {
            throw new CompletionException(e);
        }
    }

    private long full(int node) throws IOException {
        return Files.readAllLines(cluster.log(node)).stream()
                .filter(line -> line.contains(STORE_FULL))
                .count();
    }

    /** With room it goes on by itself, unless its log has met the end of the disk meanwhile. */
    void goesOn(int victim) throws IOException, InterruptedException {
        disks.makeRoom(victim);
        if (cluster.endsWithin(victim, SETTLED)) {
            awaitEnd(victim, EXIT_NO_ROOM);
            cluster.start(victim);
        }
        served(victim);
    }

    /** Too early, and when there is room. */
    void startsAgain(int victim) throws IOException, InterruptedException {
        cluster.start(victim);
        awaitEnd(victim, EXIT_START);
        disks.makeRoom(victim);
        cluster.start(victim);
        served(victim);
    }

    private void served(int victim) throws IOException, InterruptedException {
        cluster.awaitServing(victim);
        try (BlockedWatch watch = watch(cluster.numbers())) {
            awaitUnblocked(watch);
        }
    }

    private void awaitEnd(int victim, int code) throws IOException, InterruptedException {
        int found = cluster.awaitEnd(victim, LIMIT_TO_END);
        if (found != code) {
            report.violation("node " + victim + " ended with exit code " + found + ", without room it has to be " + code
                    + "; the end of its log:\n" + cluster.endOfLog(victim));
        }
    }

    private BlockedWatch watch(List<Integer> nodes) throws IOException {
        try {
            return new BlockedWatch(clients, nodes);
        } catch (TimeoutException e) {
            throw new ProofException("a node takes no connection: " + e);
        }
    }

    private Filler flood() {
        return new Filler(clients, cluster.nodes().size(), QUEUE, FLOOD_BYTES_PER_SECOND, false);
    }

    private void floodUpTo(long bytes) throws IOException, InterruptedException {
        try (Filler flood = flood()) {
            while (flood.confirmedBytes() < bytes) {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
        }
    }

    private void awaitBlocked(BlockedWatch watch) throws InterruptedException {
        if (!watch.await(all(), true, LIMIT_TO_BLOCK)) {
            throw new ProofException("publishers are not blocked on every node " + LIMIT_TO_BLOCK.toSeconds()
                    + " s after the disk of one got low; heard: " + watch.reason());
        }
        told("publishers of all nodes are blocked: " + watch.reason());
        assertRunning();
    }

    private void awaitUnblocked(BlockedWatch watch) throws InterruptedException {
        long begun = System.nanoTime();
        if (!watch.await(all(), false, LIMIT_TO_HEAL)) {
            throw new ProofException("publishers are still blocked " + LIMIT_TO_HEAL.toSeconds()
                    + " s after there was room: " + watch.reason());
        }
        told("publishers go on " + seconds(begun) + " later");
        assertRunning();
    }

    private Set<Integer> all() {
        return new TreeSet<>(cluster.numbers());
    }

    private void assertRunning() {
        for (int node : cluster.numbers()) {
            if (!cluster.running(node)) {
                throw new ProofException("node " + node + " has ended although publishers were blocked");
            }
        }
    }

    /** By one consumer on the node whose disk is low, while publishers are blocked. */
    private void drain(int victim) throws IOException, InterruptedException {
        Connection connection;
        try {
            connection = clients.connect(victim, "drain of the flood");
        } catch (TimeoutException e) {
            throw new ProofException("the node with the low disk takes no consumer: " + e);
        }
        try {
            Channel channel = connection.createChannel();
            AtomicLong last = new AtomicLong(System.nanoTime());
            AtomicLong count = new AtomicLong();
            channel.basicQos(PREFETCH);
            channel.basicConsume(QUEUE, false, new DefaultConsumer(channel) {
                @Override
                public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body)
                        throws IOException {
                    getChannel().basicAck(envelope.getDeliveryTag(), false);
                    count.incrementAndGet();
                    last.set(System.nanoTime());
                }
            });
            long begun = System.nanoTime();
            while (System.nanoTime() - last.get() < QUIET.toNanos() || channel.messageCount(QUEUE) > 0) {
                if (System.nanoTime() - begun > LIMIT_TO_DRAIN.toNanos()) {
                    report.violation("consumers did not drain the flood within " + LIMIT_TO_DRAIN.toSeconds() + " s: "
                            + channel.messageCount(QUEUE) + " messages are left after " + count.get());
                    return;
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
            told("drained " + count.get() + " messages of the flood in " + seconds(begun));
        } finally {
            Clients.close(connection);
        }
        assertRunning();
    }

    private static String seconds(long since) {
        return String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - since) / 1e9);
    }

    private static void told(String what) {
        System.out.println("  " + what);
    }
}
