package io.tallymq.broker;

import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.NodeLost;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Qos;
import io.tallymq.broker.command.Recover;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.store.RocksStore;
import io.tallymq.store.RocksStoreConfig;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How long the entry that ends something large takes the applying thread, and the longest of those that follow until nothing is owed.
 * Not a test: compare two runs on the same quiet machine. Arguments: a directory that may be filled, then the names of cases, see
 * {@link #main}.
 */
final class CloseBenchmark {
    private static final int ROUNDS = 3;
    private static final int HELD = 250_000;

    private final OneNode node;
    private final RocksStore store;
    private long connections = 1;

    private CloseBenchmark(RocksStore store) {
        this.store = store;
        node = new OneNode(store, MachineLimits.FORMAT_1);
    }

    public static void main(String[] args) {
        for (int i = 1; i < args.length; i++) {
            RocksStoreConfig config = RocksStoreConfig.in(Path.of(args[0], args[i]));
            try (RocksStore store = RocksStore.open(config, BrokerMachine.LEVELS, System.err::println)) {
                CloseBenchmark b = new CloseBenchmark(store);
                for (int round = 0; round < ROUNDS; round++) {
                    b.run(args[i], round);
                }
            }
        }
    }

    private void run(String name, int round) {
        switch (name) {
            case "consumers" -> consumers(1, round);
            case "consumers-of-1000-queues" -> consumers(1_000, round);
            case "runs" -> runs(round);
            case "interleaved" -> interleaved(round);
            case "nodes" -> nodes(round);
            case "exclusive" -> exclusive(round);
            case "descending" -> descending(round);
            case "limited" -> limited(round);
            case "delete-consumed" -> deleteConsumed(round);
            case "digest" -> digest(round);
            default -> throw new IllegalArgumentException(name);
        }
    }

    // ---- cases

    private void consumers(int queues, int round) {
        ConnectionId c = connect("n1");
        String prefix = "c" + round + ".";
        declare(c, prefix, queues, false);
        for (int i = 0; i < 49_900; i++) {
            subscribe(c, 1 + i / 100, prefix + i % queues, 10);
        }
        timed("close of 49,900 consumers in 499 channels of " + queues + " queues", new CloseConnection(c, List.of()));
        delete(prefix, queues);
    }

    private void runs(int round) {
        ConnectionId c = connect("n1");
        String q = "r" + round + ".";
        declare(c, q, 1, false);
        fill(q + 0, 2 * HELD);
        long holder = subscribe(c, 1, q + 0, 0);
        while (node.queue(q + 0).unacked() < HELD) {
            apply(new Credit(holder, HELD));
        }
        long next = 0;
        while (next < 2 * HELD - 4) { // every second one is settled, another one comes for it
            int n = (int) Math.min(2_000, (2L * HELD - next) / 4);
            long[] ranges = new long[2 * n];
            for (int i = 0; i < n; i++) {
                ranges[2 * i] = next + 2L * i;
                ranges[2 * i + 1] = ranges[2 * i];
            }
            next += 2L * n;
            apply(new Settle(holder, Settle.Outcome.ACK, ranges));
            apply(new Credit(holder, 2 * n));
            if (next > 2L * HELD - 5_000) {
                break;
            }
        }
        System.out.println("held " + node.queue(q + 0).unacked());
        timed("close of a consumer that holds every second of 500,000", new CloseConnection(c, List.of()));
        delete(q, 1);
    }

    /** Two consumers hold every second message each; both go at once. */
    private void interleaved(int round) {
        ConnectionId c = connect("n1");
        String q = "i" + round + ".";
        declare(c, q, 1, false);
        long a = subscribe(c, 1, q + 0, 0);
        long b = subscribe(c, 1, q + 0, 0);
        for (int i = 0; i < 100; i++) {
            apply(new Credit(a, 1_000));
            apply(new Credit(b, 1_000));
        }
        for (int i = 0; i < 200_000 / 2; i++) {
            apply(OneNode.messages(2, 10, new Route("/", "", q + 0)));
        }
        System.out.println("held " + node.queue(q + 0).unacked());
        timed("close of two consumers that hold every second of 200,000", new CloseConnection(c, List.of()));
        delete(q, 1);
    }

    private void nodes(int round) {
        node.begin();
        node.machine.end();
        String other = "other" + round;
        other(other, 1, new NodeUp(other, 1));
        String prefix = "n" + round + ".";
        declare(node.connection, prefix, 1_000, false);
        long seq = 1;
        for (int i = 0; i < 10_000; i++) {
            ConnectionId c = new ConnectionId(other, i + 1);
            other(other, ++seq, new OpenConnection(c, OneNode.info()));
            other(other, ++seq, subscribeCommand(c, 1, prefix + i % 1_000, 10));
        }
        for (int i = 0; i < 1_000; i++) {
            apply(OneNode.messages(100, 100, new Route("/", "", prefix + i)));
        }
        drainOwed();
        timed("loss of a node with 10,000 connections, a consumer and 10 messages each", new NodeLost(other, 1, 1));
        delete(prefix, 1_000);
    }

    private void exclusive(int round) {
        ConnectionId c = connect("n1");
        String prefix = "x" + round + ".";
        declare(c, prefix, 50_000, true);
        timed("close of a connection with 50,000 exclusive queues", new CloseConnection(c, List.of()));
    }

    /** What is acked is scattered, from the end to the beginning, as a client may do it. */
    private void descending(int round) {
        ConnectionId c = connect("n1");
        String q = "d" + round + ".";
        declare(c, q, 1, false);
        fill(q + 0, HELD);
        long holder = subscribe(c, 1, q + 0, 0);
        while (node.queue(q + 0).unacked() < HELD) {
            apply(new Credit(holder, HELD));
        }
        for (long at = HELD - 2; at > 100_000; at -= 2) {
            apply(new Settle(holder, Settle.Outcome.ACK, new long[] {at, at}));
        }
        timed("1,000 scattered acks of a consumer that holds 75,000 runs", () -> {
            for (long at = 100_000; at > 98_000; at -= 2) {
                node.machine.apply(new Settle(holder, Settle.Outcome.ACK, new long[] {at, at}), node);
            }
        });
        timed("requeue of a consumer with 100,000 of 250,000 held", new Recover(c, 1));
        apply(new CloseConnection(c, List.of()));
        delete(q, 1);
    }

    /** One channel, 10,000 consumers, one limit for all: each ack makes room. */
    private void limited(int round) {
        ConnectionId c = connect("n1");
        String q = "l" + round + ".";
        declare(c, q, 1, false);
        apply(new Qos(c, 1, 1_000));
        List<Long> holders = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            holders.add(subscribe(c, 1, q + 0, 0));
        }
        fill(q + 0, 1_000);
        drainOwed();
        timed("100 acks on a channel with a limit and 10,000 consumers", () -> {
            for (int i = 0; i < 100; i++) {
                node.machine.apply(new Settle(holders.get(i), Settle.Outcome.ACK, new long[] {0, 999}), node);
            }
        });
        apply(new CloseConnection(c, List.of()));
        delete(q, 1);
    }

    private void deleteConsumed(int round) {
        ConnectionId c = connect("n1");
        String q = "e" + round + ".";
        declare(c, q, 1, false);
        for (int i = 0; i < 49_900; i++) {
            subscribe(c, 1 + i / 100, q + 0, 10);
        }
        timed("delete of a queue with 49,900 consumers", new DeleteQueue(node.connection, "/", q + 0, false, false));
        apply(new CloseConnection(c, List.of()));
    }

    private void digest(int round) {
        ConnectionId c = connect("n1");
        String q = "g" + round + ".";
        declare(c, q, 30_000, false);
        timed("digest of 30,000 queues more", new Probe(true));
    }

    // ---- help

    private void timed(String what, Command c) {
        timed(what, () -> node.machine.apply(c, node));
    }

    private void timed(String what, Runnable commands) {
        node.commit();
        System.gc();
        long at = cpu();
        node.begin();
        commands.run();
        node.end();
        final long applied = cpu();
        node.commit();
        final long committed = cpu();
        long[] longest = new long[3];
        while (node.machine.owes()) {
            longest[2]++;
            long begin = cpu();
            node.apply(new Probe(false));
            longest[0] = Math.max(longest[0], cpu() - begin);
            begin = cpu();
            node.commit();
            longest[1] = Math.max(longest[1], cpu() - begin);
        }
        node.delivered.clear();
        System.out.printf(
                "%s: applied in %.1f ms, committed in %.1f ms; then %d entries, at most %.1f and %.1f ms%n",
                what,
                (applied - at) / 1e6,
                (committed - applied) / 1e6,
                longest[2],
                longest[0] / 1e6,
                longest[1] / 1e6);
    }

    /** Of this thread: what others do on the machine plays no role. */
    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private Reply apply(Command c) {
        Reply r = node.apply(c);
        if (r instanceof Reply.Rejected) {
            throw new IllegalStateException(c + ": " + r);
        }
        if (node.index % 256 == 0) {
            node.commit();
            node.delivered.clear();
        }
        return r;
    }

    private void other(String name, long seq, Command c) {
        node.index++;
        node.machine.begin(new Stamp(1, node.index, node.index), name, 1, seq, c instanceof NodeUp);
        node.machine.apply(c, node);
        node.end();
        if (node.index % 256 == 0) {
            node.commit();
        }
    }

    private void drainOwed() {
        while (node.machine.owes()) {
            apply(new Probe(false));
        }
    }

    private ConnectionId connect(String name) {
        ConnectionId c = new ConnectionId(name, ++connections);
        apply(new OpenConnection(c, OneNode.info()));
        return c;
    }

    private void declare(ConnectionId c, String prefix, int queues, boolean exclusive) {
        QueueSpec spec = new QueueSpec(!exclusive, exclusive, false, Arguments.NONE);
        for (int i = 0; i < queues; i++) {
            apply(new DeclareQueue(c, "/", prefix + i, spec, false));
        }
    }

    private void delete(String prefix, int queues) {
        for (int i = 0; i < queues; i++) {
            apply(new DeleteQueue(node.connection, "/", prefix + i, false, false));
        }
        drainOwed();
    }

    private static Subscribe subscribeCommand(ConnectionId c, int channel, String queue, int prefetch) {
        ConsumerSpec spec = new ConsumerSpec("t", false, false, prefetch, 2_000, Arguments.NONE);
        return new Subscribe(c, channel, "/", queue, spec);
    }

    private long subscribe(ConnectionId c, int channel, String queue, int prefetch) {
        return ((Reply.Subscribed) apply(subscribeCommand(c, channel, queue, prefetch))).consumer();
    }

    private void fill(String queue, int messages) {
        for (int i = 0; i < messages; i += 500) {
            apply(OneNode.messages(500, 10, new Route("/", "", queue)));
        }
    }
}
