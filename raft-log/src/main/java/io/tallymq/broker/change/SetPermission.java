package io.tallymq.broker.change;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.Permission;

/** What a user may do in a virtual host. */
public record SetPermission(String vhost, String user, Permission permission) implements Change {
    @Override
    public ChangeKind kind() {
        return ChangeKind.SET_PERMISSION;
    }

    @Override
    public void write(ByteWriter w) {
        w.string(vhost).string(user);
        permission.write(w);
    }

    static SetPermission read(ByteReader r) {
        return new SetPermission(r.string(), r.string(), Permission.read(r));
    }

    @Override
    public String subject() {
        return vhost + " " + user + " " + permission.configure() + " " + permission.write() + " " + permission.read();
    }
}
