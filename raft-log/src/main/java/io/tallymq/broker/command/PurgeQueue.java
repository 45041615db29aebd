package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;

/** queue.purge: the ready messages go. */
public record PurgeQueue(ConnectionId connection, String vhost, String name) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.PURGE_QUEUE;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Fields.id(w, batch, connection).string(vhost).string(name);
    }

    static PurgeQueue read(ByteReader r, InBatch in) {
        return new PurgeQueue(Fields.id(r, in.node()), r.string(), r.string());
    }
}
