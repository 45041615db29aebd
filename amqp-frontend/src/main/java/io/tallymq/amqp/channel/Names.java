package io.tallymq.amqp.channel;

import java.security.SecureRandom;
import java.util.Base64;

/** Names that the server makes and names that clients send. */
public final class Names {
    /** How names of queues begin that the server makes. */
    public static final String SERVER_QUEUE_PREFIX = "amq.gen-";
    /** How consumer tags begin that the server makes. */
    public static final String SERVER_TAG_PREFIX = "amq.ctag-";

    private static final int RANDOM_BYTES = 16;
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private Names() {}

    /** Random enough that no two nodes ever make the same name, and that nobody can guess one. */
    public static String random(SecureRandom random, String prefix) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return prefix + ENCODER.encodeToString(bytes);
    }

    /** A queue or exchange name without carriage returns and line feeds, which peers strip as well. */
    public static String clean(String name) {
        if (name.indexOf('\r') < 0 && name.indexOf('\n') < 0) {
            return name;
        }
        return name.replace("\r", "").replace("\n", "");
    }
}
