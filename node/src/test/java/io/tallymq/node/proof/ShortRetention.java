package io.tallymq.node.proof;

import io.tallymq.node.proof.history.Feature;
import java.io.IOException;
import java.nio.file.Path;

/** Nodes that forget producers after seconds, not days, for {@link Feature#RETENTION}: else they are the product. */
final class ShortRetention {
    /** Of the product's source. */
    static final String LINE = "public static final long RETENTION = 7L * 24 * 3600 * 1000;";

    private ShortRetention() {}

    /** As {@link AlteredSource#agent}. */
    static String agent(Path root, Path run) throws IOException {
        return new AlteredSource("limits/ProducerLimits", LINE, of(Feature.RETENTION_MILLIS)).agent(root, run);
    }

    /** In place of {@link #LINE}. */
    static String of(long millis) {
        return "public static final long RETENTION = " + millis + ";";
    }
}
