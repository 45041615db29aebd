package io.tallymq.broker.command;

import io.tallymq.broker.message.ArgumentsCodec;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.QueueSpec;

/**
 * queue.declare. The name is never empty here: the front end makes server names before it submits.
 *
 * @param serverNamed whether it did: clients may not make up names that begin like the server's
 */
public record DeclareQueue(
        ConnectionId connection, String vhost, String name, QueueSpec spec, boolean passive, boolean serverNamed)
        implements Command {
    /** With a name that the client gave. */
    public DeclareQueue(ConnectionId connection, String vhost, String name, QueueSpec spec, boolean passive) {
        this(connection, vhost, name, spec, passive, false);
    }

    /** The same of another queue. */
    public DeclareQueue with(QueueSpec other) {
        return new DeclareQueue(connection, vhost, name, other, passive, serverNamed);
    }

    @Override
    public CommandKind kind() {
        return CommandKind.DECLARE_QUEUE;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Fields.id(w, batch, connection).string(vhost).string(name);
        w.uint8(Fields.bits(spec.durable(), spec.exclusive(), spec.autoDelete(), passive, serverNamed));
        ArgumentsCodec.write(w, spec.arguments());
    }

    static DeclareQueue read(ByteReader r, InBatch in) {
        ConnectionId id = Fields.id(r, in.node());
        String vhost = r.string();
        String name = r.string();
        int bits = r.uint8();
        QueueSpec spec =
                new QueueSpec(Fields.bit(bits, 0), Fields.bit(bits, 1), Fields.bit(bits, 2), ArgumentsCodec.read(r));
        return new DeclareQueue(id, vhost, name, spec, Fields.bit(bits, 3), Fields.bit(bits, 4));
    }
}
