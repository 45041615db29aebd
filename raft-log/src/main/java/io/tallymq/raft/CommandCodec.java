package io.tallymq.raft;

import io.tallymq.broker.Arguments;
import io.tallymq.broker.ArgumentsCodec;
import io.tallymq.broker.BindingKey;
import io.tallymq.broker.ByteReader;
import io.tallymq.broker.ByteWriter;
import io.tallymq.broker.Command;
import io.tallymq.broker.Command.Kind;
import io.tallymq.broker.Command.Outcome;
import io.tallymq.broker.ConnectionId;
import io.tallymq.broker.ConnectionInfo;
import io.tallymq.broker.ConsumerSpec;
import io.tallymq.broker.ExchangeSpec;
import io.tallymq.broker.Origins;
import io.tallymq.broker.QueueSpec;
import io.tallymq.broker.Route;
import io.tallymq.broker.TaggedFields;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a command within a batch of layout 1: u8 {@link Kind#code}, then its fields. Numbers
 * are varints, texts are a varint length and UTF-8, the name of the batch's own node is written as an empty text. What is
 * written once must be readable for ever: fields are never changed, what is added comes as {@link TaggedFields}, a different
 * command gets a new code and comes with a level.
 */
public final class CommandCodec {
    private static final Kind[] KINDS = kinds();

    private CommandCodec() {}

    private static Kind[] kinds() {
        Kind[] byCode = new Kind[256];
        for (Kind k : Kind.values()) {
            byCode[k.code()] = k;
        }
        return byCode;
    }

    /**
     * The kind of a code found in the log.
     *
     * @throws UnreadableEntryException when this program does not know it
     */
    public static Kind kind(int code) {
        Kind k = KINDS[code];
        if (k == null) {
            throw new UnreadableEntryException("The log holds a command of kind " + code
                    + ", which this program does not know: run the version of TallyMQ that wrote it, or a newer one.");
        }
        return k;
    }

    /**
     * Whether {@link TaggedFields} end a command. Not where each run of messages, ack or credit would pay for them: what those
     * need goes into a message's extension or is a new kind; nor where the command within has them.
     */
    private static boolean grows(Kind kind) {
        return switch (kind) {
            case PUBLISH, SETTLE, CREDIT, ON_CHANNEL -> false;
            default -> true;
        };
    }

    /** Appends a command. {@code node} is the name of the batch's node. */
    public static void write(ByteWriter w, String node, Command command) {
        w.uint8(command.kind().code());
        writeFields(w, node, command);
        if (grows(command.kind())) {
            TaggedFields.end(w);
        }
    }

    private static void writeFields(ByteWriter w, String node, Command command) {
        switch (command.kind()) {
            case NODE_UP -> {
                Command.NodeUp c = (Command.NodeUp) command;
                name(w, node, c.node()).varint(c.epoch());
            }
            case NODE_LOST -> {
                Command.NodeLost c = (Command.NodeLost) command;
                name(w, node, c.node()).varint(c.epoch()).varint(c.term());
            }
            case RAISE -> w.varint(((Command.Raise) command).level()).varint(((Command.Raise) command).term());
            case OPEN_CONNECTION -> {
                Command.OpenConnection c = (Command.OpenConnection) command;
                id(w, node, c.connection());
                info(w, c.info());
            }
            case CLOSE_CONNECTION -> {
                Command.CloseConnection c = (Command.CloseConnection) command;
                sent(id(w, node, c.connection()), c.sent());
            }
            case CLOSE_CHANNEL -> {
                Command.CloseChannel c = (Command.CloseChannel) command;
                sent(id(w, node, c.connection()).varint(c.channel()), c.sent());
            }
            case ON_CHANNEL -> {
                Command.OnChannel c = (Command.OnChannel) command;
                id(w, node, c.connection()).varint(c.channel());
                write(w, node, c.command());
            }
            case DECLARE_EXCHANGE, DELETE_EXCHANGE, BIND_EXCHANGE -> writeExchange(w, command);
            case DECLARE_QUEUE, DELETE_QUEUE, PURGE_QUEUE, BIND_QUEUE -> writeQueue(w, node, command);
            case SUBSCRIBE, CANCEL, CREDIT, GET, SETTLE, RECOVER, QOS, TAKE_BACK -> writeConsuming(w, node, command);
            case PUBLISH -> {
                Command.Publish c = (Command.Publish) command;
                w.int32(c.end() - c.offset()).int32(c.first()).raw(c.bytes(), c.offset(), c.end() - c.offset());
            }
            case BODY_PART -> {
                Command.BodyPart c = (Command.BodyPart) command;
                id(w, node, c.connection()).varint(c.upload()).int32(c.length());
                w.raw(c.bytes(), c.offset(), c.length());
            }
            case DROP_UPLOAD -> {
                Command.DropUpload c = (Command.DropUpload) command;
                id(w, node, c.connection()).varint(c.upload());
            }
            case PROBE -> w.bool(((Command.Probe) command).digest());
        }
    }

    private static void writeExchange(ByteWriter w, Command command) {
        if (command instanceof Command.DeclareExchange c) {
            w.string(c.vhost()).string(c.name()).string(c.spec().type());
            w.uint8(bits(c.spec().durable(), c.spec().autoDelete(), c.spec().internal(), c.passive()));
            ArgumentsCodec.write(w, c.spec().arguments());
        } else if (command instanceof Command.DeleteExchange c) {
            w.string(c.vhost()).string(c.name()).uint8(bits(c.ifUnused()));
        } else if (command instanceof Command.BindExchange c) {
            w.string(c.vhost());
            binding(w, c.binding());
            w.uint8(bits(c.add()));
        }
    }

    private static void writeQueue(ByteWriter w, String node, Command command) {
        if (command instanceof Command.DeclareQueue c) {
            id(w, node, c.connection()).string(c.vhost()).string(c.name());
            w.uint8(bits(
                    c.spec().durable(), c.spec().exclusive(), c.spec().autoDelete(), c.passive(), c.serverNamed()));
            ArgumentsCodec.write(w, c.spec().arguments());
        } else if (command instanceof Command.DeleteQueue c) {
            id(w, node, c.connection()).string(c.vhost()).string(c.name()).uint8(bits(c.ifUnused(), c.ifEmpty()));
        } else if (command instanceof Command.PurgeQueue c) {
            id(w, node, c.connection()).string(c.vhost()).string(c.name());
        } else if (command instanceof Command.BindQueue c) {
            id(w, node, c.connection()).string(c.vhost());
            binding(w, c.binding());
            w.uint8(bits(c.add()));
        }
    }

    private static void writeConsuming(ByteWriter w, String node, Command command) {
        if (command instanceof Command.Subscribe c) {
            id(w, node, c.connection()).varint(c.channel()).string(c.vhost()).string(c.queue());
            w.string(c.spec().tag()).uint8(bits(c.spec().noAck(), c.spec().exclusive()));
            w.int32(c.spec().prefetch()).int32(c.spec().window());
            ArgumentsCodec.write(w, c.spec().arguments());
        } else if (command instanceof Command.Cancel c) {
            w.varint(c.consumer());
        } else if (command instanceof Command.Credit c) {
            w.varint(c.consumer()).int32(c.messages());
        } else if (command instanceof Command.Get c) {
            id(w, node, c.connection()).varint(c.channel()).string(c.vhost()).string(c.queue());
            w.uint8(bits(c.noAck()));
        } else if (command instanceof Command.Settle c) {
            w.varint(c.holder()).uint8(code(c.outcome()));
            writeRanges(w, c.ranges(), c.ranges().length);
        } else if (command instanceof Command.Recover c) {
            id(w, node, c.connection()).varint(c.channel());
        } else if (command instanceof Command.Qos c) {
            id(w, node, c.connection()).varint(c.channel()).int32(c.limit());
        } else if (command instanceof Command.TakeBack c) {
            writeRanges(w.varint(c.consumer()), c.sent(), c.sent().length);
        }
    }

    /**
     * Reads the next command. Bodies stay slices of the reader's array.
     *
     * @param routes of the batch, for {@link Command.Publish}
     * @param origins of the batch's messages
     */
    public static Command read(ByteReader r, String node, List<Route> routes, Origins origins) {
        Kind kind = kind(r.uint8());
        Command command = readFields(kind, r, node, routes, origins);
        if (grows(kind)) {
            TaggedFields.endCommand(r);
        }
        return command;
    }

    private static Command readFields(Kind kind, ByteReader r, String node, List<Route> routes, Origins origins) {
        return switch (kind) {
            case NODE_UP -> new Command.NodeUp(name(r, node), r.varint());
            case NODE_LOST -> new Command.NodeLost(name(r, node), r.varint(), r.varint());
            case RAISE -> new Command.Raise((int) r.varint(), r.varint());
            case OPEN_CONNECTION -> new Command.OpenConnection(id(r, node), info(r));
            case CLOSE_CONNECTION -> new Command.CloseConnection(id(r, node), sent(r));
            case CLOSE_CHANNEL -> new Command.CloseChannel(id(r, node), (int) r.varint(), sent(r));
            case ON_CHANNEL -> new Command.OnChannel(id(r, node), (int) r.varint(), read(r, node, routes, origins));
            case DECLARE_EXCHANGE -> declareExchange(r);
            case DELETE_EXCHANGE -> new Command.DeleteExchange(r.string(), r.string(), bit(r.uint8(), 0));
            case BIND_EXCHANGE -> new Command.BindExchange(r.string(), binding(r), bit(r.uint8(), 0));
            case DECLARE_QUEUE -> declareQueue(r, node);
            case DELETE_QUEUE -> deleteQueue(r, node);
            case PURGE_QUEUE -> new Command.PurgeQueue(id(r, node), r.string(), r.string());
            case BIND_QUEUE -> new Command.BindQueue(id(r, node), r.string(), binding(r), bit(r.uint8(), 0));
            case SUBSCRIBE -> subscribe(r, node);
            case CANCEL -> new Command.Cancel(r.varint());
            case CREDIT -> new Command.Credit(r.varint(), r.int32());
            case GET -> new Command.Get(id(r, node), (int) r.varint(), r.string(), r.string(), bit(r.uint8(), 0));
            case SETTLE -> new Command.Settle(r.varint(), outcome(r.uint8()), readRanges(r));
            case RECOVER -> new Command.Recover(id(r, node), (int) r.varint());
            case QOS -> new Command.Qos(id(r, node), (int) r.varint(), r.int32());
            case TAKE_BACK -> new Command.TakeBack(r.varint(), readRanges(r));
            case PUBLISH -> publish(r, routes, origins);
            case BODY_PART -> bodyPart(r, node);
            case DROP_UPLOAD -> new Command.DropUpload(id(r, node), r.varint());
            case PROBE -> new Command.Probe(r.bool());
        };
    }

    private static Command declareExchange(ByteReader r) {
        String vhost = r.string();
        String name = r.string();
        String type = r.string();
        int bits = r.uint8();
        Arguments arguments = ArgumentsCodec.read(r);
        ExchangeSpec spec = new ExchangeSpec(type, bit(bits, 0), bit(bits, 1), bit(bits, 2), arguments);
        return new Command.DeclareExchange(vhost, name, spec, bit(bits, 3));
    }

    private static Command declareQueue(ByteReader r, String node) {
        ConnectionId id = id(r, node);
        String vhost = r.string();
        String name = r.string();
        int bits = r.uint8();
        QueueSpec spec = new QueueSpec(bit(bits, 0), bit(bits, 1), bit(bits, 2), ArgumentsCodec.read(r));
        return new Command.DeclareQueue(id, vhost, name, spec, bit(bits, 3), bit(bits, 4));
    }

    private static Command deleteQueue(ByteReader r, String node) {
        ConnectionId id = id(r, node);
        String vhost = r.string();
        String name = r.string();
        int bits = r.uint8();
        return new Command.DeleteQueue(id, vhost, name, bit(bits, 0), bit(bits, 1));
    }

    private static Command subscribe(ByteReader r, String node) {
        ConnectionId id = id(r, node);
        int channel = (int) r.varint();
        String vhost = r.string();
        String queue = r.string();
        String tag = r.string();
        int bits = r.uint8();
        int prefetch = r.int32();
        int window = r.int32();
        ConsumerSpec spec = new ConsumerSpec(tag, bit(bits, 0), bit(bits, 1), prefetch, window, ArgumentsCodec.read(r));
        return new Command.Subscribe(id, channel, vhost, queue, spec);
    }

    private static Command publish(ByteReader r, List<Route> routes, Origins origins) {
        int length = r.int32();
        int first = r.int32();
        int from = r.skip(length);
        return new Command.Publish(routes, r.array(), from, from + length, first, origins);
    }

    private static Command bodyPart(ByteReader r, String node) {
        ConnectionId id = id(r, node);
        long upload = r.varint();
        int length = r.int32();
        return new Command.BodyPart(id, upload, r.array(), r.skip(length), length);
    }

    private static ByteWriter name(ByteWriter w, String node, String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a node's name is empty");
        }
        return w.string(name.equals(node) ? "" : name);
    }

    private static String name(ByteReader r, String node) {
        String name = r.string();
        return name.isEmpty() ? node : name;
    }

    private static ByteWriter id(ByteWriter w, String node, ConnectionId id) {
        return name(w, node, id.node()).varint(id.number());
    }

    private static ConnectionId id(ByteReader r, String node) {
        return new ConnectionId(name(r, node), r.varint());
    }

    private static void info(ByteWriter w, ConnectionInfo i) {
        w.string(i.name()).string(i.vhost()).string(i.user());
        w.string(i.peer().host()).varint(i.peer().port());
        w.string(i.local().host()).varint(i.local().port());
        ConnectionInfo.Negotiated n = i.negotiated();
        w.int32(n.channelMax()).int32(n.frameMax()).int32(n.heartbeat());
        w.string(n.mechanism()).int64(n.connectedAt());
        ArgumentsCodec.write(w, i.clientProperties());
    }

    private static ConnectionInfo info(ByteReader r) {
        String name = r.string();
        String vhost = r.string();
        String user = r.string();
        ConnectionInfo.Endpoint peer = new ConnectionInfo.Endpoint(r.string(), (int) r.varint());
        ConnectionInfo.Endpoint local = new ConnectionInfo.Endpoint(r.string(), (int) r.varint());
        ConnectionInfo.Negotiated negotiated =
                new ConnectionInfo.Negotiated(r.int32(), r.int32(), r.int32(), r.string(), r.int64());
        return new ConnectionInfo(name, vhost, user, peer, local, negotiated, ArgumentsCodec.read(r));
    }

    private static void binding(ByteWriter w, BindingKey b) {
        w.string(b.source()).string(b.destination()).string(b.routingKey());
        ArgumentsCodec.write(w, b.arguments());
    }

    private static BindingKey binding(ByteReader r) {
        return new BindingKey(r.string(), r.string(), r.string(), ArgumentsCodec.read(r));
    }

    private static void sent(ByteWriter w, List<Command.Sent> sent) {
        w.varint(sent.size());
        for (Command.Sent s : sent) {
            writeRanges(w.varint(s.holder()), s.ranges(), s.ranges().length);
        }
    }

    private static List<Command.Sent> sent(ByteReader r) {
        int n = (int) r.varint();
        if (n < 0 || n > r.remaining()) {
            throw new IllegalStateException(
                    "record is cut short: " + n + " holders, " + r.remaining() + " bytes there");
        }
        List<Command.Sent> sent = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            sent.add(new Command.Sent(r.varint(), readRanges(r)));
        }
        return sent;
    }

    /** Pairs of first and last, ascending: each as the distance from the end of the one before, and its length less one. */
    static void writeRanges(ByteWriter w, long[] ranges, int length) {
        w.varint(length / 2);
        long next = 0;
        for (int i = 0; i < length; i += 2) {
            w.varint(ranges[i] - next).varint(ranges[i + 1] - ranges[i]);
            next = ranges[i + 1] + 1;
        }
    }

    static long[] readRanges(ByteReader r) {
        int n = (int) r.varint();
        if (n < 0 || n > r.remaining()) {
            throw new IllegalStateException("record is cut short: " + n + " ranges, " + r.remaining() + " bytes there");
        }
        long[] ranges = new long[2 * n];
        long next = 0;
        for (int i = 0; i < ranges.length; i += 2) {
            ranges[i] = next + r.varint();
            ranges[i + 1] = ranges[i] + r.varint();
            next = ranges[i + 1] + 1;
        }
        return ranges;
    }

    private static int code(Outcome outcome) {
        return switch (outcome) {
            case ACK -> 0;
            case NACK_REQUEUE -> 1;
            case REJECT_REQUEUE -> 2;
            case DISCARD -> 3;
            case RELEASE -> 4;
        };
    }

    private static Outcome outcome(int code) {
        return switch (code) {
            case 0 -> Outcome.ACK;
            case 1 -> Outcome.NACK_REQUEUE;
            case 2 -> Outcome.REJECT_REQUEUE;
            case 3 -> Outcome.DISCARD;
            case 4 -> Outcome.RELEASE;
            default ->
                throw new UnreadableEntryException(
                        "The log holds a settle with outcome " + code
                                + ", which this program does not know: run the version of TallyMQ that wrote it, or a newer one.");
        };
    }

    private static int bits(boolean... flags) {
        int bits = 0;
        for (int i = 0; i < flags.length; i++) {
            bits |= flags[i] ? 1 << i : 0;
        }
        return bits;
    }

    private static boolean bit(int bits, int i) {
        return (bits >> i & 1) != 0;
    }
}
