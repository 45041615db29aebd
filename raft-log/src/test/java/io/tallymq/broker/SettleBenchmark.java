package io.tallymq.broker;

import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Recover;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.command.TakeMatching;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.store.RocksStore;
import io.tallymq.store.RocksStoreConfig;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * As {@link CloseBenchmark}, at the highest level, of what takes single messages from all over a queue: settles, and purges and deletes behind
 * them. No body stays in memory. Arguments: a directory that may be filled, then the names of cases.
 */
final class SettleBenchmark {
    private static final int ROUNDS = 3;
    private static final int HELD = 125_000;
    private static final int NACKED = 16_384;

    private final OneNode node;
    private final ConnectionId other = new ConnectionId("n1", 2);

    private SettleBenchmark(RocksStore store) {
        node = new OneNode(store, MachineLimits.FORMAT_1);
        node.raise(BrokerMachine.LEVELS.max());
        node.apply(new OpenConnection(other, OneNode.info()));
    }

    public static void main(String[] args) {
        for (int i = 1; i < args.length; i++) {
            RocksStoreConfig c = RocksStoreConfig.in(Path.of(args[0], args[i]));
            RocksStoreConfig config = new RocksStoreConfig(
                    c.directory(),
                    c.memtableBytes(),
                    c.memtables(),
                    c.memtablesToMerge(),
                    c.blockCacheBytes(),
                    0,
                    c.maxOpenFiles(),
                    c.logBytes(),
                    0,
                    false);
            try (RocksStore store = RocksStore.open(config, BrokerMachine.LEVELS, System.err::println)) {
                SettleBenchmark b = new SettleBenchmark(store);
                for (int round = 0; round < ROUNDS; round++) {
                    b.run(args[i], "q" + round);
                }
            }
        }
    }

    private void run(String name, String q) {
        switch (name) {
            case "purge-behind" -> purge(q, true, false);
            case "purge-torn" -> purge(q, false, false);
            case "delete-behind" -> purge(q, true, true);
            case "delete-torn" -> purge(q, false, true);
            case "acks" -> settle(q, Settle.Outcome.ACK, 2_048, false, 1);
            case "acks-many" -> settle(q, Settle.Outcome.ACK, 50_000, false, 1);
            case "acks-mixed" -> settle(q, Settle.Outcome.ACK, 2_048, true, 1);
            case "acks-large" -> settle(q, Settle.Outcome.ACK, 2_048, true, 100);
            case "nacks-mixed" -> settle(q, Settle.Outcome.NACK_REQUEUE, NACKED, true, 1);
            case "nacks-large" -> settle(q, Settle.Outcome.NACK_REQUEUE, 4_096, true, 100);
            case "nacks" -> settle(q, Settle.Outcome.NACK_REQUEUE, NACKED, false, 1);
            case "nacks-500" -> settle(q, Settle.Outcome.NACK_REQUEUE, 500, false, 1);
            case "discards" -> settle(q, Settle.Outcome.DISCARD, NACKED, false, 1);
            case "out-of-turn" -> outOfTurn(q);
            default -> throw new IllegalArgumentException(name);
        }
    }

    /** Two consumers hold every second message each; one gives all of it back, and then, or when that has been done, the queue is purged or deleted. */
    private void purge(String q, boolean behind, boolean delete) {
        node.declare(q);
        long a = subscribe(1, q);
        long b = subscribe(2, q);
        for (int i = 0; i < HELD; i++) {
            if (i % 500 == 0) {
                node.apply(new Credit(a, 500));
                node.apply(new Credit(b, 500));
            }
            publish(OneNode.messages(2, 10, new Route("/", "", q)));
        }
        System.out.println("held " + node.queue(q).unacked());
        timed("recover", !behind, new Recover(other, 1));
        Command c = delete
                ? new DeleteQueue(node.connection, "/", q, false, false)
                : new PurgeQueue(node.connection, "/", q);
        timed(c.kind().toString(), true, c);
        delete(q);
    }

    /** Of each chunk a consumer settles one message. */
    private void settle(String q, Settle.Outcome how, int chunks, boolean mixed, int size) {
        node.declare(q);
        long a = subscribe(1, q);
        node.apply(new Credit(a, 2 * chunks));
        for (int i = 0; i < chunks; i++) {
            publish(two(mixed, size, q));
        }
        System.out.println("held " + node.queue(q).unacked());
        long first = node.delivered.get(0).firstSeq();
        long[] ranges = LongStream.range(0, chunks)
                .map(i -> first + 2 * i)
                .flatMap(seq -> LongStream.of(seq, seq))
                .toArray();
        timed(how + " of one message of " + chunks + " chunks, mixed " + mixed, true, new Settle(a, how, ranges));
        delete(q);
    }

    private static Publish two(boolean mixed, int size, String q) {
        ByteWriter w = new ByteWriter();
        for (int i = 0; i < 2; i++) {
            int body = size == 1 ? 10 + (mixed ? i : 0) : 100_000 + i;
            MessageRecord.writeHeader(w, 0, 0, 2, body);
            w.uint16(0);
            w.reserve(body);
        }
        return new Publish(List.of(new Route("/", "", q)), w.array(), 0, w.size(), 0, Origins.NONE);
    }

    /** A consumer with a filter takes every second chunk of a queue. */
    private void outOfTurn(String q) {
        node.declare(q);
        for (int i = 0; i < 99_000; i++) {
            publish(OneNode.messages(2, 10, new Route("/", "", q)));
        }
        Arguments filter = new Arguments(new TreeMap<>(Map.of("x-filter", Map.of("h", "v"))));
        ConsumerSpec spec = new ConsumerSpec("t", false, false, 0, 2_000, filter);
        long a = ((Reply.Subscribed) node.apply(new Subscribe(other, 1, "/", q, spec))).consumer();
        for (long at = 1; at < 99_000; at += 2) {
            Reply.Taken t = (Reply.Taken) node.apply(new TakeMatching(a, new long[] {2 * at, 2 * at}));
            if (t.messages() == 0) {
                System.out.println(t.why() + " at " + at);
                break;
            }
            node.apply(new Credit(a, 1));
            if (node.index % 256 == 0) {
                node.commit();
            }
        }
        System.out.println("held " + node.queue(q).unacked());
        timed("delete", true, new DeleteQueue(node.connection, "/", q, false, false));
        node.delivered.clear();
    }

    private void publish(Publish p) {
        node.apply(p);
        if (node.index % 256 == 0) {
            node.commit();
        }
    }

    private void delete(String q) {
        node.apply(new DeleteQueue(node.connection, "/", q, false, false));
        owed(new long[3]);
        node.delivered.clear();
    }

    private void timed(String what, boolean all, Command c) {
        node.commit();
        System.gc();
        long at = cpu();
        node.begin();
        node.machine.apply(c, node);
        node.end();
        final long applied = cpu();
        node.commit();
        final long committed = cpu();
        long[] longest = new long[3];
        if (all) {
            owed(longest);
        }
        System.out.printf(
                "%s: applied in %.1f ms, committed in %.1f ms; then %d entries, at most %.1f and %.1f ms%n",
                what,
                (applied - at) / 1e6,
                (committed - applied) / 1e6,
                longest[2],
                longest[0] / 1e6,
                longest[1] / 1e6);
    }

    private void owed(long[] longest) {
        while (node.machine.owes()) {
            longest[2]++;
            long begin = cpu();
            node.apply(new Probe(false));
            longest[0] = Math.max(longest[0], cpu() - begin);
            begin = cpu();
            node.commit();
            longest[1] = Math.max(longest[1], cpu() - begin);
        }
    }

    /** Of this thread: what others do on the machine plays no role. */
    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private long subscribe(int channel, String queue) {
        ConsumerSpec spec = new ConsumerSpec("t", false, false, 0, 2_000, Arguments.NONE);
        return ((Reply.Subscribed) node.apply(new Subscribe(other, channel, "/", queue, spec))).consumer();
    }
}
