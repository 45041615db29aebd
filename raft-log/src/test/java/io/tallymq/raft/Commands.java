package io.tallymq.raft;

import io.tallymq.broker.Arguments;
import io.tallymq.broker.BindingKey;
import io.tallymq.broker.ByteWriter;
import io.tallymq.broker.Command;
import io.tallymq.broker.Command.Kind;
import io.tallymq.broker.Command.Outcome;
import io.tallymq.broker.ConnectionId;
import io.tallymq.broker.ConnectionInfo;
import io.tallymq.broker.ConsumerSpec;
import io.tallymq.broker.ExchangeSpec;
import io.tallymq.broker.MessageRecord;
import io.tallymq.broker.Origins;
import io.tallymq.broker.QueueSpec;
import io.tallymq.broker.Route;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Commands made from a seed, one for every kind. */
final class Commands {
    private final java.util.Random random;

    Commands(long seed) {
        random = new java.util.Random(seed);
    }

    private List<Command.Sent> sent() {
        List<Command.Sent> sent = new ArrayList<>();
        for (int n = random.nextInt(3); n > 0; n--) {
            sent.add(new Command.Sent(number(), ranges()));
        }
        return sent;
    }

    Command make(Kind kind) {
        return switch (kind) {
            case NODE_UP -> new Command.NodeUp(node(), number());
            case NODE_LOST -> new Command.NodeLost(node(), number(), number());
            case RAISE -> new Command.Raise(channel(), number());
            case OPEN_CONNECTION -> new Command.OpenConnection(id(), info());
            case CLOSE_CONNECTION -> new Command.CloseConnection(id(), sent());
            case CLOSE_CHANNEL -> new Command.CloseChannel(id(), channel(), sent());
            case DECLARE_EXCHANGE ->
                new Command.DeclareExchange(
                        text(), text(), new ExchangeSpec(text(), flag(), flag(), flag(), arguments()), flag());
            case DELETE_EXCHANGE -> new Command.DeleteExchange(text(), text(), flag());
            case BIND_EXCHANGE -> new Command.BindExchange(text(), binding(), flag());
            case DECLARE_QUEUE ->
                new Command.DeclareQueue(
                        id(), text(), text(), new QueueSpec(flag(), flag(), flag(), arguments()), flag());
            case DELETE_QUEUE -> new Command.DeleteQueue(id(), text(), text(), flag(), flag());
            case PURGE_QUEUE -> new Command.PurgeQueue(id(), text(), text());
            case BIND_QUEUE -> new Command.BindQueue(id(), text(), binding(), flag());
            case SUBSCRIBE ->
                new Command.Subscribe(
                        id(),
                        channel(),
                        text(),
                        text(),
                        new ConsumerSpec(text(), flag(), flag(), random.nextInt(), random.nextInt(), arguments()));
            case CANCEL -> new Command.Cancel(number());
            case CREDIT -> new Command.Credit(number(), random.nextInt());
            case GET -> new Command.Get(id(), channel(), text(), text(), flag());
            case SETTLE ->
                new Command.Settle(number(), Outcome.values()[random.nextInt(Outcome.values().length)], ranges());
            case RECOVER -> new Command.Recover(id(), channel());
            case TAKE_BACK -> new Command.TakeBack(number(), ranges());
            case QOS -> new Command.Qos(id(), channel(), random.nextInt());
            case ON_CHANNEL -> new Command.OnChannel(id(), channel(), make(Kind.DELETE_EXCHANGE));
            case PUBLISH -> publish();
            case BODY_PART -> new Command.BodyPart(id(), number(), bytes(12), 3, 6);
            case DROP_UPLOAD -> new Command.DropUpload(id(), number());
            case PROBE -> new Command.Probe(flag());
        };
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
        return new Command.Publish(routes, w.toBytes(), 0, w.size(), random.nextInt(65_536), Origins.NONE);
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
    static String show(Command c) {
        if (c instanceof Command.Settle s) {
            return "Settle " + s.holder() + " " + s.outcome() + " " + java.util.Arrays.toString(s.ranges());
        } else if (c instanceof Command.TakeBack t) {
            return "TakeBack " + t.consumer() + " " + java.util.Arrays.toString(t.sent());
        } else if (c instanceof Command.Publish p) {
            return "Publish " + p.routes() + " " + p.first() + " " + hex(p.bytes(), p.offset(), p.end());
        } else if (c instanceof Command.CloseConnection k) {
            return "CloseConnection[connection=" + k.connection() + ", sent=" + show(k.sent()) + "]";
        } else if (c instanceof Command.CloseChannel k) {
            return "CloseChannel[connection=" + k.connection() + ", channel=" + k.channel() + ", sent=" + show(k.sent())
                    + "]";
        } else if (c instanceof Command.BodyPart p) {
            int end = p.offset() + p.length();
            return "BodyPart " + p.connection() + " " + p.upload() + " " + hex(p.bytes(), p.offset(), end);
        }
        return c.toString();
    }

    private static String show(List<Command.Sent> sent) {
        return sent.stream()
                .map(s -> s.holder() + java.util.Arrays.toString(s.ranges()))
                .toList()
                .toString();
    }

    static String hex(byte[] b, int from, int to) {
        return java.util.HexFormat.of().formatHex(b, from, to);
    }

    static byte[] utf8(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }
}
