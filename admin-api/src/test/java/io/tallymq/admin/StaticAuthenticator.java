package io.tallymq.admin;

import io.tallymq.admin.http.AdminAuthenticator;
import io.tallymq.admin.request.Caller;
import io.tallymq.login.LoginUser;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** A fixed list of users. Keeps salted SHA-256 hashes only. */
final class StaticAuthenticator implements AdminAuthenticator {
    private static final int SALT_BYTES = 16;

    /**
     * A user and how to log in.
     *
     * @param loopbackOnly whether the user may log in from the same machine only, as RabbitMQ's guest; see {@link Caller#isHere}
     */
    public record Login(LoginUser user, String password, boolean loopbackOnly) {
        @Override
        public String toString() {
            return "Login[" + user.name() + "]";
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    private record Stored(LoginUser user, byte[] hash, boolean loopbackOnly) {}

    private final byte[] salt = new byte[SALT_BYTES];
    private final Map<String, Stored> users = new TreeMap<>();
    /** What an unknown user's password is compared with, so that the answer takes as long. */
    private final Stored nobody;

    public StaticAuthenticator(Collection<Login> logins) {
        var random = new SecureRandom();
        random.nextBytes(salt);
        byte[] noHash = new byte[32];
        random.nextBytes(noHash);
        nobody = new Stored(null, noHash, false);
        for (Login login : logins) {
            users.put(login.user().name(), new Stored(login.user(), hash(login.password()), login.loopbackOnly()));
        }
    }

    @Override
    public CompletableFuture<Optional<LoginUser>> authenticate(String user, String password, Caller caller) {
        Stored stored = users.getOrDefault(user, nobody);
        boolean right = MessageDigest.isEqual(stored.hash, hash(password));
        boolean here = !stored.loopbackOnly || caller.isHere();
        return CompletableFuture.completedFuture(right && here ? Optional.ofNullable(stored.user) : Optional.empty());
    }

    private byte[] hash(String password) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(salt);
            return digest.digest(password.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
