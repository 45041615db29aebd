package io.tallymq.broker;

import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.PropertiesBuilder;
import io.tallymq.broker.message.RawProperties;
import io.tallymq.broker.message.ReportEvent;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.store.RocksStore;
import io.tallymq.store.RocksStoreConfig;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/**
 * What each feature costs the applying thread: CPU time per message that is published, delivered to one of four consumers and acked, 1 KiB
 * each, in entries of 16 ({@code -Dtallymq.batch}), over a store on disk. Each feature in turn, all of that several times, so that what the machine does meanwhile
 * meets all of them. Not a test. Arguments: a directory that may be filled; a part of the names of those that are wanted beside plain ones, all without it.
 */
final class FeatureBenchmark {
    /** Publishes of an entry; under load there are hundreds. */
    private static final int BATCH = Integer.getInteger("tallymq.batch", 16);

    private static final int BODY = 1_024;
    private static final int ENTRIES = 64_000 / BATCH;
    private static final int ROUNDS = 5;
    private static final Route Q = new Route("/", "", "q");
    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

    /** One way to use a queue. */
    private record Case(String name, Map<String, Object> arguments, Use use) {}

    /** What a use changes; by default nothing. */
    private static class Use {
        /** Headers and the like of message {@code n}. */
        byte[] properties(long n) {
            return new byte[2];
        }

        byte[] extension(long n) {
            return new byte[0];
        }

        Route route() {
            return Q;
        }

        /** Carries out a batch. */
        void publish(OneNode node, Publish p) {
            node.apply(p);
        }

        void settle(OneNode node, Delivery d) {
            long first = d.firstSeq();
            node.apply(new Settle(d.holder(), Outcome.ACK, new long[] {first, first + d.count() - 1}));
        }

        void prepare(OneNode node) {}
    }

    private static Use header(String name, long values) {
        return new Use() {
            @Override
            byte[] properties(long n) {
                return RawProperties.headers(Map.of(name, "v" + n % values));
            }
        };
    }

    /** Messages with ids, to an exchange that has a policy and was sent so many before. */
    private static final class Ids extends Use {
        private static final int AT_ONCE = 1_000;
        private final long before;
        private final Map<String, Object> policy;

        Ids(long before, Map<String, Object> policy) {
            this.before = before;
            this.policy = policy;
        }

        @Override
        Route route() {
            return new Route("/", "x", "");
        }

        @Override
        byte[] properties(long n) {
            return IdMessages.messageId(new UUID(n * 0x9e3779b97f4a7c15L, n).toString());
        }

        @Override
        void prepare(OneNode node) {
            ExchangeSpec fanout = new ExchangeSpec("fanout", true, false, false, Arguments.NONE);
            node.apply(new DeclareExchange("/", "x", fanout, false));
            node.apply(IdMessages.policy("^x$", policy));
            node.declare("sink", Map.of("x-max-length", 1L));
            node.bind("x", "sink");
            for (long n = 0; n < before; n += AT_ONCE) {
                List<IdMessages.Message> some = new ArrayList<>();
                for (long i = n; i < n + AT_ONCE; i++) {
                    some.add(new IdMessages.Message(properties(-1 - i), Extension.NONE, i));
                }
                node.apply(IdMessages.run(node.connection, route(), some));
                node.commit();
            }
            node.bind("x", "q");
            node.apply(new DeleteQueue(node.connection, "/", "sink", false, false));
            node.commit();
        }
    }

    private static final Use PLAIN = new Use();

    private static List<Case> cases() {
        List<Case> all = new ArrayList<>();
        all.add(new Case("plain", Map.of(), PLAIN));
        all.add(new Case("plain, again", Map.of(), PLAIN));
        all.add(new Case("a header that plays no role", Map.of(), header("x", 100)));
        all.add(new Case("x-message-ttl", Map.of("x-message-ttl", 3_600_000L), PLAIN));
        all.add(new Case(
                "x-max-length, reject-publish",
                Map.of("x-max-length", 1_000_000L, "x-overflow", "reject-publish"),
                PLAIN));
        all.add(new Case("quorum, x-delivery-limit", Map.of("x-queue-type", "quorum", "x-delivery-limit", 5L), PLAIN));
        all.add(new Case("x-max-priority, four priorities", Map.of("x-max-priority", 10L), new Use() {
            @Override
            byte[] properties(long n) {
                return new byte[] {8, 0, (byte) (n % 4)};
            }
        }));
        all.add(new Case("x-message-groups, 100 groups", Map.of("x-message-groups", true), header("x-group-id", 100)));
        all.add(new Case("x-fair-by, 20 tenants", Map.of("x-fair-by", "header:t"), header("t", 20)));
        all.add(new Case(
                "x-message-deduplication, 10,000 keys",
                Map.of("x-message-deduplication", true, "x-cache-size", 10_000L),
                header("x-deduplication-header", Long.MAX_VALUE)));
        all.add(new Case("x-last-value, 10,000 values", Map.of("x-last-value", "k"), header("k", 10_000)));
        all.add(new Case("x-consumer-timeout", Map.of("x-consumer-timeout", 60_000L), PLAIN));
        all.add(new Case("transactions of 16", Map.of(), new Use() {
            @Override
            void publish(OneNode node, Publish p) {
                node.apply(new CommitTx(node.connection, 1, List.of(), p));
            }
        }));
        all.add(new Case(
                "every tenth is a dead letter",
                Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead"),
                new Use() {
                    private long n;

                    @Override
                    void settle(OneNode node, Delivery d) {
                        for (int i = 0; i < d.count(); i++) {
                            long seq = d.firstSeq() + i;
                            node.apply(new Settle(
                                    d.holder(), n++ % 10 == 0 ? Outcome.DISCARD : Outcome.ACK, new long[] {seq, seq}));
                        }
                    }
                }));
        all.add(new Case(
                "every one is a dead letter",
                Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead"),
                new Use() {
                    @Override
                    void settle(OneNode node, Delivery d) {
                        long first = d.firstSeq();
                        long[] all = {first, first + d.count() - 1};
                        node.apply(new Settle(d.holder(), Outcome.DISCARD, all));
                    }
                }));
        all.add(new Case("the same without dead letters: acks one by one", Map.of(), new Use() {
            @Override
            void settle(OneNode node, Delivery d) {
                for (int i = 0; i < d.count(); i++) {
                    long seq = d.firstSeq() + i;
                    node.apply(new Settle(d.holder(), Outcome.ACK, new long[] {seq, seq}));
                }
            }
        }));
        all.add(new Case("amq.settle", Map.of(), new Use() {
            @Override
            void settle(OneNode node, Delivery d) {
                for (int i = 0; i < d.count(); i++) {
                    node.apply(new SettleWith(d.holder(), Outcome.ACK, d.firstSeq() + i, 0));
                }
            }
        }));
        all.add(new Case("x-delay of 50 ms", Map.of(), new Use() {
            private final byte[] later =
                    new Extension(List.of(), 0, -1, false, new Extension.Later(50, 0, "")).encode();

            @Override
            byte[] extension(long n) {
                return later;
            }
        }));
        all.add(new Case("x-producer-id and x-publish-seq", Map.of(), new Use() {
            @Override
            byte[] extension(long n) {
                return Extension.NONE.with(Terms.named("payments-1/3", n + 1)).encode();
            }
        }));
        all.add(new Case("a policy without dedup-id", Map.of(), new Ids(0, Map.of("min-queues", 1L))));
        all.add(new Case(
                "dedup-id, 1,000,000 ids in the window",
                Map.of(),
                new Ids(1_000_000, Map.of("dedup-id", "message-id", "dedup-max", 1_000_000L))));
        all.add(new Case("x-report: acked", Map.of(), reporting(ReportEvent.ACKED)));
        all.add(new Case("x-report: refused, which none is", Map.of(), reporting(ReportEvent.REFUSED)));
        all.add(new Case("a headers exchange", Map.of(), new Use() {
            @Override
            Route route() {
                return new Route("/", "h", "");
            }

            @Override
            byte[] properties(long n) {
                return RawProperties.headers(Map.of("k", "v" + n % 5));
            }

            @Override
            void prepare(OneNode node) {
                node.apply(new DeclareExchange(
                        "/", "h", new ExchangeSpec("headers", true, false, false, Arguments.NONE), false));
                node.bind("h", "q");
            }
        }));
        return all;
    }

    /** Nobody reads the reports. */
    private static Use reporting(ReportEvent event) {
        byte[] telling = Extension.NONE.with(Terms.NONE.telling(event.bit())).encode();
        return new Use() {
            @Override
            byte[] properties(long n) {
                return PropertiesBuilder.build(Map.of("message_id", "order-" + n, "reply_to", "dead"));
            }

            @Override
            byte[] extension(long n) {
                return telling;
            }
        };
    }

    /** Runs all. */
    public static void main(String[] args) {
        List<Case> cases = cases().stream()
                .filter(c -> args.length < 2 || c.name.startsWith("plain") || c.name.contains(args[1]))
                .toList();
        double[][] took = new double[cases.size()][ROUNDS];
        for (int round = -2; round < ROUNDS; round++) { // the first ones warm up
            for (int i = 0; i < cases.size(); i++) {
                double micros = run(cases.get(i), Path.of(args[0], "r" + round + "-" + i));
                if (round >= 0) {
                    took[i][round] = micros;
                }
            }
        }
        System.out.println("| feature | µs of CPU per message, median | beside plain |");
        System.out.println("|---|---|---|");
        for (int i = 0; i < cases.size(); i++) {
            double[] ratios = new double[ROUNDS];
            for (int round = 0; round < ROUNDS; round++) {
                ratios[round] = took[i][round] / took[0][round];
            }
            System.out.printf(
                    Locale.ROOT, "| %s | %.2f | %.2f |%n", cases.get(i).name, median(took[i]), median(ratios));
        }
    }

    private static double median(double[] of) {
        double[] sorted = of.clone();
        java.util.Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double run(Case c, Path dir) {
        try (RocksStore store = RocksStore.open(RocksStoreConfig.in(dir), BrokerMachine.LEVELS, System.err::println)) {
            OneNode node = new OneNode(store, MachineLimits.FORMAT_1);
            node.raise(BrokerMachine.LEVELS.max());
            node.declare("q", c.arguments);
            node.declare("dead");
            c.use.prepare(node);
            for (int ch = 1; ch <= 4; ch++) {
                node.consume(ch, "q", 200);
            }
            return run(c, node);
        }
    }

    private static double run(Case c, OneNode node) {
        long n = 0;
        long busy = 0;
        long settled = 0;
        for (int i = 0; i < ENTRIES || settled < n && i < 2 * ENTRIES; i++) {
            Publish p = i < ENTRIES ? publish(c.use, n) : null;
            n += p == null ? 0 : BATCH;
            node.passed += 10;
            List<Delivery> some = List.copyOf(node.delivered);
            node.delivered.clear();
            long start = CPU.getCurrentThreadCpuTime();
            if (p != null) {
                c.use.publish(node, p);
            } else {
                node.apply(new Probe(false));
            }
            for (Delivery d : some) {
                c.use.settle(node, d);
                settled += d.count();
            }
            if (i % 16 == 0) {
                node.commit();
            }
            busy += CPU.getCurrentThreadCpuTime() - start;
        }
        return busy / 1e3 / n;
    }

    private static Publish publish(Use use, long first) {
        ByteWriter w = new ByteWriter(BATCH * (BODY + 64));
        for (int i = 0; i < BATCH; i++) {
            byte[] properties = use.properties(first + i);
            byte[] more = use.extension(first + i);
            MessageRecord.writeHeader(w, 0, 0, more.length, properties.length, BODY);
            w.raw(more, 0, more.length).raw(properties, 0, properties.length).reserve(BODY);
        }
        return new Publish(List.of(use.route()), w.array(), 0, w.size(), 0, Origins.NONE);
    }
}
