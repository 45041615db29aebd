package io.tallymq.broker.change;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.VhostSpec;

/** A virtual host is made, or is to be another way. */
public record SetVhost(String name, VhostSpec spec) implements Change {
    @Override
    public ChangeKind kind() {
        return ChangeKind.SET_VHOST;
    }

    @Override
    public void write(ByteWriter w) {
        w.string(name);
        spec.write(w);
    }

    static SetVhost read(ByteReader r) {
        return new SetVhost(r.string(), VhostSpec.read(r));
    }

    @Override
    public String subject() {
        return name;
    }
}
