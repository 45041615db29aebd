package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ConnectionId;

/** queue.bind, and queue.unbind when {@code add} is false. */
public record BindQueue(ConnectionId connection, String vhost, BindingKey binding, boolean add) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.BIND_QUEUE;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Fields.id(w, batch, connection).string(vhost);
        Fields.binding(w, binding).uint8(Fields.bits(add));
    }

    static BindQueue read(ByteReader r, InBatch in) {
        return new BindQueue(Fields.id(r, in.node()), r.string(), Fields.binding(r), Fields.bit(r.uint8(), 0));
    }
}
