package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** The leader's word that a node was silent for longer than the grace time, or has ended. Void when the node has a newer epoch. */
public record NodeLost(String node, long epoch, long term) implements Decision {
    @Override
    public CommandKind kind() {
        return CommandKind.NODE_LOST;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Fields.name(w, batch, node).varint(epoch).varint(term);
    }

    static NodeLost read(ByteReader r, InBatch in) {
        return new NodeLost(Fields.name(r, in.node()), r.varint(), r.varint());
    }
}
