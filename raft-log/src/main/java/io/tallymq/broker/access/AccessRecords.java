package io.tallymq.broker.access;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.spec.TopicPermission;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.broker.spec.VhostSpec;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.view.AccessView.AuditEntry;
import io.tallymq.broker.view.User;
import io.tallymq.broker.view.Vhost;
import java.util.Map;
import java.util.TreeMap;

/** The stored forms of users, their permissions and virtual hosts, each complete without its key. */
final class AccessRecords {
    /** Tag of users and virtual hosts: index of the entry that made them. */
    private static final int MADE = 1;

    private AccessRecords() {}

    /** What a user may do in one virtual host. */
    record InVhost(String vhost, String user, Permission permission, Map<String, TopicPermission> topics) {}

    static byte[] vhostKey(String name) {
        return Keys.named(Keys.VHOST, name);
    }

    static byte[] vhost(Vhost v, Removal removal) {
        ByteWriter w = new ByteWriter(64).string(v.name());
        v.spec().write(w);
        limits(w, v.limits());
        w.bool(v.isGoing());
        if (v.isGoing()) {
            removal.write(w);
        }
        made(w, v.made());
        return w.toBytes();
    }

    /** @param removals takes how far the way out of one is that is going */
    static Vhost vhost(byte[] value, Map<String, Removal> removals) {
        ByteReader r = new ByteReader(value);
        Vhost v = new Vhost(r.string(), VhostSpec.read(r), limits(r), r.bool(), 0);
        if (v.isGoing()) {
            removals.put(v.name(), Removal.read(r));
        }
        return new Vhost(v.name(), v.spec(), v.limits(), v.isGoing(), made(r));
    }

    static byte[] userKey(String name) {
        return Keys.named(Keys.USER, name);
    }

    static byte[] user(User u) {
        ByteWriter w = new ByteWriter(128).string(u.name());
        u.spec().write(w);
        limits(w, u.limits());
        made(w, u.made());
        return w.toBytes();
    }

    static User user(byte[] value) {
        ByteReader r = new ByteReader(value);
        return new User(r.string(), UserSpec.read(r), limits(r), Map.of(), Map.of(), made(r));
    }

    static byte[] permissionKey(String user, String vhost) {
        return Keys.named(Keys.PERMISSION, user, vhost);
    }

    /** Null when there is nothing to keep. */
    static byte[] permission(User u, String vhost) {
        Permission p = u.permissions().get(vhost);
        Map<String, TopicPermission> topics = u.topicPermissions().getOrDefault(vhost, Map.of());
        if (p == null && topics.isEmpty()) {
            return null;
        }
        ByteWriter w = new ByteWriter(64).string(u.name()).string(vhost).bool(p != null);
        if (p != null) {
            p.write(w);
        }
        w.varint(topics.size());
        topics.forEach((exchange, t) -> {
            w.string(exchange);
            t.write(w);
        });
        return w.toBytes();
    }

    static InVhost permission(byte[] value) {
        ByteReader r = new ByteReader(value);
        String user = r.string();
        String vhost = r.string();
        Permission p = r.bool() ? Permission.read(r) : null;
        Map<String, TopicPermission> topics = new TreeMap<>();
        for (long n = r.varint(); n > 0; n--) {
            topics.put(r.string(), TopicPermission.read(r));
        }
        TaggedFields.endRecord(r);
        return new InVhost(vhost, user, p, topics);
    }

    static byte[] audit(AuditEntry e) {
        ByteWriter w = new ByteWriter(96).int64(e.number()).int64(e.time());
        return w.string(e.by())
                .string(e.from())
                .string(e.what())
                .string(e.subject())
                .toBytes();
    }

    static AuditEntry audit(byte[] value) {
        ByteReader r = new ByteReader(value);
        AuditEntry e = new AuditEntry(r.int64(), r.int64(), r.string(), r.string(), r.string(), r.string());
        TaggedFields.endRecord(r);
        return e;
    }

    /** From level 5 on; without it a record is as it was. */
    private static void made(ByteWriter w, long index) {
        if (index != 0) {
            TaggedFields.write(w, MADE, new ByteWriter(Long.BYTES).int64(index).toBytes());
        }
    }

    private static long made(ByteReader r) {
        long[] index = new long[1];
        TaggedFields.readRecord(r, (tag, value) -> {
            if (tag == MADE) {
                index[0] = value.int64();
            }
            return tag == MADE;
        });
        return index[0];
    }

    private static void limits(ByteWriter w, Map<String, Long> limits) {
        w.varint(limits.size());
        limits.forEach((name, most) -> w.string(name).int64(most));
    }

    private static Map<String, Long> limits(ByteReader r) {
        Map<String, Long> limits = new TreeMap<>();
        for (long n = r.varint(); n > 0; n--) {
            limits.put(r.string(), r.int64());
        }
        return limits;
    }
}
