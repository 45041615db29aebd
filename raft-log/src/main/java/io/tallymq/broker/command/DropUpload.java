package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;

/** An upload that no message will end, such as one of a publish that the front end refused. */
public record DropUpload(ConnectionId connection, long upload) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.DROP_UPLOAD;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Fields.id(w, batch, connection).varint(upload);
    }

    static DropUpload read(ByteReader r, InBatch in) {
        return new DropUpload(Fields.id(r, in.node()), r.varint());
    }
}
