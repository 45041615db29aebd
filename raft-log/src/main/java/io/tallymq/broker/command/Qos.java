package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;

/**
 * basic.qos with global: most messages that the consumers of the channel with acks hold together.
 *
 * @param limit 0 for none
 */
public record Qos(ConnectionId connection, int channel, int limit) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.QOS;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Fields.id(w, batch, connection).varint(channel).int32(limit);
    }

    static Qos read(ByteReader r, InBatch in) {
        return new Qos(Fields.id(r, in.node()), (int) r.varint(), r.int32());
    }
}
