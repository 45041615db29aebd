package io.tallymq.raft;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.change.SetGlobalParameter;
import io.tallymq.broker.change.SetLimit;
import io.tallymq.broker.change.SetPermission;
import io.tallymq.broker.change.SetTopicPermission;
import io.tallymq.broker.change.SetUser;
import io.tallymq.broker.change.SetVhost;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.BindExchange;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.ByUser;
import io.tallymq.broker.command.CallOff;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.ConsumeReplies;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.ForceClose;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Qos;
import io.tallymq.broker.command.Raise;
import io.tallymq.broker.command.ScheduleMessage;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.command.StoreOffset;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.command.TakeMatching;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.spec.TopicPermission;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.broker.spec.VhostSpec;
import io.tallymq.broker.store.Keys;
import io.tallymq.raft.entry.Packer;
import io.tallymq.raft.session.GoldenLog;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;

/** A log of level 5 with what queues and exchanges can do beside keeping messages, and who may do what. */
final class GoldenFeatures {
    private static final String VHOST = "/";
    private static final ConnectionId C1 = new ConnectionId("n1", 1);
    /** It leaves uploads and a channel behind. */
    private static final ConnectionId LEAVES = new ConnectionId("n1", 2);

    private static final int WIDE = 40;
    /** Ranges that one consumer holds, more than are in one record. */
    private static final int RUNS = 1_200;
    /** Uploads that one connection leaves, more than an entry takes out. */
    private static final int UPLOADS = 100;

    /** Entries behind which nothing is left to be taken out. */
    private static final int REST = 20;

    private static final Map<String, Object> NOTHING = Map.of();

    private final GoldenLog log;

    private GoldenFeatures(GoldenLog log) {
        this.log = log;
    }

    /** As {@link GoldenScript#write}. */
    static long write(GoldenLog log, Path copy) throws Exception {
        GoldenFeatures script = new GoldenFeatures(log);
        script.begin();
        script.access();
        script.topology();
        script.deadLetters();
        script.settles();
        script.lanes();
        script.streams();
        script.schedules();
        script.memories();
        script.much();
        log.copyAtNextCommit(copy);
        script.longEntry();
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
                        "ann",
                        new ConnectionInfo.Endpoint("192.0.2.1", 50_000),
                        new ConnectionInfo.Endpoint("192.0.2.2", 5_672),
                        new ConnectionInfo.Negotiated(2_047, 131_072, 60, "PLAIN", 1_700_000_000_000L),
                        new Arguments(Map.of("product", "golden"))));
    }

    private static Arguments arguments(Map<String, Object> of) {
        return new Arguments(new TreeMap<>(of));
    }

    private static Command declare(String queue, Map<String, Object> arguments) {
        return new DeclareQueue(C1, VHOST, queue, new QueueSpec(true, false, false, arguments(arguments)), false);
    }

    private static Command exchange(String name, String type, Map<String, Object> arguments) {
        ExchangeSpec spec = new ExchangeSpec(type, true, false, false, arguments(arguments));
        return new DeclareExchange(VHOST, name, spec, false);
    }

    private static Command bind(String exchange, String queue, String key, Map<String, Object> arguments) {
        return new BindQueue(C1, VHOST, new BindingKey(exchange, queue, key, arguments(arguments)), true);
    }

    private static Command administer(Change change) {
        return new Administer("ann", "192.0.2.3", change);
    }

    private static Command policy(String name, boolean operator, String pattern, Map<String, Object> definition) {
        return new SetPolicy(VHOST, name, operator, new PolicySpec(pattern, "queues", 1, arguments(definition)));
    }

    private static Route to(String queue) {
        return new Route(VHOST, "", queue);
    }

    private static Route via(String exchange, String key) {
        return new Route(VHOST, exchange, key);
    }

    private static IntFunction<Extension> plain() {
        return i -> Extension.NONE;
    }

    /** Messages with one header. */
    private static IntFunction<Map<String, Object>> header(String name, IntFunction<Object> value) {
        return i -> new TreeMap<>(Map.of("headers", new TreeMap<>(Map.of(name, value.apply(i)))));
    }

    private void messages(int count, String queue) throws Exception {
        log.entry("n1", one().publish(count, to(queue), plain(), i -> NOTHING));
    }

    private long subscribed(int channel, String queue, int prefetch, Map<String, Object> arguments) throws Exception {
        ConsumerSpec spec =
                new ConsumerSpec("tag-" + queue, false, false, prefetch, 2 * prefetch, arguments(arguments));
        log.entry("n1", one().command(new Subscribe(C1, channel, VHOST, queue, spec)));
        long[] newest = {0};
        log.store().scan(Keys.of(Keys.HOLDER), (k, v) -> newest[0] = Math.max(newest[0], ByteReader.int64(k, 9)));
        return newest[0];
    }

    /** The number of the first message of a queue that nothing has left yet. */
    private long first(String queue) {
        long number = new BrokerMachine(log.store()).queueNumber(VHOST, queue);
        long[] first = {-1};
        log.store().scan(Keys.of(Keys.CHUNK, number), (k, v) -> {
            first[0] = first[0] < 0 ? ByteReader.int64(k, k.length - Long.BYTES) : first[0];
        });
        return first[0];
    }

    private void begin() throws Exception {
        log.begin("n1", 5);
        log.entry("n1", one().command(new NodeUp("n1", 5)).command(new Raise(5, log.term())));
        log.entry("n1", one().command(open(C1)).command(open(LEAVES)));
    }

    private void access() throws Exception {
        PasswordHash hash = new PasswordHash("golden", "of-a-password");
        log.entry("n1", one().command(administer(new FirstUser("ann", hash, VHOST))));
        log.entry(
                "n1",
                one().command(administer(
                                new SetVhost("team", new VhostSpec("of a team", List.of("a", "b"), "quorum", true))))
                        .command(administer(
                                new SetUser("bob", new UserSpec(hash, List.of("monitoring", "policymaker")))))
                        .command(administer(new SetPermission("team", "bob", new Permission("^b", ".*", ""))))
                        .command(administer(new SetTopicPermission(
                                "team", "bob", "amq.topic", new TopicPermission("^a", "^{username}"))))
                        .command(administer(new SetLimit(true, "bob", "max-channels", 7)))
                        .command(administer(new SetLimit(false, "team", "max-queues", 9)))
                        .command(administer(new SetGlobalParameter("cluster_name", "\"golden\""))));
    }

    private void topology() throws Exception {
        GoldenBatch all = one().command(exchange("recent", "x-recent-history", Map.of("x-recent-history-length", 3L)))
                .command(exchange("hash", "x-consistent-hash", Map.of("hash-header", "of")))
                .command(exchange("once", "fanout", Map.of("x-message-deduplication", true, "x-cache-size", 10L)))
                .command(exchange("later", "x-delayed-message", Map.of("x-delayed-type", "direct")))
                .command(exchange("other", "direct", Map.of("alternate-exchange", "amq.fanout")))
                .command(exchange("wide", "fanout", NOTHING))
                .command(declare("plain", NOTHING))
                .command(declare("hashed", NOTHING))
                .command(declare("full", Map.of("x-max-length", 1L, "x-overflow", "reject-publish")))
                .command(bind("hash", "plain", "2", NOTHING))
                .command(bind("hash", "hashed", "3", NOTHING))
                .command(bind("once", "plain", "", NOTHING))
                .command(bind("later", "plain", "k", NOTHING))
                .command(new BindExchange(VHOST, new BindingKey("other", "hash", "k", Arguments.NONE), true))
                .command(policy("lives", false, "^plain$", Map.of("max-length", 5_000L, "overflow", "reject-publish")))
                .command(policy("limit", true, "^plain$", Map.of("max-length", 4_000L)))
                .command(new ByUser("bob", "192.0.2.4", policy("his", false, "^his-", Map.of("expires", 9_000L))));
        for (int i = 0; i < WIDE; i++) {
            all.command(declare("wide-" + i, NOTHING)).command(bind("wide", "wide-" + i, "", NOTHING));
        }
        log.entry("n1", all);
    }

    /** Letters that nobody takes yet: their exchange is missing. And some that have died and are where they went. */
    private void deadLetters() throws Exception {
        Map<String, Object> kept = Map.of(
                "x-queue-type", "quorum",
                "x-dead-letter-exchange", "missing",
                "x-dead-letter-strategy", "at-least-once",
                "x-overflow", "reject-publish",
                "x-delivery-limit", 2L);
        Map<String, Object> moved =
                Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "plain", "x-message-ttl", 1L);
        log.entry("n1", one().command(declare("kept", kept)).command(declare("moved", moved)));
        messages(6, "kept");
        long holder = subscribed(1, "kept", 4, NOTHING);
        long first = first("kept");
        long[] dead = {first, first, first + 2, first + 2};
        log.entry("n1", one().command(new Settle(holder, Outcome.DISCARD, dead)));
        long[] again = {first + 1, first + 1};
        log.entry("n1", one().command(new Settle(holder, Outcome.REJECT_REQUEUE, again)));
        messages(3, "moved");
        messages(1, "plain");
    }

    /** Messages that rest, that are put aside, and that got headers; and a consumer with a limit of time for its acks. */
    private void settles() throws Exception {
        Map<String, Object> rests =
                Map.of("x-queue-type", "quorum", "x-delayed-retry-type", "all", "x-delayed-retry-min", 3_600_000L);
        log.entry(
                "n1",
                one().command(declare("rests", rests))
                        .command(declare("tokens", NOTHING))
                        .command(declare("timed", Map.of("x-consumer-timeout", 600_000L))));
        messages(8, "rests");
        long rest = subscribed(2, "rests", 6, NOTHING);
        long first = first("rests");
        log.entry("n1", one().command(new Settle(rest, Outcome.REJECT_REQUEUE, new long[] {first, first + 1})));
        byte[] reason = new ByteWriter()
                .string("x-reason")
                .uint8('S')
                .int32(4)
                .raw("late".getBytes(StandardCharsets.UTF_8), 0, 4)
                .toBytes();
        log.entry(
                "n1",
                one().command(new SettleWith(rest, Outcome.REJECT_REQUEUE, first + 2, 7_200_000))
                        .command(new SettleWith(
                                rest, Outcome.NACK_REQUEUE, first + 3, 0, new HeaderOverlay(reason), null))
                        .command(new SettleWith(
                                rest,
                                Outcome.NACK_REQUEUE,
                                first + 4,
                                0,
                                null,
                                new SettleWith.Defer("token", "tokens", "c"))));
        messages(4, "timed");
        subscribed(3, "timed", 2, NOTHING);
        log.entry("n1", one().command(new Qos(C1, 3, 5)).command(new ConsumeReplies(C1, 9, "golden")));
    }

    private void lanes() throws Exception {
        Map<String, Object> levels = Map.of("x-queue-type", "quorum");
        log.entry(
                "n1",
                one().command(declare("groups", Map.of("x-message-groups", true)))
                        .command(declare("tenants", Map.of("x-fair-by", "header:tenant")))
                        .command(declare("values", Map.of("x-last-value", "key")))
                        .command(declare("levels", levels))
                        .command(declare("filtered", NOTHING)));
        log.entry("n1", one().publish(9, to("groups"), plain(), header("x-group-id", i -> "g" + i % 3)));
        log.entry("n1", one().publish(9, to("tenants"), plain(), header("tenant", i -> "t" + i % 2)));
        log.entry("n1", one().publish(7, to("values"), plain(), header("key", i -> "k" + i % 4)));
        log.entry("n1", one().publish(5, to("levels"), plain(), i -> Map.of("priority", (long) i)));
        subscribed(4, "groups", 2, NOTHING);
        subscribed(4, "tenants", 2, Map.of("x-priority", 3L));
        for (int i = 0; i < 4; i++) {
            int kind = i;
            log.entry("n1", one().publish(3, to("filtered"), plain(), header("kind", n -> (long) kind)));
        }
        long some = subscribed(5, "filtered", 3, Map.of("x-filter", Map.of("kind", 2L)));
        log.entry("n1", one().command(new TakeMatching(some, new long[] {6, 8})));
    }

    private void streams() throws Exception {
        log.entry(
                "n1",
                one().command(declare("stream", Map.of("x-queue-type", "stream", "x-max-length-bytes", 1_000_000L))));
        messages(20, "stream");
        long reader = subscribed(6, "stream", 10, Map.of("x-stream-offset", "first"));
        log.entry("n1", one().command(new StoreOffset(reader, 12)));
    }

    /** Messages for later, with and without an id, one of which was called off; and one that waits for room. */
    private void schedules() throws Exception {
        Extension.Later in = new Extension.Later(0, 1_000_000_000_000L, "golden");
        Extension.Later another = new Extension.Later(1_000_000_000_000L, 0, "gone");
        log.entry("n1", one().publish(1, to("plain"), i -> later(in), i -> NOTHING));
        log.entry("n1", one().publish(1, to("plain"), i -> later(another), i -> NOTHING));
        byte[] record = record("scheduled by hand");
        log.entry("n1", one().command(new ScheduleMessage(to("plain"), "by-hand", 4_000_000_000_000L, record)));
        log.entry("n1", one().command(new CallOff(VHOST, "gone", 0, 0)));
        messages(1, "full");
        log.entry("n1", one().publish(1, to("full"), i -> later(new Extension.Later(1, 0, "waits")), i -> NOTHING));
        log.passes(5_000);
        log.entry("n1", one().command(new Probe(false)));
    }

    private static Extension later(Extension.Later later) {
        return new Extension(List.of(), 0, -1, false, later, Terms.NONE);
    }

    private static byte[] record(String body) {
        byte[] text = body.getBytes(StandardCharsets.UTF_8);
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, 0, 0, 0, 2, text.length);
        return w.uint8(0).uint8(0).raw(text, 0, text.length).toBytes();
    }

    /** What exchanges and queues know of messages that have left. */
    private void memories() throws Exception {
        log.entry("n1", one().publish(5, via("recent", ""), plain(), i -> NOTHING));
        log.entry(
                "n1",
                one().command(declare("seen", Map.of("x-message-deduplication", true, "x-cache-ttl", 3_600_000L))));
        log.entry("n1", one().publish(4, to("seen"), plain(), header("x-deduplication-header", i -> "s" + i % 2)));
        log.entry("n1", one().publish(4, via("once", ""), plain(), header("x-deduplication-header", i -> "x" + i)));
        log.entry("n1", one().publish(6, via("hash", ""), plain(), header("of", i -> "h" + i)));
    }

    /** More than is in one record, and than one entry takes out. */
    private void much() throws Exception {
        log.entry("n1", one().command(declare("held", NOTHING)).command(declare("old", NOTHING)));
        messages(2 * RUNS, "held");
        long holder = subscribed(7, "held", 2 * RUNS, NOTHING);
        long[] everySecond = new long[2 * RUNS];
        for (int i = 0; i < everySecond.length; i++) {
            everySecond[i] = i / 2 * 2L;
        }
        log.entry("n1", one().command(new Settle(holder, Outcome.ACK, everySecond)));
        byte[] part = "a part of a body".getBytes(StandardCharsets.UTF_8);
        GoldenBatch parts = one();
        for (int upload = 1; upload <= UPLOADS; upload++) {
            parts.command(new BodyPart(LEAVES, upload, part, 0, part.length));
        }
        log.entry("n1", parts);
        GoldenBatch old = one();
        for (int i = 0; i < 600; i++) {
            old.publish(1, "", to("old"));
        }
        log.append(new Packer(true).pack(log.batch("n1", old)));
    }

    /** So much in one entry that the state is written in the middle of it. */
    private void longEntry() throws Exception {
        GoldenBatch run = one().command(new CloseConnection(LEAVES, List.of()))
                .command(new DeleteQueue(C1, VHOST, "old", false, false))
                .publish(2_400, "to many ", via("wide", ""), to("nowhere"));
        log.append(new Packer(true).pack(log.batch("n1", run)));
    }

    private void tail() throws Exception {
        long machine = new BrokerMachine(log.store()).appliedIndex();
        log.entry("n1", one().publish(1, "at " + machine % 2, to("groups")));
        log.entry("n1", one().command(new PurgeQueue(C1, VHOST, "tenants")));
        log.entry("n1", one().command(new ForceClose(C1, "golden")));
        for (int i = 0; i < REST; i++) {
            log.entry("n1", one().command(new Probe(false)));
        }
    }
}
