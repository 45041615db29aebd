package io.tallymq.broker.change;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.VhostChange;

/**
 * Something of a virtual host is to be another way, whatever else stands there when it is carried out: two who change different things of one at the
 * same time both have what they asked for.
 *
 * @param makes whether one that is not there is made
 */
public record AlterVhost(String name, boolean makes, VhostChange to) implements Change {
    /** The level of the state from which on it may be in the log. */
    public static final int LEVEL = 5;

    @Override
    public ChangeKind kind() {
        return ChangeKind.ALTER_VHOST;
    }

    @Override
    public void write(ByteWriter w) {
        w.string(name).bool(makes);
        to.write(w);
    }

    static AlterVhost read(ByteReader r) {
        return new AlterVhost(r.string(), r.bool(), VhostChange.read(r));
    }

    @Override
    public String subject() {
        return name;
    }
}
