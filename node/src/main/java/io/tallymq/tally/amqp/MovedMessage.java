package io.tallymq.tally.amqp;

import java.util.Arrays;

/**
 * A message that was published and had no answer yet, without its body.
 *
 * @param tag its number where it came from
 */
record MovedMessage(long tag, int bytes, int hash) {
    static MovedMessage of(long tag, byte[] body) {
        return new MovedMessage(tag, body.length, Arrays.hashCode(body));
    }

    /** A message that comes back has no number: it is one of those with this body. */
    boolean has(byte[] body) {
        return body.length == bytes && Arrays.hashCode(body) == hash;
    }
}
