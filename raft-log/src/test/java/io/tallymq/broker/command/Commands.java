package io.tallymq.broker.command;

import io.tallymq.broker.change.AlterVhost;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.ChangeKind;
import io.tallymq.broker.change.ClearGlobalParameter;
import io.tallymq.broker.change.ClearLimit;
import io.tallymq.broker.change.ClearPermission;
import io.tallymq.broker.change.ClearTopicPermission;
import io.tallymq.broker.change.DeleteUser;
import io.tallymq.broker.change.DeleteVhost;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.change.Rehash;
import io.tallymq.broker.change.SetGlobalParameter;
import io.tallymq.broker.change.SetLimit;
import io.tallymq.broker.change.SetLimits;
import io.tallymq.broker.change.SetPermission;
import io.tallymq.broker.change.SetTopicPermission;
import io.tallymq.broker.change.SetUser;
import io.tallymq.broker.change.SetVhost;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
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
import io.tallymq.broker.spec.VhostChange;
import io.tallymq.broker.spec.VhostSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Commands made from a seed, one for every kind. */
public final class Commands {
    private final java.util.Random random;

    public Commands(long seed) {
        random = new java.util.Random(seed);
    }

    private List<Sent> sent() {
        List<Sent> sent = new ArrayList<>();
        for (int n = random.nextInt(3); n > 0; n--) {
            sent.add(new Sent(number(), ranges()));
        }
        return sent;
    }

    public Command make(CommandKind kind) {
        return switch (kind) {
            case NODE_UP -> new NodeUp(node(), number());
            case NODE_LOST -> new NodeLost(node(), number(), number());
            case STORE_OFFSET -> new StoreOffset(number(), number());
            case RAISE -> new Raise(channel(), number());
            case OPEN_CONNECTION -> new OpenConnection(id(), info());
            case CLOSE_CONNECTION -> new CloseConnection(id(), sent());
            case FORCE_CLOSE -> new ForceClose(id(), text());
            case CLOSE_CHANNEL -> new CloseChannel(id(), channel(), sent());
            case DECLARE_EXCHANGE ->
                new DeclareExchange(
                        text(), text(), new ExchangeSpec(text(), flag(), flag(), flag(), arguments()), flag());
            case DELETE_EXCHANGE -> new DeleteExchange(text(), text(), flag());
            case BIND_EXCHANGE -> new BindExchange(text(), binding(), flag());
            case DECLARE_QUEUE ->
                new DeclareQueue(id(), text(), text(), new QueueSpec(flag(), flag(), flag(), arguments()), flag());
            case DELETE_QUEUE -> new DeleteQueue(id(), text(), text(), flag(), flag());
            case PURGE_QUEUE -> new PurgeQueue(id(), text(), text());
            case PAUSE_QUEUE -> new PauseQueue(text(), text(), flag());
            case BIND_QUEUE -> new BindQueue(id(), text(), binding(), flag());
            case SUBSCRIBE ->
                new Subscribe(
                        id(),
                        channel(),
                        text(),
                        text(),
                        new ConsumerSpec(text(), flag(), flag(), random.nextInt(), random.nextInt(), arguments()));
            case CANCEL -> new Cancel(number());
            case CREDIT -> new Credit(number(), random.nextInt());
            case GET -> new Get(id(), channel(), text(), text(), flag());
            case SETTLE -> new Settle(number(), Outcome.values()[random.nextInt(Outcome.values().length)], ranges());
            case RECOVER -> new Recover(id(), channel());
            case SETTLE_WITH ->
                settleWith(new SettleWith(
                        number(), Outcome.values()[random.nextInt(Outcome.values().length)], number(), number()));
            case TAKE_BACK -> new TakeBack(number(), ranges());
            case TAKE_MATCHING -> new TakeMatching(number(), ranges());
            case CONSUME_REPLIES -> new ConsumeReplies(id(), channel(), text());
            case QOS -> new Qos(id(), channel(), random.nextInt());
            case ON_CHANNEL -> new OnChannel(id(), channel(), make(CommandKind.DELETE_EXCHANGE));
            case PUBLISH -> publish();
            case BODY_PART -> new BodyPart(id(), number(), bytes(12), 3, 6);
            case DROP_UPLOAD -> new DropUpload(id(), number());
            case COMMIT_TX ->
                new CommitTx(
                        id(),
                        channel(),
                        List.of((Settle) make(CommandKind.SETTLE), (Settle) make(CommandKind.SETTLE)),
                        (Publish) publish());
            case CALL_OFF -> new CallOff(text(), text(), 5, 300);
            case SCHEDULE_MESSAGE -> new ScheduleMessage(new Route(text(), text(), text()), text(), 300, bytes(20));
            case REDRIVE -> new Redrive(number(), ranges(), text(), text(), text(), text());
            case VOID_PUBLISH -> new VoidPublish(text(), text(), number(), text(), text());
            case FENCE_PRODUCER -> new FenceProducer(text(), text(), text(), text());
            case VOID_ID -> new VoidId(text(), text(), text(), text(), text());
            case PROBE -> new Probe(flag(), random.nextInt(3) * 500);
            case SET_POLICY ->
                new SetPolicy(text(), text(), flag(), new PolicySpec(text(), text(), random.nextLong(), arguments()));
            case CLEAR_POLICY -> new ClearPolicy(text(), text(), flag());
            case ADMINISTER -> new Administer(text(), text(), change());
            case BY_USER -> new ByUser(text(), text(), make(CommandKind.CLEAR_POLICY));
            case NOTE_IMPORT -> new NoteImport(text(), text());
            case NOTE_ACTION -> new NoteAction(text(), text(), text(), flag());
        };
    }

    private Change change() {
        ChangeKind[] kinds = ChangeKind.values();
        return change(kinds[random.nextInt(kinds.length)]);
    }

    Change change(ChangeKind kind) {
        return switch (kind) {
            case FIRST_USER -> new FirstUser(text(), hash(), text());
            case SET_VHOST -> new SetVhost(text(), new VhostSpec(text(), List.of(text()), text(), flag()));
            case DELETE_VHOST -> new DeleteVhost(text());
            case SET_USER -> new SetUser(text(), new UserSpec(hash(), List.of(text(), text())));
            case DELETE_USER -> new DeleteUser(text());
            case REHASH -> new Rehash(text(), hash(), hash());
            case SET_PERMISSION -> new SetPermission(text(), text(), new Permission(text(), text(), text()));
            case CLEAR_PERMISSION -> new ClearPermission(text(), text());
            case SET_TOPIC_PERMISSION ->
                new SetTopicPermission(text(), text(), text(), new TopicPermission(text(), text()));
            case CLEAR_TOPIC_PERMISSION -> new ClearTopicPermission(text(), text(), flag() ? text() : null);
            case SET_LIMIT -> new SetLimit(flag(), text(), text(), random.nextLong());
            case CLEAR_LIMIT -> new ClearLimit(flag(), text(), flag() ? text() : null);
            case SET_GLOBAL_PARAMETER -> new SetGlobalParameter(text(), text());
            case CLEAR_GLOBAL_PARAMETER -> new ClearGlobalParameter(text());
            case ALTER_VHOST ->
                new AlterVhost(
                        text(),
                        flag(),
                        new VhostChange(
                                flag() ? text() : null,
                                flag() ? List.of(text()) : null,
                                flag() ? text() : null,
                                flag() ? (Boolean) flag() : null));
            case SET_LIMITS -> new SetLimits(text(), Map.of("max-queues", random.nextLong(), text(), 7L));
        };
    }

    private PasswordHash hash() {
        return new PasswordHash(text(), text());
    }

    private Command publish() {
        List<Route> routes = List.of(new Route(text(), text(), text()), new Route(text(), text(), text()));
        ByteWriter w = new ByteWriter();
        for (int i = random.nextInt(4); i >= 0; i--) {
            byte[] properties = bytes(random.nextInt(20));
            byte[] body = bytes(random.nextInt(50));
            MessageRecord.writeHeader(w, random.nextInt(2), random.nextInt(2), properties.length, body.length);
            w.raw(properties, 0, properties.length).raw(body, 0, body.length);
        }
        return new Publish(routes, w.toBytes(), 0, w.size(), random.nextInt(65_536), Origins.NONE);
    }

    private String node() {
        return random.nextBoolean() ? "n1" : "node-" + random.nextInt(9);
    }

    private ConnectionId id() {
        return new ConnectionId(node(), number());
    }

    private long number() {
        return random.nextLong() >>> 1 + random.nextInt(63);
    }

    private int channel() {
        return random.nextInt(65_536);
    }

    private boolean flag() {
        return random.nextBoolean();
    }

    private byte[] bytes(int length) {
        byte[] b = new byte[length];
        random.nextBytes(b);
        return b;
    }

    private String text() {
        String[] some = {
            "", "/", "amq.direct", "orders.eu.#", "Gr\u00fc\u00dfe", "\u65e5\u672c", "\ud83d\ude00", "x".repeat(255)
        };
        return some[random.nextInt(some.length)];
    }

    private long[] ranges() {
        long[] r = new long[2 * random.nextInt(20)];
        long next = random.nextInt(1_000);
        for (int i = 0; i < r.length; i += 2) {
            r[i] = next;
            r[i + 1] = next + random.nextInt(5);
            next = r[i + 1] + 1 + (random.nextBoolean() ? 0 : random.nextLong() >>> 30);
        }
        return r;
    }

    private SettleWith settleWith(SettleWith s) {
        HeaderOverlay headers = flag() ? null : new HeaderOverlay(bytes(random.nextInt(9)));
        SettleWith.Defer defer = flag() ? null : new SettleWith.Defer(text(), text(), flag() ? null : text());
        return new SettleWith(s.holder(), s.outcome(), s.seq(), s.delay(), headers, defer);
    }

    private BindingKey binding() {
        return new BindingKey(text(), text(), text(), arguments());
    }

    private ConnectionInfo info() {
        return new ConnectionInfo(
                text(),
                text(),
                text(),
                new ConnectionInfo.Endpoint(text(), channel()),
                new ConnectionInfo.Endpoint(text(), channel()),
                new ConnectionInfo.Negotiated(channel(), random.nextInt(), channel(), text(), number()),
                arguments());
    }

    private Arguments arguments() {
        Map<String, Object> m = new TreeMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            m.put("x-" + i, value(2));
        }
        return new Arguments(m);
    }

    private Object value(int depth) {
        return switch (random.nextInt(depth > 0 ? 8 : 6)) {
            case 0 -> null;
            case 1 -> text();
            case 2 -> random.nextLong();
            case 3 -> flag();
            case 4 -> random.nextDouble();
            case 5 -> new Arguments.Timestamp(number());
            case 6 -> new ArrayList<>(List.of("a", 1L));
            default -> new TreeMap<>(Map.of("k", text(), "n", random.nextLong()));
        };
    }

    /** A command as text, so that two can be compared whole. */
    public static String show(Command c) {
        if (c instanceof Settle s) {
            return "Settle " + s.holder() + " " + s.outcome() + " " + java.util.Arrays.toString(s.ranges());
        } else if (c instanceof TakeBack t) {
            return "TakeBack " + t.consumer() + " " + java.util.Arrays.toString(t.sent());
        } else if (c instanceof Redrive r) {
            return "Redrive " + r.queue() + " " + java.util.Arrays.toString(r.ranges()) + " to " + r.to() + " by "
                    + r.by() + " from " + r.from() + " for " + r.reason();
        } else if (c instanceof TakeMatching t) {
            return "TakeMatching " + t.consumer() + " " + java.util.Arrays.toString(t.ranges());
        } else if (c instanceof Publish p) {
            return "Publish " + p.routes() + " " + p.first() + " " + hex(p.bytes(), p.offset(), p.end());
        } else if (c instanceof CommitTx tx) {
            return "CommitTx " + tx.connection() + " " + tx.channel() + " "
                    + tx.settles().stream().map(Commands::show).toList() + " " + show(tx.publishes());
        } else if (c instanceof CloseConnection k) {
            return "CloseConnection[connection=" + k.connection() + ", sent=" + show(k.sent()) + "]";
        } else if (c instanceof CloseChannel k) {
            return "CloseChannel[connection=" + k.connection() + ", channel=" + k.channel() + ", sent=" + show(k.sent())
                    + "]";
        } else if (c instanceof BodyPart p) {
            int end = p.offset() + p.length();
            return "BodyPart " + p.connection() + " " + p.upload() + " " + hex(p.bytes(), p.offset(), end);
        } else if (c instanceof ScheduleMessage m) {
            return "ScheduleMessage " + m.route() + " " + m.id() + " " + m.due() + " "
                    + hex(m.record(), 0, m.record().length);
        }
        return c.toString();
    }

    private static String show(List<Sent> sent) {
        return sent.stream()
                .map(s -> s.holder() + java.util.Arrays.toString(s.ranges()))
                .toList()
                .toString();
    }

    public static String hex(byte[] b, int from, int to) {
        return java.util.HexFormat.of().formatHex(b, from, to);
    }

    public static byte[] utf8(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }
}
