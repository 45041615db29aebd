package io.tallymq.broker.change;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.PasswordHash;

/**
 * The administrator of a new cluster, who may do everything in its first virtual host. Later than that it does nothing.
 *
 * @param vhost another one that it begins with, and that he may do everything in; or the first one
 */
public record FirstUser(String name, PasswordHash password, String vhost) implements Change {
    @Override
    public ChangeKind kind() {
        return ChangeKind.FIRST_USER;
    }

    @Override
    public void write(ByteWriter w) {
        w.string(name);
        password.write(w);
        w.string(vhost);
    }

    static FirstUser read(ByteReader r) {
        return new FirstUser(r.string(), PasswordHash.read(r), r.string());
    }

    @Override
    public String subject() {
        return name;
    }
}
