package io.tallymq.broker.spec;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * What a user may do in a virtual host: three regular expressions (RE2), found anywhere in the name of an exchange or a queue. An empty one
 * is found in no name.
 *
 * @param configure declare and delete
 * @param write publish, bind to
 * @param read consume, get, purge, bind from
 */
public record Permission(String configure, String write, String read) {
    public void write(ByteWriter w) {
        w.string(configure).string(write).string(read);
    }

    public static Permission read(ByteReader r) {
        return new Permission(r.string(), r.string(), r.string());
    }
}
