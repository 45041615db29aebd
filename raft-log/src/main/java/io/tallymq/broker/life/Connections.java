package io.tallymq.broker.life;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.queue.ChannelState;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.ConnectionInfoCodec;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.DigestWalk;
import io.tallymq.broker.view.ListSteps;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** The client connections of all nodes: what they are, what they own, and which of their channels have ended or are limited. */
public final class Connections {
    /** One connection: its channels' holders and its exclusive queues. */
    public static final class Connection {
        final ConnectionId id;
        final ConnectionInfo info;
        /** The number of its opening: those of later ones are higher, also than those of fences between. 0: opened below level 5. */
        final long opened;

        public final TreeMap<Integer, TreeMap<Long, Holder>> channels = new TreeMap<>();
        public final TreeSet<Long> exclusiveQueues = new TreeSet<>();
        private final TreeMap<Gets, Holder> getters = new TreeMap<>();
        /** Of channels that have ended or have a limit; of most there is none. */
        private final TreeMap<Integer, ChannelState> states = new TreeMap<>();

        Connection(ConnectionId id, ConnectionInfo info, long opened) {
            this.id = id;
            this.info = info;
            this.opened = opened;
        }

        public void add(Holder h) {
            channels.computeIfAbsent(h.channel(), c -> new TreeMap<>()).put(h.number(), h);
            if (h.isGetter()) {
                getters.put(Gets.of(h), h);
            }
            ChannelState state = states.get(h.channel());
            if (state != null) {
                state.join(h);
            }
        }

        public void remove(Holder h) {
            if (h.isGetter()) {
                getters.remove(Gets.of(h), h);
            }
            TreeMap<Long, Holder> holders = channels.get(h.channel());
            if (holders != null) {
                holders.remove(h.number());
                if (h.channelState() != null) {
                    h.channelState().leave(h);
                }
                if (holders.isEmpty()) {
                    channels.remove(h.channel());
                }
            }
        }

        public List<Holder> holders(int channel) {
            TreeMap<Long, Holder> holders = channels.get(channel);
            return holders == null ? List.of() : new ArrayList<>(holders.values());
        }

        /** What consumers of the channel have together; null when what one lets go makes no room for others. */
        public ChannelState state(int channel) {
            return states.get(channel);
        }

        /** Once there is room, all of the channel's consumers are in turn again. */
        public void unparkAll(int channel) {
            ChannelState state = states.get(channel);
            Holder h = state == null ? null : state.nextParked(0);
            while (h != null) {
                h.queue().turns().unpark(h);
                h = state.nextParked(0);
            }
        }

        /** Whether what one consumer of the channel lets go may make room for others. */
        public boolean isLimited(int channel) {
            return states.containsKey(channel);
        }

        /** How many consumers the channel has, with those that are cancelled and hold something. */
        public int consumers(int channel) {
            TreeMap<Long, Holder> holders = channels.get(channel);
            return holders == null ? 0 : holders.size();
        }

        /** The holder through which a channel gets from a queue, with or without acks, or null. */
        public Holder getter(int channel, Queue queue, boolean noAck) {
            return getters.get(new Gets(channel, queue.number(), noAck));
        }

        /** The channel is closed. */
        public void forget(int channel) {
            channels.remove(channel);
            getters.subMap(new Gets(channel, 0, false), new Gets(channel + 1, 0, false))
                    .clear();
        }
    }

    /** Through which a channel gets from a queue: there is one at most. */
    private record Gets(int channel, long queue, boolean noAck) implements Comparable<Gets> {
        static Gets of(Holder h) {
            return new Gets(h.channel(), h.queue().number(), h.spec().noAck());
        }

        @Override
        public int compareTo(Gets o) {
            int c = Integer.compare(channel, o.channel);
            c = c == 0 ? Long.compare(queue, o.queue) : c;
            return c == 0 ? Boolean.compare(noAck, o.noAck) : c;
        }
    }

    /** Of a connection's record: the number of its opening. */
    private static final int OPENED = 1;

    private final MessageStore store;
    private final TreeMap<ConnectionId, Connection> connections = new TreeMap<>();
    private final ReplyConsumers replies;
    private final TreeMap<String, Integer> perVhost = new TreeMap<>();
    private final TreeMap<String, Integer> perUser = new TreeMap<>();
    /** How many channels have ended and are not closed yet. */
    private int ended;

    public Connections(MessageStore store) {
        this.store = store;
        this.replies = new ReplyConsumers(store);
    }

    /** Those of their channels that consume direct replies. */
    public ReplyConsumers replies() {
        return replies;
    }

    /** What a connection is; null when there is none. */
    public ConnectionInfo infoOf(ConnectionId id) {
        Connection c = connections.get(id);
        return c == null ? null : c.info;
    }

    /** The number of a connection's opening; 0 when that is not known, -1 when there is no such connection. */
    public long openedAt(ConnectionId id) {
        Connection c = connections.get(id);
        return c == null ? -1 : c.opened;
    }

    public Connection get(ConnectionId id) {
        return connections.get(id);
    }

    public int count() {
        return connections.size();
    }

    /** Those of a virtual host. */
    public int countIn(String vhost) {
        return perVhost.getOrDefault(vhost, 0);
    }

    /** Those of a user. */
    public int countOf(String user) {
        return perUser.getOrDefault(user, 0);
    }

    private void count(ConnectionInfo info, int change) {
        perVhost.merge(info.vhost(), change, Connections::sum);
        perUser.merge(info.user(), change, Connections::sum);
    }

    /** Nothing is kept of none. */
    private static Integer sum(Integer a, Integer b) {
        return a + b == 0 ? null : Integer.valueOf(a + b);
    }

    private void add(ConnectionId id, ConnectionInfo info, long opened) {
        if (connections.put(id, new Connection(id, info, opened)) == null) {
            count(info, 1);
        }
    }

    /** @param opening its number; 0 below level 5 */
    public void open(ConnectionId id, ConnectionInfo info, long opening) {
        add(id, info, opening);
        store.put(key(id), encode(info, opening));
    }

    public void remove(ConnectionId id) {
        Connection c = connections.remove(id);
        count(c.info, -1);
        new ArrayList<>(c.states.keySet()).forEach(channel -> forgetChannel(c, channel));
        replies.removeAll(id);
        store.delete(key(id));
    }

    /** Whether what a client sends on the channel is void. */
    public boolean hasEnded(ConnectionId id, int channel) {
        if (ended == 0) {
            return false;
        }
        Connection c = connections.get(id);
        ChannelState state = c == null ? null : c.states.get(channel);
        return state != null && state.hasEnded();
    }

    /** Whether any channel has ended. */
    public boolean haveEnded() {
        return ended > 0;
    }

    /** What the client sends on the channel from now on is void, until {@link #forgetChannel}. */
    public void end(ConnectionId id, int channel) {
        Connection c = connections.get(id);
        if (c == null) {
            return;
        }
        ChannelState state = state(c, channel);
        if (!state.hasEnded()) {
            state.end();
            ended++;
            store.put(key(id, channel), state.encode());
        }
    }

    /** The consumers of the channel hold at most so many messages together; 0 for no limit. */
    public void limit(Connection c, int channel, int limit) {
        ChannelState state = state(c, channel);
        state.limit(limit);
        store.put(key(c.id, channel), state.encode());
    }

    private static ChannelState state(Connection c, int channel) {
        ChannelState known = c.states.get(channel);
        if (known != null) {
            return known;
        }
        ChannelState fresh = new ChannelState();
        c.states.put(channel, fresh);
        c.holders(channel).forEach(fresh::join);
        return fresh;
    }

    /** The channel is closed. */
    public void forgetChannel(Connection c, int channel) {
        replies.remove(c.id, channel);
        ChannelState state = c.states.remove(channel);
        if (state != null) {
            ended -= state.hasEnded() ? 1 : 0;
            store.delete(key(c.id, channel));
        }
    }

    public List<ConnectionId> ofNode(String node) {
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

    public void restore() {
        store.scan(Keys.of(Keys.CONNECTION), (k, v) -> {
            int nameEnd = k.length - 9;
            String node = new String(k, 1, nameEnd - 1, java.nio.charset.StandardCharsets.UTF_8);
            ConnectionId id = new ConnectionId(node, ByteReader.int64(k, nameEnd + 1));
            ByteReader r = new ByteReader(v);
            ConnectionInfo info = ConnectionInfoCodec.read(r);
            long[] opened = {0};
            TaggedFields.readRecord(r, (tag, value) -> {
                opened[0] = tag == OPENED ? value.varint() : opened[0];
                return tag == OPENED;
            });
            add(id, info, opened[0]);
        });
        store.scan(Keys.of(Keys.CHANNEL), (k, v) -> {
            int nameEnd = k.length - 11;
            String node = new String(k, 1, nameEnd - 1, java.nio.charset.StandardCharsets.UTF_8);
            Connection c = connections.get(new ConnectionId(node, ByteReader.int64(k, nameEnd + 1)));
            ChannelState state = ChannelState.decode(v);
            c.states.put(ByteReader.uint16(k, nameEnd + 9), state);
            ended += state.hasEnded() ? 1 : 0;
        });
        replies.restore();
    }

    /** All holders are restored: those are parked whose channel has no room, whether or not there is something for them. */
    public void parkAll() {
        for (Connection c : connections.values()) {
            c.states.forEach((channel, state) -> {
                if (state.room() <= 0) {
                    c.holders(channel).forEach(h -> h.queue().turns().park(h));
                }
            });
        }
    }

    /** A place in the list of connections. */
    private record AtConnection(ConnectionId id) implements BrokerView.Place {}

    public BrokerView.Step<BrokerView.ConnectionView> views(BrokerView.Place from, int most) {
        Map<ConnectionId, Connection> rest = connections;
        if (from instanceof AtConnection at) {
            rest = connections.tailMap(at.id, false);
        }
        return ListSteps.take(rest.values().iterator(), most, Connections::view, c -> new AtConnection(c.id));
    }

    private static BrokerView.ConnectionView view(Connection c) {
        List<BrokerView.ChannelView> channels = new ArrayList<>(c.channels.size());
        c.channels.forEach((number, holders) -> {
            int consumers = 0;
            for (Holder h : holders.values()) {
                consumers += h.isGetter() || h.isCancelled() ? 0 : 1;
            }
            channels.add(new BrokerView.ChannelView(number, consumers));
        });
        return new BrokerView.ConnectionView(c.id, c.info, channels);
    }

    /** As {@link DigestWalk.Part}. */
    public Object digest(StateDigest d, Object from, DigestWalk.Units units) {
        for (Connection c : (from == null ? connections : connections.tailMap((ConnectionId) from, false)).values()) {
            d.add(c.id.node()).add(c.id.number()).add(encode(c.info, c.opened));
            c.states.forEach((channel, state) -> d.add((long) channel).add(state.encode()));
            replies.digest(d, c.id);
            units.spend(1 + c.states.size());
            if (units.areSpent()) {
                return c.id;
            }
        }
        return null;
    }

    private static byte[] key(ConnectionId id) {
        byte[] prefix = Keys.named(Keys.CONNECTION, id.node());
        return new ByteWriter(prefix.length + 8)
                .raw(prefix, 0, prefix.length)
                .int64(id.number())
                .toBytes();
    }

    private static byte[] key(ConnectionId id, int channel) {
        byte[] prefix = Keys.named(Keys.CHANNEL, id.node());
        return new ByteWriter(prefix.length + 10)
                .raw(prefix, 0, prefix.length)
                .int64(id.number())
                .uint16(channel)
                .toBytes();
    }

    private static byte[] encode(ConnectionInfo i, long opened) {
        ByteWriter w = new ByteWriter(256);
        ConnectionInfoCodec.write(w, i);
        if (opened > 0) {
            TaggedFields.write(w, OPENED, new ByteWriter(10).varint(opened).toBytes());
        }
        return w.toBytes();
    }
}
