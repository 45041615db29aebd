package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;

/**
 * basic.get.
 *
 * @param noAck the channel settles the message when it is written, whatever became of the channel
 */
public record Get(ConnectionId connection, int channel, String vhost, String queue, boolean noAck) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.GET;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Fields.id(w, batch, connection).varint(channel).string(vhost).string(queue);
        w.uint8(Fields.bits(noAck));
    }

    static Get read(ByteReader r, InBatch in) {
        return new Get(Fields.id(r, in.node()), (int) r.varint(), r.string(), r.string(), Fields.bit(r.uint8(), 0));
    }
}
