package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;

/** basic.recover with requeue: all the channel holds goes back. */
public record Recover(ConnectionId connection, int channel) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.RECOVER;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Fields.id(w, batch, connection).varint(channel);
    }

    static Recover read(ByteReader r, InBatch in) {
        return new Recover(Fields.id(r, in.node()), (int) r.varint());
    }
}
