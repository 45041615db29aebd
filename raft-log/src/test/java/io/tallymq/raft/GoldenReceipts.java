package io.tallymq.raft;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.FenceProducer;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Raise;
import io.tallymq.broker.command.Redrive;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.command.VoidId;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.limits.ProducerLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.ReportEvent;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.store.Keys;
import io.tallymq.raft.entry.BatchCodec;
import io.tallymq.raft.entry.Packer;
import io.tallymq.raft.session.GoldenLog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * The log of level 5: names, what became of them, voids and fences; ids; reports, the feed, and queues that want confirms by all. The store is one in
 * which something of each is still to be told and to be taken out.
 */
final class GoldenReceipts {
    private static final String VHOST = "/";
    private static final ConnectionId C1 = new ConnectionId("n1", 1);
    private static final ConnectionId HEIR = new ConnectionId("n1", 2);
    private static final int WIDE = 40;
    private static final int HELD = 30;
    /** More than one entry tells. */
    private static final int MANY = 1_100;

    /** Names of which is known what became of them in the middle of the long entry. */
    static final Map<String, List<Long>> NAMES = asked();
    /** What is told of them: outcome, epoch, how often it came again, and where it is. */
    static final List<String> TOLD = List.of(
            "far.0 forgotten 0 0",
            "far.1 forgotten 0 0",
            "far.9000 stored 0 0 q ready",
            "far.9001 stored 0 0 q ready",
            "ids.1 duplicate 0 0",
            "leaps.0 forgotten 0 0",
            "leaps.1099511627776 stored 0 0 q ready",
            "never-seen.1 unseen 0 0",
            "old.1 forgotten 0 0",
            "p.1 stored 0 0 q ready",
            "p.4 stored 0 0 audited ready from q",
            "p.69 stored 0 1 q ready",
            "p.70 stored 0 2 q ready",
            "p.71 stored 0 1 q ready",
            "p.72 unseen 0 0",
            "p.75 unroutable 0 0",
            "p.80 void 0 0",
            "p.81 stored 0 0 full ready",
            "p.82 refused 0 0",
            "p.90 unseen 0 0",
            "places.1 stored 0 0 q ready dead ready from work by-all ready",
            "places.3 stored 0 0 dead ready from work",
            "places.4 stored 0 0 work unacked",
            "places.5 stored 0 0 work unacked",
            "places.6 stored 0 0  scheduled",
            "taken.1 stored 2 0 q ready",
            "taken.2 stored 2 0 q ready",
            "taken.3 stored 2 0 q ready",
            "told.1 stored 0 0 dead ready from work",
            "tx.1 stored 0 1 q ready",
            "tx.3 stored 0 1 q ready");

    private static final Map<String, Object> NOTHING = Map.of();

    private final GoldenLog log;

    private GoldenReceipts(GoldenLog log) {
        this.log = log;
    }

    private static Map<String, List<Long>> asked() {
        Map<String, List<Long>> names = new TreeMap<>();
        names.put("far", List.of(0L, 1L, 9_000L, 9_001L));
        names.put("ids", List.of(1L));
        names.put("leaps", List.of(0L, 1L << 40));
        names.put("never-seen", List.of(1L));
        names.put("old", List.of(1L));
        names.put("p", List.of(1L, 4L, 69L, 70L, 71L, 72L, 75L, 80L, 81L, 82L, 90L));
        names.put("places", List.of(1L, 3L, 4L, 5L, 6L));
        names.put("taken", List.of(1L, 2L, 3L));
        names.put("told", List.of(1L));
        names.put("tx", List.of(1L, 3L));
        return names;
    }

    /** As {@link GoldenScript#write}. */
    static long write(GoldenLog log, Path copy) throws Exception {
        GoldenReceipts script = new GoldenReceipts(log);
        script.begin();
        script.topology();
        script.names();
        script.places();
        script.ids();
        long holder = script.reports();
        log.copyAtNextCommit(copy);
        script.longEntry(holder);
        script.tail();
        return log.append(log.batch("n1", one().command(new Probe(true))));
    }

    private static GoldenBatch one() {
        return new GoldenBatch("n1");
    }

    private static Command open(ConnectionId id, Map<String, Object> client) {
        return new OpenConnection(
                id,
                new ConnectionInfo(
                        "c-" + id.number(),
                        VHOST,
                        "guest",
                        new ConnectionInfo.Endpoint("192.0.2.1", 50_000),
                        new ConnectionInfo.Endpoint("192.0.2.2", 5_672),
                        new ConnectionInfo.Negotiated(2_047, 131_072, 60, "PLAIN", 1_700_000_000_000L),
                        new Arguments(new TreeMap<>(client))));
    }

    private static Command declare(String queue, Map<String, Object> arguments) {
        QueueSpec spec = new QueueSpec(true, false, false, new Arguments(new TreeMap<>(arguments)));
        return new DeclareQueue(C1, VHOST, queue, spec, false);
    }

    private static Command exchange(String name) {
        return new DeclareExchange(VHOST, name, new ExchangeSpec("fanout", true, false, false, Arguments.NONE), false);
    }

    private static Command bind(String exchange, String queue) {
        return new BindQueue(C1, VHOST, new BindingKey(exchange, queue, "", Arguments.NONE), true);
    }

    private static Command policy(String name, String pattern, String of, Map<String, Object> definition) {
        PolicySpec spec = new PolicySpec(pattern, of, 1, new Arguments(new TreeMap<>(definition)));
        return new SetPolicy(VHOST, name, false, spec);
    }

    private static Route to(String queue) {
        return new Route(VHOST, "", queue);
    }

    private static Route via(String exchange) {
        return new Route(VHOST, exchange, "");
    }

    private static Extension named(String producer, long seq) {
        return Extension.NONE.with(Terms.named(producer, seq));
    }

    private static IntFunction<Extension> from(String producer, long first) {
        return i -> named(producer, first + i);
    }

    private static Extension telling() {
        return Extension.NONE.with(Terms.NONE.telling(ReportEvent.bits(ReportEvent.words())));
    }

    private static IntFunction<Map<String, Object>> plain() {
        return i -> NOTHING;
    }

    private static IntFunction<Map<String, Object>> told(String id) {
        return i -> new TreeMap<>(Map.of("message_id", id + "-" + i, "reply_to", "reports"));
    }

    private static IntFunction<Map<String, Object>> id(String id) {
        return i -> Map.of("message_id", id);
    }

    private static IntFunction<Map<String, Object>> order(Object id) {
        return i -> new TreeMap<>(Map.of("headers", new TreeMap<>(Map.of("order", id))));
    }

    /** A producer of which is only known that it is forgotten: all others come more than seven days later. */
    private void begin() throws Exception {
        log.begin("n1", 5);
        log.entry("n1", one().command(new NodeUp("n1", 5)).command(new Raise(5, log.term())));
        log.entry("n1", one().command(open(C1, Map.of("product", "golden"))).command(declare("q", NOTHING)));
        log.entry("n1", one().publish(1, to("q"), from("old", 1), plain()));
        log.passes(ProducerLimits.RETENTION + 1);
        log.entry("n1", one().command(new Probe(false)));
    }

    private void topology() throws Exception {
        GoldenBatch all = one().command(exchange("orders"))
                .command(exchange("by-header"))
                .command(exchange("fan"))
                .command(exchange("wide"))
                .command(declare("reports", NOTHING))
                .command(declare("dead", NOTHING))
                .command(declare("work", Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead")))
                .command(declare("full", Map.of("x-max-length", 1L, "x-overflow", "reject-publish")))
                .command(declare("brief", Map.of("x-message-ttl", 1L)))
                .command(declare("purged", NOTHING))
                .command(declare("held", NOTHING))
                .command(declare("by-all", Map.of("x-confirm", "all")))
                .command(declare("audited", Map.of("x-receipts", "stream")))
                .command(declare("amq.receipts", Map.of("x-queue-type", "stream")))
                .command(policy("ids", "^orders$", "exchanges", Map.of("dedup-id", "message-id")))
                .command(policy(
                        "headers",
                        "^by-header$",
                        "exchanges",
                        Map.of("dedup-id", "header:order", "dedup-window", 3_600_000L, "dedup-max", 100L)))
                .command(policy("all", "^dead$", "queues", Map.of("confirm", "all", "receipts", "stream")))
                .command(bind("orders", "q"))
                .command(bind("by-header", "q"))
                .command(bind("fan", "q"))
                .command(bind("fan", "work"))
                .command(bind("fan", "by-all"));
        for (int i = 0; i < WIDE; i++) {
            all.command(declare("wide-" + i, NOTHING)).command(bind("wide", "wide-" + i));
        }
        log.entry("n1", all);
    }

    /** Numbers that are stored, came again, are void, too old, refused, unroutable, in a transaction, of a channel whose place was taken. */
    private void names() throws Exception {
        log.entry("n1", one().publish(70, to("q"), from("p", 1), plain()).from(1, 1));
        log.entry("n1", one().publish(3, to("q"), from("p", 69), plain()).from(1, 1));
        log.entry("n1", one().publish(2, to("q"), from("p", 70), plain()).from(1, 1));
        log.entry("n1", one().command(new VoidPublish(VHOST, "p", 80, "ann", "192.0.2.3")));
        log.entry("n1", one().publish(2, to("nowhere"), from("p", 75), plain()));
        log.entry("n1", one().publish(3, to("full"), from("p", 81), plain()));
        log.entry(
                "n1",
                one().publish(2, to("q"), from("far", 0), plain()).publish(1, to("q"), from("far", 9_000), plain()));
        log.entry("n1", one().publish(2, to("q"), from("far", 1), plain()));
        Extension last = Extension.NONE.with(new Terms("far", 9_001, 9_000, 1_000));
        log.entry("n1", one().publish(1, to("q"), i -> last, plain()));
        log.entry("n1", one().commit(C1, 1, List.of(), 3, to("q"), from("tx", 1)));
        log.entry("n1", one().commit(C1, 1, List.of(), 3, to("q"), from("tx", 1)));
        log.entry("n1", one().publish(1, to("q"), from("taken", 1), plain()).from(1, 2));
        log.entry("n1", one().command(new FenceProducer(VHOST, "taken", "ann", "192.0.2.3")));
        log.entry("n1", one().publish(1, to("q"), from("taken", 2), plain()).from(1, 2));
        log.entry("n1", one().command(open(HEIR, Map.of("producer_id", "taken"))));
        log.entry("n1", one().publish(2, to("q"), from("taken", 2), plain()).from(2, 1));
    }

    /** Where such messages are: in several queues, among dead letters, moved by hand, waiting for their time; and blocks that are left. */
    private void places() throws Exception {
        log.entry("n1", one().publish(2, via("fan"), from("places", 1), plain()));
        log.entry("n1", one().publish(3, to("work"), from("places", 3), plain()));
        long work = subscribed("work", 3);
        log.entry("n1", one().command(new Settle(work, Outcome.DISCARD, new long[] {0, 0, 2, 2})));
        long queue = new BrokerMachine(log.store()).queueNumber(VHOST, "q");
        log.entry("n1", one().command(new Redrive(queue, new long[] {3, 4}, "audited", "ann", "192.0.2.3", "golden")));
        Extension later = new Extension(
                List.of(),
                0,
                -1,
                false,
                new Extension.Later(1_000_000_000_000L, 0, "golden"),
                Terms.named("places", 6));
        log.entry("n1", one().publish(1, to("q"), i -> later, plain()));
        log.entry("n1", one().publish(4, to("q"), i -> named("leaps", 64L * i), plain()));
        byte[] part = new byte[400];
        log.entry("n1", one().command(new BodyPart(C1, 1, part, 0, part.length)));
        log.entry("n1", one().publishUpload(1, part.length, to("by-all")));
    }

    private void ids() throws Exception {
        log.entry("n1", one().publish(2, via("orders"), i -> Extension.NONE, id("a")));
        log.entry("n1", one().publish(1, via("orders"), i -> Extension.NONE, id("b")));
        log.entry("n1", one().publish(1, via("orders"), from("ids", 1), id("a")));
        log.entry("n1", one().command(new VoidId(VHOST, "orders", "never", "ann", "192.0.2.3")));
        log.entry("n1", one().publish(1, via("orders"), i -> Extension.NONE, id("never")));
        log.entry("n1", one().publish(1, via("by-header"), i -> Extension.NONE, order(7L)));
        log.entry("n1", one().publish(1, via("by-header"), i -> Extension.NONE, order("7")));
        for (int i = 0; i < 70; i++) {
            log.entry("n1", one().publish(2, via("by-header"), n -> Extension.NONE, order("many-" + i)));
        }
    }

    /** Of each event some are told, and in a feed. Returns who holds messages of which all is to be told. */
    private long reports() throws Exception {
        log.entry("n1", one().publish(2, to("full"), i -> telling(), told("refused")));
        log.entry("n1", one().publish(2, to("nowhere"), i -> telling(), told("dropped")));
        log.entry("n1", one().publish(2, to("brief"), i -> telling(), told("brief")));
        Extension all = Extension.NONE.with(Terms.named("told", 1).telling(ReportEvent.bits("stored,dead-lettered")));
        log.entry("n1", one().publish(1, to("work"), i -> all, told("work")));
        long work = subscribed("work", 1);
        log.entry("n1", one().command(new Settle(work, Outcome.DISCARD, new long[] {5, 5})));
        log.entry("n1", one().publish(2, to("audited"), i -> Extension.NONE, plain()));
        log.entry("n1", one().publish(HELD, to("held"), i -> telling(), told("held")));
        log.entry("n1", one().publish(HELD, to("purged"), i -> telling(), told("purged")));
        return subscribed("held", HELD);
    }

    private long subscribed(String queue, int prefetch) throws Exception {
        ConsumerSpec spec = new ConsumerSpec("tag", false, false, prefetch, 2_000, Arguments.NONE);
        log.entry("n1", one().command(new Subscribe(C1, 3, VHOST, queue, spec)));
        long[] newest = {0};
        log.store().scan(Keys.of(Keys.HOLDER), (k, v) -> newest[0] = Math.max(newest[0], ByteReader.int64(k, 9)));
        return newest[0];
    }

    /** So much in one entry that the state is written in the middle of it, before what left its queues is told. */
    private void longEntry(long holder) throws Exception {
        GoldenBatch run = one().command(new Settle(holder, Outcome.ACK, new long[] {0, HELD / 2}))
                .command(new PurgeQueue(C1, VHOST, "purged"))
                .publish(1, to("q"), from("leaps", 1L << 40), plain())
                .publish(MANY, to("q"), i -> telling(), told("many"))
                .publish(2_400, "to many ", via("wide"), to("nowhere"));
        log.append(new Packer(true).pack(log.batch("n1", run)));
    }

    private void tail() throws Exception {
        byte[] first = log.batch(
                "n1",
                one().publish(3, to("q"), from("p", 70), plain())
                        .publish(2, via("orders"), i -> Extension.NONE, id("b"))
                        .command(new VoidId(VHOST, "orders", "b", "", "")));
        byte[] second = log.batch("n1", one().publish(200, to("work"), from("packed", 1), told("packed")));
        log.append(BatchCodec.join(List.of(first, new Packer(true).pack(second))));
    }
}
