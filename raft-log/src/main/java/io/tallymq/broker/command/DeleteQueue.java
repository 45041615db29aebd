package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;

/** queue.delete; a missing queue is fine. */
public record DeleteQueue(ConnectionId connection, String vhost, String name, boolean ifUnused, boolean ifEmpty)
        implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.DELETE_QUEUE;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Fields.id(w, batch, connection).string(vhost).string(name).uint8(Fields.bits(ifUnused, ifEmpty));
    }

    static DeleteQueue read(ByteReader r, InBatch in) {
        ConnectionId id = Fields.id(r, in.node());
        String vhost = r.string();
        String name = r.string();
        int bits = r.uint8();
        return new DeleteQueue(id, vhost, name, Fields.bit(bits, 0), Fields.bit(bits, 1));
    }
}
