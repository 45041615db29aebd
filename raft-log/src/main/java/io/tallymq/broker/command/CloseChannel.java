package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;
import java.util.List;

/** The channel is gone: its consumers go, its unacked messages return. */
public record CloseChannel(ConnectionId connection, int channel, List<Sent> sent) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.CLOSE_CHANNEL;
    }

    @Override
    public int units() {
        return Sent.units(sent);
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Sent.write(Fields.id(w, batch, connection).varint(channel), sent);
    }

    static CloseChannel read(ByteReader r, InBatch in) {
        return new CloseChannel(Fields.id(r, in.node()), (int) r.varint(), Sent.readAll(r));
    }
}
