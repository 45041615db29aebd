package io.tallymq.admin.access;

import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.login.Passwords;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;

/**
 * A user as RabbitMQ's tools put one: password, or password_hash and hashing_algorithm, and tags. Who is put without either, or with an empty
 * one, can't log in with a password, also if he could before.
 */
public record UserBody(RequestFields fields) {
    private static final SecureRandom RANDOM = new SecureRandom();
    /** Their values have different lengths, so a hash without its algorithm's name is of one of them only. */
    private static final List<String> ALGORITHMS =
            List.of(Passwords.RABBIT_SHA256, Passwords.RABBIT_SHA512, Passwords.PBKDF2);

    /** Takes about 40 ms if there is a password. */
    public UserSpec spec() {
        if (!fields.has("tags")) {
            throw RefusedException.badRequest("Key not present: tags");
        }
        List<String> tags = fields.strings("tags");
        return new UserSpec(password(), tags);
    }

    private PasswordHash password() {
        String password = fields.text("password", "");
        String hash = fields.text("password_hash", "");
        if (fields.has("password") && fields.has("password_hash")) {
            throw RefusedException.badRequest("password and password_hash: one of them at most is expected");
        }
        if (!password.isEmpty()) {
            return hashed(password);
        }
        return hash.isEmpty() ? PasswordHash.NONE : given(hash);
    }

    public static PasswordHash hashed(String password) {
        return Passwords.hash(password.getBytes(StandardCharsets.UTF_8), RANDOM);
    }

    private PasswordHash given(String value) {
        List<String> algorithms =
                fields.has("hashing_algorithm") ? List.of(fields.text("hashing_algorithm")) : ALGORITHMS;
        return algorithms.stream()
                .map(a -> new PasswordHash(a, value))
                .filter(Passwords::isUsable)
                .findFirst()
                .orElseThrow(() -> RefusedException.badRequest(
                        "password_hash: base64 of a salt and a hash is expected, by one of the hashing_algorithms "
                                + String.join(", ", ALGORITHMS)));
    }
}
