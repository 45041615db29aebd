package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * A publish to an exchange that remembers ids may not come any more, if it has not come yet. Below level 5 it is not written.
 *
 * @param by the user who asked for it, for the list of what was changed; empty: it is not noted
 * @param from the address he came from
 */
public record VoidId(String vhost, String exchange, String id, String by, String from) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.VOID_ID;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.string(vhost).string(exchange).string(id).string(by).string(from);
    }

    static VoidId read(ByteReader r, InBatch in) {
        return new VoidId(r.string(), r.string(), r.string(), r.string(), r.string());
    }
}
