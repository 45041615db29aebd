package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** A policy or an operator policy goes. */
public record ClearPolicy(String vhost, String name, boolean operator) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.CLEAR_POLICY;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.string(vhost).string(name).bool(operator);
    }

    static ClearPolicy read(ByteReader r, InBatch in) {
        return new ClearPolicy(r.string(), r.string(), r.bool());
    }
}
