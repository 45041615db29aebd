package io.tallymq.broker.change;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** How many of something a virtual host or a user may have. */
public record SetLimit(boolean ofUser, String owner, String name, long most) implements Change {
    @Override
    public ChangeKind kind() {
        return ChangeKind.SET_LIMIT;
    }

    @Override
    public void write(ByteWriter w) {
        w.bool(ofUser).string(owner).string(name).int64(most);
    }

    static SetLimit read(ByteReader r) {
        return new SetLimit(r.bool(), r.string(), r.string(), r.int64());
    }

    @Override
    public String subject() {
        return (ofUser ? "user " : "vhost ") + owner + " " + name + " " + most;
    }
}
