package io.tallymq.login;

import io.tallymq.broker.spec.PasswordHash;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How passwords are kept: PBKDF2 with HMAC-SHA-256 (RFC 8018) and a salt of each user's own. RabbitMQ's hashes, one round of SHA-256 or SHA-512
 * over four bytes of salt and the password, are understood, and replaced by ours at the next login. Its MD5 is not.
 */
public final class Passwords {
    /** Ours: base64 of the number of rounds (4 bytes), 16 bytes of salt, 32 bytes of key. */
    public static final String PBKDF2 = "tallymq_pbkdf2_sha256";

    public static final String RABBIT_SHA256 = "rabbit_password_hashing_sha256";
    public static final String RABBIT_SHA512 = "rabbit_password_hashing_sha512";

    /** About 40 ms on one processor of 2024. A hash has its own number. */
    static final int ROUNDS = 100_000;
    /** A hash of more is not computed: it would keep a login waiting for longer than a second. */
    private static final int MOST_ROUNDS = 3_000_000;

    private static final int SALT = 16;
    private static final int KEY = 32;
    private static final int RABBIT_SALT = 4;

    private Passwords() {}

    /** Takes about 40 ms. */
    public static PasswordHash hash(byte[] password, SecureRandom random) {
        return hash(password, random, ROUNDS);
    }

    static PasswordHash hash(byte[] password, SecureRandom random, int rounds) {
        byte[] salt = new byte[SALT];
        random.nextBytes(salt);
        return kept(rounds, salt, pbkdf2(password, salt, rounds));
    }

    /** One that no password has: to compare with it is as much work as with one of {@link #hash}, and to make it is none. */
    static PasswordHash nobodys(SecureRandom random) {
        byte[] salt = new byte[SALT];
        byte[] key = new byte[KEY];
        random.nextBytes(salt);
        random.nextBytes(key);
        return kept(ROUNDS, salt, key);
    }

    private static PasswordHash kept(int rounds, byte[] salt, byte[] key) {
        ByteBuffer all = ByteBuffer.allocate(Integer.BYTES + SALT + KEY);
        all.putInt(rounds).put(salt).put(key);
        return new PasswordHash(PBKDF2, Base64.getEncoder().encodeToString(all.array()));
    }

    /** Whether a hash of this form can be checked at all: what is imported is looked at before it is kept. */
    public static boolean isUsable(PasswordHash hash) {
        byte[] value = decode(hash.value());
        return switch (hash.algorithm()) {
            case PBKDF2 -> value != null && value.length == Integer.BYTES + SALT + KEY && rounds(value) > 0;
            case RABBIT_SHA256 -> value != null && value.length == RABBIT_SALT + 32;
            case RABBIT_SHA512 -> value != null && value.length == RABBIT_SALT + 64;
            default -> false;
        };
    }

    private static int rounds(byte[] value) {
        int rounds = ByteBuffer.wrap(value).getInt();
        return rounds <= MOST_ROUNDS ? rounds : 0;
    }

    private static byte[] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Compares in a time that tells nothing of the hash. */
    static boolean matches(PasswordHash hash, byte[] password) {
        if (!isUsable(hash)) {
            return false;
        }
        byte[] value = decode(hash.value());
        return switch (hash.algorithm()) {
            case PBKDF2 -> {
                byte[] salt = Arrays.copyOfRange(value, Integer.BYTES, Integer.BYTES + SALT);
                byte[] key = Arrays.copyOfRange(value, Integer.BYTES + SALT, value.length);
                yield MessageDigest.isEqual(key, pbkdf2(password, salt, rounds(value)));
            }
            case RABBIT_SHA256 -> rabbit("SHA-256", value, password);
            default -> rabbit("SHA-512", value, password);
        };
    }

    private static boolean rabbit(String digest, byte[] value, byte[] password) {
        try {
            MessageDigest d = MessageDigest.getInstance(digest);
            d.update(value, 0, RABBIT_SALT);
            return MessageDigest.isEqual(Arrays.copyOfRange(value, RABBIT_SALT, value.length), d.digest(password));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + digest, e);
        }
    }

    /** One block of the key is as long as the digest, so one is all. Not of javax.crypto's: that takes characters for the password. */
    private static byte[] pbkdf2(byte[] password, byte[] salt, int rounds) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(password.length == 0 ? new byte[1] : password, "HmacSHA256"));
            mac.update(salt);
            byte[] u = mac.doFinal(new byte[] {0, 0, 0, 1});
            byte[] key = u.clone();
            for (int i = 1; i < rounds; i++) {
                mac.update(u);
                mac.doFinal(u, 0);
                for (int b = 0; b < key.length; b++) {
                    key[b] ^= u[b];
                }
            }
            return key;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HMAC-SHA-256", e);
        }
    }
}
