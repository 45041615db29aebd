package io.tallymq.raft;

import io.tallymq.broker.command.BindExchange;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.DropUpload;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.NodeLost;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OnChannel;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Qos;
import io.tallymq.broker.command.Raise;
import io.tallymq.broker.command.Recover;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.command.TakeBack;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.store.Keys;
import io.tallymq.raft.entry.BatchCodec;
import io.tallymq.raft.entry.Packer;
import io.tallymq.raft.session.GoldenLog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The log of level 1: every command and every record that there is, and each way a batch and an entry can be written. */
final class GoldenScript {
    private static final String VHOST = "/";
    private static final ConnectionId C1 = new ConnectionId("n1", 1);
    private static final ConnectionId C2 = new ConnectionId("n1", 2);
    private static final ConnectionId C3 = new ConnectionId("n1", 3);
    private static final ConnectionId LOST = new ConnectionId("n2", 1);
    private static final ConnectionId OTHER = new ConnectionId("n3", 1);
    private static final ConnectionId LARGE = new ConnectionId("n1", 4);
    private static final ConnectionId AWAY = new ConnectionId("n4", 1);
    private static final int WIDE = 40;
    /** Runs of messages that a connection holds, more than one entry gives back at once. */
    private static final int RUNS = 700;

    private final GoldenLog log;
    /** The holder of the connection {@link #LARGE}. */
    private long large;

    private GoldenScript(GoldenLog log) {
        this.log = log;
    }

    /**
     * Writes all of it.
     *
     * @param copy gets the store as it is in the middle of an entry, with some entries to come
     * @return index of the last entry, which asks for the digest
     */
    static long write(GoldenLog log, Path copy) throws Exception {
        GoldenScript script = new GoldenScript(log);
        script.topology();
        script.messages();
        script.consumers();
        script.endings();
        script.muchHeld();
        script.owed();
        log.copyAtNextCommit(copy);
        script.longRun();
        script.tail();
        return log.append(log.batch("n1", one().command(new Probe(true))));
    }

    private static GoldenBatch one() {
        return new GoldenBatch("n1");
    }

    private static Command open(ConnectionId id) {
        return new OpenConnection(
                id,
                new ConnectionInfo(
                        "c-" + id.number(),
                        VHOST,
                        "guest",
                        new ConnectionInfo.Endpoint("192.0.2.1", 50_000),
                        new ConnectionInfo.Endpoint("192.0.2.2", 5_672),
                        new ConnectionInfo.Negotiated(2_047, 131_072, 60, "PLAIN", 1_700_000_000_000L),
                        new Arguments(Map.of("product", "golden"))));
    }

    private static Command declare(ConnectionId by, String queue, QueueSpec spec) {
        return new DeclareQueue(by, VHOST, queue, spec, false);
    }

    private static QueueSpec durable() {
        return new QueueSpec(true, false, false, Arguments.NONE);
    }

    private static Command exchange(String name, String type) {
        return new DeclareExchange(VHOST, name, new ExchangeSpec(type, true, false, false, Arguments.NONE), false);
    }

    private static Command bind(String exchange, String queue, String key, Arguments arguments) {
        return new BindQueue(C1, VHOST, new BindingKey(exchange, queue, key, arguments), true);
    }

    private static Command subscribe(ConnectionId by, int channel, String queue, int prefetch) {
        Arguments arguments = new Arguments(Map.of("x-note", "golden"));
        return new Subscribe(
                by, channel, VHOST, queue, new ConsumerSpec("tag", false, false, prefetch, 100, arguments));
    }

    private static Route to(String queue) {
        return new Route(VHOST, "", queue);
    }

    private static Route via(String exchange, String key) {
        return new Route(VHOST, exchange, key);
    }

    private static Arguments everyType() {
        Map<String, Object> a = new TreeMap<>();
        a.put("text", "\u00fc");
        a.put("number", 7L);
        a.put("flag", true);
        a.put("fraction", 0.5);
        a.put("bytes", new byte[] {1, 2});
        a.put("time", new Arguments.Timestamp(1_700_000_000L));
        a.put("nothing", null);
        a.put("list", List.of("x", 1L));
        a.put("table", new TreeMap<>(Map.of("k", "v")));
        return new Arguments(a);
    }

    private void topology() throws Exception {
        log.begin("n1", 5);
        log.begin("n2", 6);
        log.begin("n3", 7);
        log.entry("n1", one().command(new NodeUp("n1", 5)).command(open(C1)).command(open(C2)));
        log.entry("n2", new GoldenBatch("n2").command(new NodeUp("n2", 6)).command(open(LOST)));
        log.entry("n3", new GoldenBatch("n3").command(new NodeUp("n3", 7)).command(open(OTHER)));
        log.entry("n1", one().command(new Raise(1, log.term())));
        QueueSpec quorum = new QueueSpec(true, false, false, new Arguments(Map.of("x-queue-type", "quorum")));
        log.entry(
                "n1",
                one().command(exchange("by-key", "direct"))
                        .command(exchange("by-topic", "topic"))
                        .command(exchange("by-headers", "headers"))
                        .command(exchange("to-all", "fanout"))
                        .command(exchange("wide", "fanout"))
                        .command(exchange("gone", "fanout"))
                        .command(new DeclareExchange(
                                VHOST, "inner", new ExchangeSpec("fanout", false, true, true, Arguments.NONE), false))
                        .command(declare(C1, "plain", durable()))
                        .command(declare(C1, "work", quorum))
                        .command(declare(C1, "purged", durable()))
                        .command(declare(C1, "big", durable()))
                        .command(declare(C1, "unused", durable()))
                        .command(declare(C2, "mine", new QueueSpec(false, true, false, Arguments.NONE)))
                        .command(declare(C2, "auto", new QueueSpec(false, false, true, Arguments.NONE))));
        Arguments match = new Arguments(Map.of("x-match", "any", "kind", "a"));
        BindingKey between = new BindingKey("by-topic", "inner", "a.#", Arguments.NONE);
        log.entry(
                "n1",
                one().command(bind("by-key", "plain", "k", everyType()))
                        .command(bind("by-topic", "work", "a.*.c", Arguments.NONE))
                        .command(bind("by-headers", "plain", "", match))
                        .command(bind("to-all", "plain", "", Arguments.NONE))
                        .command(bind("to-all", "work", "", Arguments.NONE))
                        .command(bind("to-all", "mine", "", Arguments.NONE))
                        .command(bind("inner", "purged", "", Arguments.NONE))
                        .command(bind("gone", "unused", "", Arguments.NONE))
                        .command(new BindExchange(VHOST, between, true))
                        .command(new DeleteExchange(VHOST, "gone", false))
                        .command(new DeleteQueue(C1, VHOST, "unused", true, true)));
        GoldenBatch wide = one();
        for (int i = 0; i < WIDE; i++) {
            wide.command(declare(C1, "wide-" + i, durable())).command(bind("wide", "wide-" + i, "", Arguments.NONE));
        }
        log.entry("n1", wide);
    }

    private void messages() throws Exception {
        log.entry("n1", one().publish(12, "small", to("plain")).publish(8, "job", to("work"), to("nowhere")));
        log.entry("n1", one().publish(4, "routed", via("by-key", "k"), via("by-topic", "a.b.c"), to("auto")));
        log.entry("n1", one().publish(3, "stored once ".repeat(60), via("to-all", "")));
        byte[] part = "a part of a body ".repeat(20).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        GoldenBatch parts = one();
        for (long upload = 1; upload <= 3; upload++) {
            parts.command(new BodyPart(C1, upload, part, 0, part.length))
                    .command(new BodyPart(C1, upload, part, 3, part.length - 3));
        }
        log.entry("n1", parts.command(new DropUpload(C1, 3)));
        log.entry("n1", one().publishUpload(1, 2L * part.length - 3, via("to-all", "")));
        log.entry(
                "n1",
                one().publish(3, "of another", to("purged"), to("plain"), via("missing", ""))
                        .from(2, 9));
    }

    private void consumers() throws Exception {
        long plain = subscribed("n1", subscribe(C1, 1, "plain", 5));
        long work = subscribed("n1", subscribe(C2, 2, "work", 3));
        long auto = subscribed("n1", subscribe(C2, 2, "auto", 0));
        subscribed("n2", subscribe(LOST, 1, "purged", 2));
        subscribed("n3", subscribe(OTHER, 1, "plain", 2));
        log.entry("n1", one().command(new Qos(C1, 1, 4)).command(new Credit(auto, 1)));
        log.entry("n1", one().ack(plain, 1, 1, 3, 3));
        log.entry(
                "n1",
                one().command(new Settle(work, Outcome.NACK_REQUEUE, new long[] {0, 0}))
                        .command(new Settle(work, Outcome.REJECT_REQUEUE, new long[] {1, 1}))
                        .command(new Settle(work, Outcome.DISCARD, new long[] {2, 2}))
                        .command(new Settle(auto, Outcome.RELEASE, new long[] {0, 0})));
        log.entry("n1", one().command(new Get(C1, 4, VHOST, "plain", false)));
        log.entry("n1", one().command(new TakeBack(plain, new long[] {0, 0})));
    }

    private long subscribed(String node, Command subscribe) throws Exception {
        log.entry(node, new GoldenBatch(node).command(subscribe));
        long[] newest = {0};
        log.store().scan(Keys.of(Keys.HOLDER), (k, v) -> newest[0] = Math.max(newest[0], ByteReader.int64(k, 9)));
        return newest[0];
    }

    private void endings() throws Exception {
        long cancelled = subscribed("n1", subscribe(C1, 5, "work", 1));
        log.entry("n1", one().command(new Cancel(cancelled)));
        log.entry("n1", one().command(new OnChannel(C1, 7, exchange("by-key", "topic"))));
        log.entry("n1", one().command(open(C3)));
        long holder = subscribed("n1", subscribe(C3, 1, "plain", 1));
        List<Sent> sent = List.of(new Sent(holder, new long[] {5, 9}));
        log.entry("n1", one().command(new CloseConnection(C3, sent)));
        subscribed("n1", subscribe(C2, 3, "work", 1));
        log.entry("n1", one().command(new Recover(C2, 3)).command(new CloseChannel(C2, 3, List.of())));
        log.entry("n1", one().command(new NodeLost("n2", 6, log.term())));
    }

    /** Two connections that hold so many runs of messages that they are not given back at once; one has queues of its own. */
    private void muchHeld() throws Exception {
        log.begin("n4", 8);
        log.entry("n4", new GoldenBatch("n4").command(new NodeUp("n4", 8)).command(open(AWAY)));
        GoldenBatch queues = one().command(open(LARGE))
                .command(declare(C1, "sent", durable()))
                .command(declare(C1, "perhaps-sent", durable()));
        for (int i = 0; i < 20; i++) {
            queues.command(declare(LARGE, "own-" + i, new QueueSpec(false, true, false, Arguments.NONE)));
        }
        log.entry("n1", queues.publish(4 * RUNS, "held ", to("sent"), to("perhaps-sent")));
        large = subscribed("n1", hold(LARGE, "sent"));
        long away = subscribed("n4", hold(AWAY, "perhaps-sent"));
        long[] everySecond = new long[2 * RUNS];
        for (int i = 0; i < everySecond.length; i++) {
            everySecond[i] = i / 2 * 2L;
        }
        log.entry("n1", one().ack(large, everySecond));
        log.entry("n4", new GoldenBatch("n4").ack(away, everySecond));
    }

    private static Command hold(ConnectionId by, String queue) {
        return new Subscribe(
                by, 1, VHOST, queue, new ConsumerSpec("all", false, false, 2 * RUNS, 2 * RUNS, Arguments.NONE));
    }

    /** Removes a queue of more chunks than one entry takes out, and what holds more messages than one entry gives back. */
    private void owed() throws Exception {
        log.entry("n1", one().command(bind("to-all", "big", "", Arguments.NONE)));
        GoldenBatch big = one().publish(2, "stored once ".repeat(60), via("to-all", ""));
        for (int i = 0; i < 600; i++) {
            big.publish(1, "", to("big"));
        }
        log.append(new Packer(true).pack(log.batch("n1", big)));
        List<Sent> sent = List.of(new Sent(large, new long[] {1, 99}));
        log.entry(
                "n1",
                one().command(new DeleteQueue(C1, VHOST, "big", false, false))
                        .command(new CloseConnection(LARGE, sent))
                        .command(new NodeLost("n4", 8, log.term())));
    }

    /** So much in one entry that the state is written in the middle of it. */
    private void longRun() throws Exception {
        GoldenBatch run = one().publish(2_400, "to many ", via("wide", ""), to("nowhere"));
        log.append(new Packer(true).pack(log.batch("n1", run)));
    }

    /** What a node that has the store finds in the log beyond it. */
    private void tail() throws Exception {
        byte[] part = {1, 2, 3};
        byte[] first = log.batch(
                "n1",
                one().publish(2, "joined", to("plain"), to("work"))
                        .command(new BodyPart(C1, 2, part, 0, part.length))
                        .command(new PurgeQueue(C1, VHOST, "purged"))
                        .command(
                                new BindQueue(C1, VHOST, new BindingKey("to-all", "mine", "", Arguments.NONE), false)));
        byte[] second = log.batch("n3", new GoldenBatch("n3").publish(200, "packed and joined ", to("work")));
        byte[] third = log.batch("n3", new GoldenBatch("n3").command(new NodeUp("n3", 7)));
        log.append(BatchCodec.join(List.of(first, new Packer(true).pack(second), third)));
    }
}
