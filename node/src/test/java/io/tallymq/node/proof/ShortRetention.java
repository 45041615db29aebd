package io.tallymq.node.proof;

import io.tallymq.node.proof.history.Feature;
import java.io.IOException;
import java.nio.file.Path;

/** Nodes that forget producers after seconds, not days, for {@link Feature#RETENTION}: else they are the product. */
final class ShortRetention {
    private static final AlteredSource ALTERED = new AlteredSource(
            "Producers",
            "public static final long RETENTION = 7L * 24 * 3600 * 1000;",
            "public static final long RETENTION = " + Feature.RETENTION_MILLIS + ";");

    private ShortRetention() {}

    /** As {@link AlteredSource#agent}. */
    static String agent(Path root, Path run) throws IOException {
        return ALTERED.agent(root, run);
    }
}
