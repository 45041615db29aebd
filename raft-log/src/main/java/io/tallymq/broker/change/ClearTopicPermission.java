package io.tallymq.broker.change;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** With a topic exchange a user may do what his other permissions say. Null: with all of the virtual host. */
public record ClearTopicPermission(String vhost, String user, String exchange) implements Change {
    @Override
    public ChangeKind kind() {
        return ChangeKind.CLEAR_TOPIC_PERMISSION;
    }

    @Override
    public void write(ByteWriter w) {
        w.string(vhost).string(user).bool(exchange != null);
        if (exchange != null) {
            w.string(exchange);
        }
    }

    static ClearTopicPermission read(ByteReader r) {
        return new ClearTopicPermission(r.string(), r.string(), r.bool() ? r.string() : null);
    }

    @Override
    public String subject() {
        return vhost + " " + user + (exchange == null ? "" : " " + exchange);
    }
}
