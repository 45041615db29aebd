package io.tallymq.broker.spec;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * What a user may do with one topic exchange beside what his {@link Permission} says: regular expressions, found anywhere in a routing key, in
 * which {username} and {vhost} stand for these names.
 *
 * @param write publish with a routing key
 * @param read bind a queue with one
 */
public record TopicPermission(String write, String read) {
    public void write(ByteWriter w) {
        w.string(write).string(read);
    }

    public static TopicPermission read(ByteReader r) {
        return new TopicPermission(r.string(), r.string());
    }
}
