package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * A scheduled message is not to be published.
 *
 * @param id of a message of the vhost; empty: {@code due} and {@code number} tell which
 * @param due its time, milliseconds since the epoch
 */
public record CallOff(String vhost, String id, long due, long number) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.CALL_OFF;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.string(vhost).string(id).varint(due).varint(number);
    }

    static CallOff read(ByteReader r, InBatch in) {
        return new CallOff(r.string(), r.string(), r.varint(), r.varint());
    }
}
