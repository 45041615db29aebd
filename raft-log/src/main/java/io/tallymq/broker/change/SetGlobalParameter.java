package io.tallymq.broker.change;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** Something that clients and tools keep with the cluster, as JSON. */
public record SetGlobalParameter(String name, String value) implements Change {
    @Override
    public ChangeKind kind() {
        return ChangeKind.SET_GLOBAL_PARAMETER;
    }

    @Override
    public void write(ByteWriter w) {
        w.string(name).string(value);
    }

    static SetGlobalParameter read(ByteReader r) {
        return new SetGlobalParameter(r.string(), r.string());
    }

    @Override
    public String subject() {
        return name;
    }
}
