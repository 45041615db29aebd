package io.tallymq.login;

import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.view.User;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** With which password users logged in last, by keyed digests that end with this process. Any thread. */
final class KnownPasswords {
    /** Users whose last password is known. */
    private static final int MOST = 10_000;

    private static final int KEY = 32;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Known(PasswordHash hash, byte[] digest) {}

    private final byte[] key = new byte[KEY];
    private final Map<String, Known> known = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
            return size() > MOST;
        }
    };

    KnownPasswords(SecureRandom random) {
        random.nextBytes(key);
    }

    byte[] digest(byte[] password) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(password);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HMAC-SHA-256", e);
        }
    }

    /** Whether the user, as he is now, has logged in with the password of this digest. */
    boolean isKnown(User u, byte[] digest) {
        Known k;
        synchronized (known) {
            k = known.get(u.name());
        }
        return k != null && k.hash.equals(u.spec().password()) && MessageDigest.isEqual(k.digest, digest);
    }

    /** @param hash what was kept of the password then */
    void learn(String user, PasswordHash hash, byte[] digest) {
        synchronized (known) {
            known.put(user, new Known(hash, digest));
        }
    }
}
