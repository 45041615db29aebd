package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** A policy or an operator policy goes. */
public record ClearPolicy(String vhost, String name, boolean operator) implements Command {
    /** All policies are arranged anew: 0.1 ms. Who went by it is looked for by later entries. */
    private static final int UNITS = 16;

    @Override
    public int units() {
        return UNITS;
    }

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
