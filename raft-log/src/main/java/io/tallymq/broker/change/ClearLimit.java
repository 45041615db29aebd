package io.tallymq.broker.change;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** A virtual host or a user has no limit of that name any more. Null: none at all. */
public record ClearLimit(boolean ofUser, String owner, String name) implements Change {
    @Override
    public ChangeKind kind() {
        return ChangeKind.CLEAR_LIMIT;
    }

    @Override
    public void write(ByteWriter w) {
        w.bool(ofUser).string(owner).bool(name != null);
        if (name != null) {
            w.string(name);
        }
    }

    static ClearLimit read(ByteReader r) {
        return new ClearLimit(r.bool(), r.string(), r.bool() ? r.string() : null);
    }

    @Override
    public String subject() {
        return (ofUser ? "user " : "vhost ") + owner + (name == null ? "" : " " + name);
    }
}
