package io.tallymq.amqp.session;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Users from the configuration. Keeps a keyed digest of each password, made with a key of this process, so that a dump of
 * the memory shows no password and comparing takes the same time for all of them. Immutable, thread-safe.
 */
public final class ConfiguredUsers implements Authenticator {
    /** The user that exists unless configured otherwise, and its password; admitted from loopback only. */
    public static final String DEFAULT_USER = "guest";

    public static final String DEFAULT_PASSWORD = "guest";

    private static final int KEY_BYTES = 32;

    private final byte[] key = new byte[KEY_BYTES];
    private final Map<String, byte[]> digests = new HashMap<>();
    private final Set<String> loopbackOnly;
    /** Compared with when there is no such user, so that this costs what a wrong password costs. */
    private final byte[] nobody;

    /**
     * Users by name.
     *
     * @param loopbackOnly users that are admitted from this machine only
     */
    public ConfiguredUsers(Map<String, String> passwords, Set<String> loopbackOnly) {
        SecureRandom random = new SecureRandom();
        random.nextBytes(key);
        nobody = new byte[KEY_BYTES];
        random.nextBytes(nobody);
        passwords.forEach((user, password) -> digests.put(user, digest(password.getBytes(StandardCharsets.UTF_8))));
        this.loopbackOnly = Set.copyOf(loopbackOnly);
    }

    /** guest/guest, from this machine only. */
    public static ConfiguredUsers defaults() {
        return new ConfiguredUsers(Map.of(DEFAULT_USER, DEFAULT_PASSWORD), Set.of(DEFAULT_USER));
    }

    @Override
    public boolean accepts(String user, byte[] password, InetAddress peer) {
        byte[] expected = digests.get(user);
        boolean equal = MessageDigest.isEqual(digest(password), expected != null ? expected : nobody);
        boolean near = !loopbackOnly.contains(user) || peer.isLoopbackAddress();
        return equal && expected != null && near;
    }

    private byte[] digest(byte[] password) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(key);
            return sha.digest(password);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
