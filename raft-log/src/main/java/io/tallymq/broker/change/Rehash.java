package io.tallymq.broker.change;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.PasswordHash;

/** The same password is kept another way, if the user still has it. */
public record Rehash(String name, PasswordHash from, PasswordHash to) implements Change {
    @Override
    public ChangeKind kind() {
        return ChangeKind.REHASH;
    }

    @Override
    public void write(ByteWriter w) {
        w.string(name);
        from.write(w);
        to.write(w);
    }

    static Rehash read(ByteReader r) {
        return new Rehash(r.string(), PasswordHash.read(r), PasswordHash.read(r));
    }

    @Override
    public String subject() {
        return name;
    }
}
