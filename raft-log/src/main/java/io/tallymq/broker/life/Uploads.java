package io.tallymq.broker.life;

import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Bodies on their way in, part by part, until a message takes them or their connection goes. From level 5 on there is a limit, and those of a connection that went are gone at once
 * for everybody but taken out by later entries, some each.
 */
public final class Uploads {
    /** Of a connection, where half of the room is taken: the other half is for those who have little, so that no few take all. */
    static final int FEW = 100;

    private static final int LIMITED_LEVEL = 5;
    /** What the limit is called. */
    private record Name(String node, long number) implements Comparable<Name> {
        /** When the upload became its connection's: the number of its body, or for one that was handed over what its name tells. These only grow. */
        long since(Upload u) {
            return number < 0 ? -number : u.shared;
        }

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

    /**
     * What went.
     *
     * @param before those of the connection that became its own before: a connection of a later start may have the same number, and so may its uploads
     * @param names of those that are left, by {@link Name#since}
     */
    private record Left(long before, TreeMap<Long, Name> names) {}

    private final MessageStore store;
    private final StateLimits limits;
    private final IntSupplier level;
    private final LongSupplier newShared;
    private final TreeMap<Name, Upload> uploads = new TreeMap<>();
    /** By {@link Name#since}. */
    private final TreeMap<ConnectionId, TreeMap<Long, Name>> byConnection = new TreeMap<>();

    private final TreeMap<ConnectionId, Left> left = new TreeMap<>();

    /** @param newShared numbers of bodies */
    public Uploads(MessageStore store, StateLimits limits, IntSupplier level, LongSupplier newShared) {
        this.store = store;
        this.limits = limits;
        this.level = level;
        this.newShared = newShared;
    }

    public void restore() {
        store.scan(Keys.of(Keys.UPLOADS_LEFT), (k, v) -> {
            String node = new String(k, 1, k.length - 10, StandardCharsets.UTF_8);
            ByteReader r = new ByteReader(v);
            left.put(new ConnectionId(node, ByteReader.int64(k, k.length - 8)), new Left(r.int64(), new TreeMap<>()));
            TaggedFields.endRecord(r);
        });
        store.scan(Keys.of(Keys.UPLOAD), (k, v) -> {
            ByteReader r = new ByteReader(v);
            Name name = new Name(r.string(), r.int64());
            index(name, new Upload(new ConnectionId(name.node, r.int64()), r.int64(), r.int32(), r.int64()));
            TaggedFields.endRecord(r);
        });
    }

    /** How many there are, those included that are to be taken out. */
    public int count() {
        return uploads.size();
    }

    /** Whether what is refused for want of its body is dropped, and may lack it because there were too many. */
    public boolean areLimited() {
        return level.getAsInt() >= LIMITED_LEVEL;
    }

    /** Why the part can't be taken; null when it can: one that goes on always can. */
    public Reply.Rejected refusal(BodyPart p) {
        if (!areLimited() || find(p.connection().node(), p.upload()) != null) {
            return null;
        }
        TreeMap<Long, Name> its = byConnection.get(p.connection());
        int most = count() * 2 < limits.of(StateLimit.UPLOADS)
                ? limits.ofOne(StateLimit.UPLOADS)
                : Math.min(FEW, limits.ofOne(StateLimit.UPLOADS));
        if (its != null && its.size() >= most) {
            return limit(StateLimit.UPLOADS.text() + " of a connection", most);
        }
        return count() >= limits.of(StateLimit.UPLOADS)
                ? limit(StateLimit.UPLOADS.text(), limits.of(StateLimit.UPLOADS))
                : null;
    }

    private static Reply.Rejected limit(String what, int most) {
        return new Reply.Rejected(506, Reply.Reason.LIMIT, StateLimits.text(what, most));
    }

    /** What a message is told of which nothing came. */
    public Reply.Rejected missing() {
        return new Reply.Rejected(
                506,
                Reply.Reason.LIMIT,
                "the body did not arrive in all its parts. The cluster takes " + limits.of(StateLimit.UPLOADS) + " "
                        + StateLimit.UPLOADS.text()
                        + ", and "
                        + limits.ofOne(StateLimit.UPLOADS)
                        + " of a connection (limit uploads): commit more often, have fewer large messages unconfirmed, and"
                        + " publish again");
    }

    /** Keeps one more part. */
    public Upload part(BodyPart p) {
        Name name = new Name(p.connection().node(), p.upload());
        Upload u = find(name);
        Upload next = u == null
                ? new Upload(p.connection(), newShared.getAsLong(), 1, p.length())
                : new Upload(u.connection, u.shared, u.parts + 1, u.bytes + p.length());
        store.putShared(
                next.shared, next.parts - 1, List.of(new MessageStore.Slice(p.bytes(), p.offset(), p.length())));
        put(name, next);
        return next;
    }

    private void put(Name name, Upload u) {
        Upload before = uploads.get(name);
        if (before != null && isLeft(name, before)) {
            takeOut(name, before); // of a connection of an earlier start
        }
        index(name, u);
        ByteWriter w = new ByteWriter(64);
        w.string(name.node).int64(name.number).int64(u.connection.number());
        store.put(key(name), w.int64(u.shared).int32(u.parts).int64(u.bytes).toBytes());
    }

    private void index(Name name, Upload u) {
        uploads.put(name, u);
        names(name, u).put(name.since(u), name);
    }

    /** Those among which it is. */
    private TreeMap<Long, Name> names(Name name, Upload u) {
        return isLeft(name, u)
                ? left.get(u.connection).names
                : byConnection.computeIfAbsent(u.connection, c -> new TreeMap<>());
    }

    private boolean isLeft(Name name, Upload u) {
        Left l = left.get(u.connection);
        return l != null && name.since(u) < l.before;
    }

    private Upload find(Name name) {
        Upload u = uploads.get(name);
        return u == null || isLeft(name, u) ? null : u;
    }

    /** The upload so far, or null. */
    public Upload find(String node, long number) {
        return find(new Name(node, number));
    }

    /** Hands the body over to the caller, or null when there is no such upload. */
    public Upload take(String node, long number) {
        Name name = new Name(node, number);
        Upload u = find(name);
        if (u != null) {
            remove(name, u);
            store.delete(key(name));
        }
        return u;
    }

    private void remove(Name name, Upload u) {
        uploads.remove(name);
        TreeMap<Long, Name> its = names(name, u);
        its.remove(name.since(u));
        if (its.isEmpty() && !isLeft(name, u)) {
            byConnection.remove(u.connection);
        }
    }

    /**
     * The body is another connection's from now on, and goes with it. An earlier one of that number may have left before it came, and it is none of what that has left.
     *
     * @return its number there: one that no node gives to what its clients send
     */
    public long handOver(String node, long number, ConnectionId to) {
        Upload u = take(node, number);
        Upload its = new Upload(to, u.shared, u.parts, u.bytes);
        Name name = new Name(to.node(), -u.shared);
        name = isLeft(name, its) ? new Name(to.node(), -newShared.getAsLong()) : name;
        put(name, its);
        return name.number;
    }

    public void drop(Upload u) {
        store.deleteShared(u.shared, u.parts);
    }

    /** From level 5 on {@link #step} takes them out. */
    public void connectionsClosed(Set<ConnectionId> connections) {
        for (ConnectionId c : connections) {
            TreeMap<Long, Name> its = byConnection.remove(c);
            if (its != null && areLimited()) {
                leave(c, its);
            } else if (its != null) {
                its.values().forEach(name -> takeOut(name));
            }
        }
    }

    /** What an earlier connection of that number left, if there still is some, goes with it. */
    private void leave(ConnectionId c, TreeMap<Long, Name> its) {
        Left before = left.get(c);
        if (before != null) {
            its.putAll(before.names);
        }
        long all = its.lastKey() + 1;
        left.put(c, new Left(all, its));
        store.put(leftKey(c), new ByteWriter(8).int64(all).toBytes());
    }

    private void takeOut(Name name) {
        drop(uploads.remove(name));
        store.delete(key(name));
    }

    private void takeOut(Name name, Upload u) {
        remove(name, u);
        drop(u);
        store.delete(key(name));
    }

    /** Whether later entries have something to take out. */
    public boolean owes() {
        return !left.isEmpty();
    }

    /** How many uploads that is; what connections have left, at least. */
    public int owed() {
        return left.size();
    }

    /** The entry's commands are done: takes out some of those whose connections went. */
    public void step(int most) {
        int units = most;
        while (units > 0 && !left.isEmpty()) {
            Map.Entry<ConnectionId, Left> first = left.firstEntry();
            TreeMap<Long, Name> names = first.getValue().names;
            for (; units > 0 && !names.isEmpty(); units--) {
                takeOut(names.pollFirstEntry().getValue());
            }
            if (names.isEmpty()) {
                left.remove(first.getKey());
                store.delete(leftKey(first.getKey()));
                units--;
            }
        }
    }

    private static byte[] key(Name n) {
        return key(Keys.UPLOAD, n.node, n.number);
    }

    private static byte[] leftKey(ConnectionId c) {
        return key(Keys.UPLOADS_LEFT, c.node(), c.number());
    }

    private static byte[] key(byte type, String node, long number) {
        ByteWriter w = new ByteWriter(32);
        byte[] prefix = Keys.named(type, node);
        return w.raw(prefix, 0, prefix.length).int64(number).toBytes();
    }

    public void digest(StateDigest d) {
        uploads.forEach((n, u) ->
                d.add(n.node).add(n.number).add(u.shared).add((long) u.parts).add(u.bytes));
        left.forEach((c, l) -> d.add(c.node()).add(c.number()).add(l.before));
    }
}
