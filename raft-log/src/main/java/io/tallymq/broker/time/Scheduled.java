package io.tallymq.broker.time;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.TaggedFields;

/**
 * A message that is published when its time has come.
 *
 * @param id of its publisher's choice, unique within the vhost; empty for none
 * @param record as it will stand in a queue
 * @param seen what its exchange has remembered when it came; null for nothing
 */
public record Scheduled(Route route, String id, byte[] record, Seen seen) {
    /** Tag of what its exchange remembers. */
    private static final int SEEN = 1;

    /**
     * A key in the cache of an exchange.
     *
     * @param place that the key has there, unless it was remembered again since
     */
    public record Seen(long exchange, long place, String key) {}

    /** No exchange remembers it. */
    public Scheduled(Route route, String id, byte[] record) {
        this(route, id, record, null);
    }

    byte[] encode() {
        ByteWriter w = new ByteWriter(record.length + 96);
        w.string(route.vhost()).string(route.exchange()).string(route.routingKey());
        w.string(id).bytes(record);
        if (seen != null) {
            ByteWriter its = new ByteWriter(32 + seen.key.length());
            its.varint(seen.exchange).varint(seen.place).string(seen.key);
            TaggedFields.write(w, SEEN, its.toBytes());
        }
        return w.toBytes();
    }

    static Scheduled decode(byte[] value) {
        ByteReader r = new ByteReader(value);
        Route route = new Route(r.string(), r.string(), r.string());
        String id = r.string();
        byte[] record = r.bytes();
        Seen[] seen = {null};
        TaggedFields.readRecord(r, (tag, field) -> {
            seen[0] = tag == SEEN ? new Seen(field.varint(), field.varint(), field.string()) : seen[0];
            return tag == SEEN;
        });
        return new Scheduled(route, id, record, seen[0]);
    }
}
