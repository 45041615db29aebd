package io.tallymq.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** The client connections of all nodes: what they are and what they own. */
final class Connections {
    /** One connection: its channels' holders and its exclusive queues. */
    static final class Connection {
        final ConnectionId id;
        final ConnectionInfo info;
        final TreeMap<Integer, TreeMap<Long, Holder>> channels = new TreeMap<>();
        final TreeSet<Long> exclusiveQueues = new TreeSet<>();

        Connection(ConnectionId id, ConnectionInfo info) {
            this.id = id;
            this.info = info;
        }

        void add(Holder h) {
            channels.computeIfAbsent(h.channel(), c -> new TreeMap<>()).put(h.number(), h);
        }

        void remove(Holder h) {
            TreeMap<Long, Holder> holders = channels.get(h.channel());
            if (holders != null) {
                holders.remove(h.number());
                if (holders.isEmpty()) {
                    channels.remove(h.channel());
                }
            }
        }

        List<Holder> holders(int channel) {
            TreeMap<Long, Holder> holders = channels.get(channel);
            return holders == null ? List.of() : new ArrayList<>(holders.values());
        }

        /** The holder through which a channel gets from a queue, or null. */
        Holder getter(int channel, Queue queue) {
            for (Holder h : holders(channel)) {
                if (h.isGetter() && h.queue() == queue) {
                    return h;
                }
            }
            return null;
        }
    }

    private final MessageStore store;
    private final TreeMap<ConnectionId, Connection> connections = new TreeMap<>();

    Connections(MessageStore store) {
        this.store = store;
    }

    Connection get(ConnectionId id) {
        return connections.get(id);
    }

    int count() {
        return connections.size();
    }

    void open(ConnectionId id, ConnectionInfo info) {
        connections.put(id, new Connection(id, info));
        store.put(key(id), encode(info));
    }

    void remove(ConnectionId id) {
        connections.remove(id);
        store.delete(key(id));
    }

    List<ConnectionId> ofNode(String node) {
        List<ConnectionId> ids = new ArrayList<>();
        for (ConnectionId id :
                connections.tailMap(new ConnectionId(node, Long.MIN_VALUE)).keySet()) {
            if (!id.node().equals(node)) {
                break;
            }
            ids.add(id);
        }
        return ids;
    }

    void restore() {
        store.scan(Keys.of(Keys.CONNECTION), (k, v) -> {
            int nameEnd = k.length - 9;
            String node = new String(k, 1, nameEnd - 1, java.nio.charset.StandardCharsets.UTF_8);
            ConnectionId id = new ConnectionId(node, ByteReader.int64(k, nameEnd + 1));
            connections.put(id, new Connection(id, ConnectionInfoCodec.read(new ByteReader(v))));
        });
    }

    List<BrokerView.ConnectionView> views() {
        List<BrokerView.ConnectionView> views = new ArrayList<>();
        for (Connection c : connections.values()) {
            int consumers = 0;
            for (TreeMap<Long, Holder> holders : c.channels.values()) {
                consumers += (int) holders.values().stream()
                        .filter(h -> !h.isGetter() && !h.cancelled)
                        .count();
            }
            views.add(new BrokerView.ConnectionView(c.id, c.info, consumers, new ArrayList<>(c.channels.keySet())));
        }
        return views;
    }

    void digest(StateDigest d) {
        connections.forEach((id, c) -> d.add(id.node()).add(id.number()).add(encode(c.info)));
    }

    private static byte[] key(ConnectionId id) {
        byte[] prefix = Keys.named(Keys.CONNECTION, id.node());
        return new ByteWriter(prefix.length + 8)
                .raw(prefix, 0, prefix.length)
                .int64(id.number())
                .toBytes();
    }

    private static byte[] encode(ConnectionInfo i) {
        ByteWriter w = new ByteWriter(256);
        ConnectionInfoCodec.write(w, i);
        return w.toBytes();
    }
}
