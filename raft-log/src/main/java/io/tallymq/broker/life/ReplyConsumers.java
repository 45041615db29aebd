package io.tallymq.broker.life;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ReplyConsumer;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;

/** The channels that consume direct replies: at most one consumer each, gone with its channel. */
public final class ReplyConsumers {
    private final MessageStore store;
    private final TreeMap<String, ReplyConsumer> byToken = new TreeMap<>();
    private final TreeMap<ConnectionId, TreeMap<Integer, ReplyConsumer>> byConnection = new TreeMap<>();

    ReplyConsumers(MessageStore store) {
        this.store = store;
    }

    /** Who has the token, or null. */
    public ReplyConsumer find(String token) {
        return byToken.get(token);
    }

    /** The channel's, or null. */
    public ReplyConsumer of(ConnectionId connection, int channel) {
        TreeMap<Integer, ReplyConsumer> channels = byConnection.get(connection);
        return channels == null ? null : channels.get(channel);
    }

    public int count() {
        return byToken.size();
    }

    /** Its channel has none, and nobody has the token. */
    public void add(ReplyConsumer c) {
        put(c);
        ByteWriter w = new ByteWriter(32);
        store.put(key(c), w.string(c.token()).toBytes());
    }

    private void put(ReplyConsumer c) {
        byToken.put(c.token(), c);
        byConnection.computeIfAbsent(c.connection(), id -> new TreeMap<>()).put(c.channel(), c);
    }

    /** The channel consumes no replies any more, if it did. */
    public void remove(ConnectionId connection, int channel) {
        ReplyConsumer c = of(connection, channel);
        if (c == null) {
            return;
        }
        byToken.remove(c.token());
        TreeMap<Integer, ReplyConsumer> channels = byConnection.get(connection);
        channels.remove(channel);
        if (channels.isEmpty()) {
            byConnection.remove(connection);
        }
        store.delete(key(c));
    }

    void removeAll(ConnectionId connection) {
        TreeMap<Integer, ReplyConsumer> channels = byConnection.get(connection);
        if (channels != null) {
            List.copyOf(channels.keySet()).forEach(channel -> remove(connection, channel));
        }
    }

    void restore() {
        store.scan(Keys.of(Keys.REPLY_CONSUMER), (k, v) -> {
            int nameEnd = k.length - 11;
            String node = new String(k, 1, nameEnd - 1, StandardCharsets.UTF_8);
            ByteReader r = new ByteReader(v);
            ConnectionId id = new ConnectionId(node, ByteReader.int64(k, nameEnd + 1));
            put(new ReplyConsumer(id, ByteReader.uint16(k, nameEnd + 9), r.string()));
            TaggedFields.endRecord(r);
        });
    }

    /** Adds nothing for a connection without any. */
    void digest(StateDigest d, ConnectionId connection) {
        TreeMap<Integer, ReplyConsumer> channels = byConnection.get(connection);
        if (channels != null) {
            channels.values().forEach(c -> d.add((long) c.channel()).add(c.token()));
        }
    }

    private static byte[] key(ReplyConsumer c) {
        byte[] prefix = Keys.named(Keys.REPLY_CONSUMER, c.connection().node());
        return new ByteWriter(prefix.length + 10)
                .raw(prefix, 0, prefix.length)
                .int64(c.connection().number())
                .uint16(c.channel())
                .toBytes();
    }
}
