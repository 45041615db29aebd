package io.tallymq.broker.change;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.UserSpec;

/** A user is made, or is to be another way. */
public record SetUser(String name, UserSpec spec) implements Change {
    @Override
    public ChangeKind kind() {
        return ChangeKind.SET_USER;
    }

    @Override
    public void write(ByteWriter w) {
        w.string(name);
        spec.write(w);
    }

    static SetUser read(ByteReader r) {
        return new SetUser(r.string(), UserSpec.read(r));
    }

    @Override
    public String subject() {
        return name + " " + String.join(",", spec.tags());
    }
}
