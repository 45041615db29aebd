package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** A node started. Closes whatever an older epoch of the same node held. */
public record NodeUp(String node, long epoch) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.NODE_UP;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Fields.name(w, batch, node).varint(epoch);
    }

    static NodeUp read(ByteReader r, InBatch in) {
        return new NodeUp(Fields.name(r, in.node()), r.varint());
    }
}
