package io.tallymq.broker.command;

import io.tallymq.broker.message.ArgumentsCodec;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;

/** What the codecs of several commands have in common. */
public final class Fields {
    private Fields() {}

    static ByteWriter name(ByteWriter w, String batch, String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a node's name is empty");
        }
        return w.string(name.equals(batch) ? "" : name);
    }

    static String name(ByteReader r, String batch) {
        String name = r.string();
        return name.isEmpty() ? batch : name;
    }

    static ByteWriter id(ByteWriter w, String batch, ConnectionId id) {
        return name(w, batch, id.node()).varint(id.number());
    }

    static ConnectionId id(ByteReader r, String batch) {
        return new ConnectionId(name(r, batch), r.varint());
    }

    static void info(ByteWriter w, ConnectionInfo i) {
        w.string(i.name()).string(i.vhost()).string(i.user());
        w.string(i.peer().host()).varint(i.peer().port());
        w.string(i.local().host()).varint(i.local().port());
        ConnectionInfo.Negotiated n = i.negotiated();
        w.int32(n.channelMax()).int32(n.frameMax()).int32(n.heartbeat());
        w.string(n.mechanism()).int64(n.connectedAt());
        ArgumentsCodec.write(w, i.clientProperties());
    }

    static ConnectionInfo info(ByteReader r) {
        String name = r.string();
        String vhost = r.string();
        String user = r.string();
        ConnectionInfo.Endpoint peer = new ConnectionInfo.Endpoint(r.string(), (int) r.varint());
        ConnectionInfo.Endpoint local = new ConnectionInfo.Endpoint(r.string(), (int) r.varint());
        ConnectionInfo.Negotiated negotiated =
                new ConnectionInfo.Negotiated(r.int32(), r.int32(), r.int32(), r.string(), r.int64());
        return new ConnectionInfo(name, vhost, user, peer, local, negotiated, ArgumentsCodec.read(r));
    }

    static ByteWriter binding(ByteWriter w, BindingKey b) {
        w.string(b.source()).string(b.destination()).string(b.routingKey());
        ArgumentsCodec.write(w, b.arguments());
        return w;
    }

    static BindingKey binding(ByteReader r) {
        return new BindingKey(r.string(), r.string(), r.string(), ArgumentsCodec.read(r));
    }

    /** How many of something follow, each of a byte or more. */
    static int count(ByteReader r, String what) {
        long n = r.varint();
        if (n < 0 || n > r.remaining()) {
            throw new IllegalStateException(
                    "record is cut short: " + n + " " + what + ", " + r.remaining() + " bytes there");
        }
        return (int) n;
    }

    static void writeRanges(ByteWriter w, long[] ranges, int length) {
        w.varint(length / 2);
        long next = 0;
        for (int i = 0; i < length; i += 2) {
            w.varint(ranges[i] - next).varint(ranges[i + 1] - ranges[i]);
            next = ranges[i + 1] + 1;
        }
    }

    static long[] readRanges(ByteReader r) {
        long[] ranges = new long[2 * count(r, "ranges")];
        long next = 0;
        for (int i = 0; i < ranges.length; i += 2) {
            ranges[i] = next + r.varint();
            ranges[i + 1] = ranges[i] + r.varint();
            next = ranges[i + 1] + 1;
        }
        return ranges;
    }

    static int bits(boolean... flags) {
        int bits = 0;
        for (int i = 0; i < flags.length; i++) {
            bits |= flags[i] ? 1 << i : 0;
        }
        return bits;
    }

    static boolean bit(int bits, int i) {
        return (bits >> i & 1) != 0;
    }
}
