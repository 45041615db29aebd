package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** A publish to an exchange that remembers ids may not come any more, if it has not come yet. Below level 5 it is not written. */
public record VoidId(String vhost, String exchange, String id) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.VOID_ID;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.string(vhost).string(exchange).string(id);
    }

    static VoidId read(ByteReader r, InBatch in) {
        return new VoidId(r.string(), r.string(), r.string());
    }
}
