package io.tallymq.broker.time;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;

/**
 * What is asked of a scheduled message while it waits: it stands beside its time, so that nobody reads the message for it.
 *
 * @param id of its publisher's choice; empty for none
 * @param external the shared body that it refers to; 0: its body stands in it
 */
public record Heading(Route route, String id, long bodyLength, long external) {
    static Heading of(Scheduled s) {
        return new Heading(
                s.route(),
                s.id(),
                MessageRecord.bodyLength(s.record(), 0),
                MessageRecord.isExternal(s.record(), 0) ? MessageRecord.externalId(s.record(), 0) : 0);
    }

    byte[] encode() {
        ByteWriter w = new ByteWriter(96);
        w.string(route.vhost()).string(route.exchange()).string(route.routingKey());
        return w.string(id).varint(bodyLength).varint(external).toBytes();
    }

    static Heading decode(ByteReader r) {
        Route route = new Route(r.string(), r.string(), r.string());
        return new Heading(route, r.string(), r.varint(), r.varint());
    }
}
