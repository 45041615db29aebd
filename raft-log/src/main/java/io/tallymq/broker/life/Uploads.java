package io.tallymq.broker.life;

import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** Bodies on their way in, part by part, until a message takes them or their connection goes. */
public final class Uploads {
    private record Name(String node, long number) implements Comparable<Name> {
        @Override
        public int compareTo(Name o) {
            int c = node.compareTo(o.node);
            return c != 0 ? c : Long.compare(number, o.number);
        }
    }

    /**
     * @param shared number the body has in the store
     * @param bytes length so far
     */
    public record Upload(ConnectionId connection, long shared, int parts, long bytes) {}

    private final MessageStore store;
    private final TreeMap<Name, Upload> uploads = new TreeMap<>();

    public Uploads(MessageStore store) {
        this.store = store;
    }

    public void restore() {
        store.scan(Keys.of(Keys.UPLOAD), (k, v) -> {
            ByteReader r = new ByteReader(v);
            Name name = new Name(r.string(), r.int64());
            uploads.put(name, new Upload(new ConnectionId(name.node, r.int64()), r.int64(), r.int32(), r.int64()));
            TaggedFields.endRecord(r);
        });
    }

    /** @param newShared gives the number if this is the first part */
    public Upload part(BodyPart p, LongSupplier newShared) {
        Name name = new Name(p.connection().node(), p.upload());
        Upload u = uploads.get(name);
        Upload next = u == null
                ? new Upload(p.connection(), newShared.getAsLong(), 1, p.length())
                : new Upload(u.connection, u.shared, u.parts + 1, u.bytes + p.length());
        store.putShared(
                next.shared, next.parts - 1, List.of(new MessageStore.Slice(p.bytes(), p.offset(), p.length())));
        put(name, next);
        return next;
    }

    private void put(Name name, Upload u) {
        uploads.put(name, u);
        ByteWriter w = new ByteWriter(64);
        w.string(name.node).int64(name.number).int64(u.connection.number());
        store.put(key(name), w.int64(u.shared).int32(u.parts).int64(u.bytes).toBytes());
    }

    /** The upload so far, or null. */
    public Upload find(String node, long number) {
        return uploads.get(new Name(node, number));
    }

    /** Hands the body over to the caller, or null when there is no such upload. */
    public Upload take(String node, long number) {
        Name name = new Name(node, number);
        Upload u = uploads.remove(name);
        if (u != null) {
            store.delete(key(name));
        }
        return u;
    }

    /**
     * The body is another connection's from now on, and goes with it.
     *
     * @return its number there: one that no node gives to what its clients send
     */
    public long handOver(String node, long number, ConnectionId to) {
        Upload u = take(node, number);
        long handed = -u.shared;
        put(new Name(to.node(), handed), new Upload(to, u.shared, u.parts, u.bytes));
        return handed;
    }

    public void drop(Upload u) {
        store.deleteShared(u.shared, u.parts);
    }

    public void connectionsClosed(Set<ConnectionId> connections) {
        List<Name> gone = new ArrayList<>();
        for (Map.Entry<Name, Upload> e : uploads.entrySet()) {
            if (connections.contains(e.getValue().connection)) {
                gone.add(e.getKey());
            }
        }
        gone.forEach(n -> drop(take(n.node, n.number)));
    }

    private static byte[] key(Name n) {
        ByteWriter w = new ByteWriter(32);
        byte[] prefix = Keys.named(Keys.UPLOAD, n.node);
        return w.raw(prefix, 0, prefix.length).int64(n.number).toBytes();
    }

    public void digest(StateDigest d) {
        uploads.forEach((n, u) ->
                d.add(n.node).add(n.number).add(u.shared).add((long) u.parts).add(u.bytes));
    }
}
