package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Route;

/**
 * An operator's message is published when its time has come; one that waits under the same id goes. Below level 3 it is not written.
 *
 * @param id unique within the vhost
 * @param due its time, milliseconds since the epoch
 * @param record as it will stand in a queue, see {@link io.tallymq.broker.message.MessageRecord}; the body stands in it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ScheduleMessage(Route route, String id, long due, byte[] record) implements Command {
    /** The level from which on it may be in the log. */
    public static final int LEVEL = 3;

    @Override
    public CommandKind kind() {
        return CommandKind.SCHEDULE_MESSAGE;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.string(route.vhost()).string(route.exchange()).string(route.routingKey());
        w.string(id).varint(due).bytes(record);
    }

    static ScheduleMessage read(ByteReader r, InBatch in) {
        Route route = new Route(r.string(), r.string(), r.string());
        return new ScheduleMessage(route, r.string(), r.varint(), r.bytes());
    }
}
