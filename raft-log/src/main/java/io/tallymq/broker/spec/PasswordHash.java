package io.tallymq.broker.spec;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * What is kept of a password.
 *
 * @param algorithm how it was made, by RabbitMQ's name or by ours; empty for a user who can't log in with a password
 * @param value base64 of the salt and the rest, as the algorithm has it
 */
public record PasswordHash(String algorithm, String value) {
    /** Of a user who can't log in with a password. */
    public static final PasswordHash NONE = new PasswordHash("", "");

    public void write(ByteWriter w) {
        w.string(algorithm).string(value);
    }

    public static PasswordHash read(ByteReader r) {
        return new PasswordHash(r.string(), r.string());
    }

    /** Without the value: it is nobody's business. */
    @Override
    public String toString() {
        return "PasswordHash[" + algorithm + "]";
    }
}
