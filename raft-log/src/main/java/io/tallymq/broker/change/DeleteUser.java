package io.tallymq.broker.change;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** A user goes with all his permissions. */
public record DeleteUser(String name) implements Change {
    @Override
    public ChangeKind kind() {
        return ChangeKind.DELETE_USER;
    }

    @Override
    public void write(ByteWriter w) {
        w.string(name);
    }

    static DeleteUser read(ByteReader r) {
        return new DeleteUser(r.string());
    }

    @Override
    public String subject() {
        return name;
    }
}
