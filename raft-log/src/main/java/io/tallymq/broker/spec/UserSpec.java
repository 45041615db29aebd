package io.tallymq.broker.spec;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import java.util.List;

/**
 * A user as an administrator wants him.
 *
 * @param tags what he may do over HTTP: management, policymaker, monitoring, administrator; impersonator may publish in others' names
 */
public record UserSpec(PasswordHash password, List<String> tags) {
    public UserSpec {
        tags = List.copyOf(tags);
    }

    public void write(ByteWriter w) {
        password.write(w);
        Strings.write(w, tags);
    }

    public static UserSpec read(ByteReader r) {
        return new UserSpec(PasswordHash.read(r), Strings.read(r));
    }
}
