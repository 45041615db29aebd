package io.tallymq.broker.change;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** A virtual host goes with all that is in it. */
public record DeleteVhost(String name) implements Change {
    @Override
    public ChangeKind kind() {
        return ChangeKind.DELETE_VHOST;
    }

    @Override
    public void write(ByteWriter w) {
        w.string(name);
    }

    static DeleteVhost read(ByteReader r) {
        return new DeleteVhost(r.string());
    }

    @Override
    public String subject() {
        return name;
    }
}
