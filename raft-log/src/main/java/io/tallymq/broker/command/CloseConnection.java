package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;
import java.util.List;

/** The connection is gone, whatever the cause: exclusive queues go, unacked messages return. */
public record CloseConnection(ConnectionId connection, List<Sent> sent) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.CLOSE_CONNECTION;
    }

    @Override
    public int units() {
        return Sent.units(sent);
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Sent.write(Fields.id(w, batch, connection), sent);
    }

    static CloseConnection read(ByteReader r, InBatch in) {
        return new CloseConnection(Fields.id(r, in.node()), Sent.readAll(r));
    }
}
