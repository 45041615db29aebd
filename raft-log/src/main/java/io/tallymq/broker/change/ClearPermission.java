package io.tallymq.broker.change;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** A user may do nothing in a virtual host any more. */
public record ClearPermission(String vhost, String user) implements Change {
    @Override
    public ChangeKind kind() {
        return ChangeKind.CLEAR_PERMISSION;
    }

    @Override
    public void write(ByteWriter w) {
        w.string(vhost).string(user);
    }

    static ClearPermission read(ByteReader r) {
        return new ClearPermission(r.string(), r.string());
    }

    @Override
    public String subject() {
        return vhost + " " + user;
    }
}
