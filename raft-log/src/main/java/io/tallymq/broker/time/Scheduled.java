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
 */
public record Scheduled(Route route, String id, byte[] record) {
    byte[] encode() {
        ByteWriter w = new ByteWriter(record.length + 96);
        w.string(route.vhost()).string(route.exchange()).string(route.routingKey());
        return w.string(id).bytes(record).toBytes();
    }

    static Scheduled decode(byte[] value) {
        ByteReader r = new ByteReader(value);
        Route route = new Route(r.string(), r.string(), r.string());
        Scheduled s = new Scheduled(route, r.string(), r.bytes());
        TaggedFields.endRecord(r);
        return s;
    }
}
