package io.tallymq.broker.change;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** It is not kept any more. */
public record ClearGlobalParameter(String name) implements Change {
    @Override
    public ChangeKind kind() {
        return ChangeKind.CLEAR_GLOBAL_PARAMETER;
    }

    @Override
    public void write(ByteWriter w) {
        w.string(name);
    }

    static ClearGlobalParameter read(ByteReader r) {
        return new ClearGlobalParameter(r.string());
    }

    @Override
    public String subject() {
        return name;
    }
}
