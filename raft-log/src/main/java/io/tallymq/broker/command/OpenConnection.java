package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;

/** connection.open: from here on the connection can own exclusive queues and consumers. */
public record OpenConnection(ConnectionId connection, ConnectionInfo info) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.OPEN_CONNECTION;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Fields.info(Fields.id(w, batch, connection), info);
    }

    static OpenConnection read(ByteReader r, InBatch in) {
        return new OpenConnection(Fields.id(r, in.node()), Fields.info(r));
    }
}
