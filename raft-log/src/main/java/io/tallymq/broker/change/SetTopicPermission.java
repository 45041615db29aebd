package io.tallymq.broker.change;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.TopicPermission;

/** What a user may do with a topic exchange. */
public record SetTopicPermission(String vhost, String user, String exchange, TopicPermission permission)
        implements Change {
    @Override
    public ChangeKind kind() {
        return ChangeKind.SET_TOPIC_PERMISSION;
    }

    @Override
    public void write(ByteWriter w) {
        w.string(vhost).string(user).string(exchange);
        permission.write(w);
    }

    static SetTopicPermission read(ByteReader r) {
        return new SetTopicPermission(r.string(), r.string(), r.string(), TopicPermission.read(r));
    }

    @Override
    public String subject() {
        return vhost + " " + user + " " + exchange + " " + permission.write() + " " + permission.read();
    }
}
