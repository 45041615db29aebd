package io.tallymq.node.traffic;

import io.tallymq.admin.request.ClientTraffic.Certificate;
import io.tallymq.admin.request.ClientTraffic.ChannelCounters;
import io.tallymq.admin.request.ClientTraffic.ChannelMessages;
import io.tallymq.admin.request.ClientTraffic.Counters;
import io.tallymq.admin.request.ClientTraffic.Tls;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;
import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Counters on their way between nodes: a question for some of them, and a page of rows as the answer, which says where the next one begins. Connections go
 * by their numbers, channels by their connections and theirs.
 */
final class TrafficPage {
    /** A page ends with the row that reaches so many bytes. */
    static final int BYTES = 48 << 10;

    private static final int FORMAT = 2;
    private static final int END = 0;
    private static final int ROW = 1;

    /** Of what the counters are. */
    enum Kind {
        CONNECTIONS,
        CHANNELS
    }

    /** Where a page begins. */
    record Place(long connection, int channel) {
        static final Place FIRST = new Place(0, 0);
    }

    /**
     * What is asked.
     *
     * @param to the last connection
     */
    record Question(Kind kind, Place from, long to) {
        boolean isFirst() {
            return from.equals(Place.FIRST);
        }

        /** Whether a single connection is meant, or what is left of its channels. */
        boolean isOfOne() {
            return from.connection == to;
        }

        ConnectionId one(String node) {
            return new ConnectionId(node, to);
        }

        byte[] write() {
            return new ByteWriter(32)
                    .uint8(FORMAT)
                    .uint8(kind.ordinal())
                    .int64(from.connection)
                    .int32(from.channel)
                    .int64(to)
                    .toBytes();
        }

        static Question read(byte[] bytes) {
            ByteReader r = new ByteReader(bytes);
            requireFormat(r);
            return new Question(Kind.values()[r.uint8()], new Place(r.int64(), r.int32()), r.int64());
        }
    }

    /** What is answered. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Page(byte[] bytes, boolean isLast) {}

    private TrafficPage() {}

    private static void requireFormat(ByteReader r) {
        int format = r.uint8();
        if (format != FORMAT) {
            throw new IllegalStateException("format " + format + " of counters is not known here");
        }
    }

    /** The page of connections that a question asks for. */
    static Page connections(Question q, String self, NavigableMap<ConnectionId, Counters> all) {
        ByteWriter w = new ByteWriter(4096).uint8(FORMAT);
        for (var row :
                all.tailMap(new ConnectionId(self, q.from.connection), true).entrySet()) {
            if (row.getKey().number() > q.to) {
                break;
            }
            if (w.size() >= BYTES) {
                return more(w, row.getKey().number(), 0);
            }
            write(w.uint8(ROW).varint(row.getKey().number()), row.getValue());
        }
        return new Page(w.uint8(END).bool(false).toBytes(), true);
    }

    /** The same of channels. */
    static Page channels(Question q, String self, NavigableMap<ConnectionId, Map<Integer, ChannelCounters>> all) {
        ByteWriter w = new ByteWriter(4096).uint8(FORMAT);
        for (var of :
                all.tailMap(new ConnectionId(self, q.from.connection), true).entrySet()) {
            long connection = of.getKey().number();
            if (connection > q.to) {
                break;
            }
            int first = connection == q.from.connection ? q.from.channel : 0;
            for (var row : new TreeMap<>(of.getValue()).tailMap(first, true).entrySet()) {
                if (w.size() >= BYTES) {
                    return more(w, connection, row.getKey());
                }
                write(w.uint8(ROW).varint(connection).varint(row.getKey()), row.getValue());
            }
        }
        return new Page(w.uint8(END).bool(false).toBytes(), true);
    }

    private static Page more(ByteWriter w, long connection, int channel) {
        return new Page(w.uint8(END).bool(true).int64(connection).int32(channel).toBytes(), false);
    }

    private static void write(ByteWriter w, Counters c) {
        w.varint(c.channels())
                .varint(c.receivedBytes())
                .varint(c.sentBytes())
                .varint(c.receivedPackets())
                .varint(c.sentPackets())
                .varint(c.pendingBytes())
                .string(c.state())
                .bool(c.tls() != null);
        if (c.tls() != null) {
            write(w, c.tls());
        }
    }

    private static void write(ByteWriter w, Tls tls) {
        Certificate c = tls.certificate();
        w.string(tls.protocol()).string(tls.suite()).bool(c != null);
        if (c != null) {
            w.string(c.subject())
                    .string(c.issuer())
                    .int64(c.from().toEpochMilli())
                    .int64(c.until().toEpochMilli());
        }
    }

    private static void write(ByteWriter w, ChannelCounters c) {
        w.varint(c.prefetch())
                .varint(c.globalPrefetch())
                .bool(c.confirms())
                .bool(c.transactional())
                .varint(c.unacked())
                .varint(c.unconfirmed())
                .varint(c.uncommitted())
                .varint(c.uncommittedAcks());
        ChannelMessages m = c.messages();
        w.varint(m.published())
                .varint(m.confirmed())
                .varint(m.returned())
                .varint(m.delivered())
                .varint(m.deliveredNoAck())
                .varint(m.got())
                .varint(m.gotNoAck())
                .varint(m.gotNothing())
                .varint(m.redelivered())
                .varint(m.acked());
    }

    /** Adds a page's rows, which {@code node} told; returns where the next page begins, null for the last one. */
    static Place readConnections(String node, byte[] page, Map<ConnectionId, Counters> to) {
        ByteReader r = new ByteReader(page);
        requireFormat(r);
        while (r.uint8() == ROW) {
            var id = new ConnectionId(node, r.varint());
            to.put(
                    id,
                    new Counters(
                            (int) r.varint(),
                            r.varint(),
                            r.varint(),
                            r.varint(),
                            r.varint(),
                            r.varint(),
                            r.string(),
                            r.bool() ? readTls(r) : null));
        }
        return next(r);
    }

    private static Tls readTls(ByteReader r) {
        return new Tls(r.string(), r.string(), r.bool() ? readCertificate(r) : null);
    }

    private static Certificate readCertificate(ByteReader r) {
        return new Certificate(
                r.string(), r.string(), Instant.ofEpochMilli(r.int64()), Instant.ofEpochMilli(r.int64()));
    }

    /** The same of channels. */
    static Place readChannels(String node, byte[] page, Map<ConnectionId, Map<Integer, ChannelCounters>> to) {
        ByteReader r = new ByteReader(page);
        requireFormat(r);
        while (r.uint8() == ROW) {
            var id = new ConnectionId(node, r.varint());
            int number = (int) r.varint();
            to.computeIfAbsent(id, c -> new TreeMap<>()).put(number, readChannel(r));
        }
        return next(r);
    }

    private static ChannelCounters readChannel(ByteReader r) {
        return new ChannelCounters(
                (int) r.varint(),
                (int) r.varint(),
                r.bool(),
                r.bool(),
                (int) r.varint(),
                r.varint(),
                (int) r.varint(),
                (int) r.varint(),
                new ChannelMessages(
                        r.varint(),
                        r.varint(),
                        r.varint(),
                        r.varint(),
                        r.varint(),
                        r.varint(),
                        r.varint(),
                        r.varint(),
                        r.varint(),
                        r.varint()));
    }

    private static Place next(ByteReader r) {
        return r.bool() ? new Place(r.int64(), r.int32()) : null;
    }
}
