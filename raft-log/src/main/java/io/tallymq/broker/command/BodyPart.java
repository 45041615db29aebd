package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;

/**
 * One part of a body that is too large for one entry. Parts come in order; the message that ends the upload refers to it
 * by number, which is unique within one start of a node. An upload that its connection never ends goes with it.
 */
public record BodyPart(ConnectionId connection, long upload, byte[] bytes, int offset, int length) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.BODY_PART;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Fields.id(w, batch, connection).varint(upload).int32(length);
        w.raw(bytes, offset, length);
    }

    static BodyPart read(ByteReader r, InBatch in) {
        ConnectionId id = Fields.id(r, in.node());
        long upload = r.varint();
        int length = r.int32();
        return new BodyPart(id, upload, r.array(), r.skip(length), length);
    }
}
