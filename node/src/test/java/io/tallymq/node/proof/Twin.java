package io.tallymq.node.proof;

import io.tallymq.node.proof.history.Feature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A broker that differs from this one in one line, and must be convicted.
 */
enum Twin {
    /** As brokers do that know only each producer's last number: what was overtaken and never stored is confirmed. */
    LAST(
            "what is not above the last number came before",
            "receipts/SeqWindow",
            "return seq <= last && !isBelow(seq) && (bits[word(seq)] & bit(seq)) != 0;",
            "return seq <= last;",
            List.of(FaultKind.KILL_LEADER),
            Feature.RECEIPTS),
    /** What was published meanwhile is told as forgotten, though its time is not over. */
    SOON(
            "producers are forgotten in half of the time",
            "limits/ProducerLimits",
            ShortRetention.LINE,
            ShortRetention.of(Feature.RETENTION_MILLIS / 2),
            List.of(FaultKind.KILL_LEADER),
            Feature.RETENTION),
    /** What a node knows is gone when it starts with its store, or with a copy of another one's. */
    WINDOW(
            "which numbers are decided is left out of the snapshot",
            "receipts/Producer",
            "p.window.read(r);",
            "new SeqWindow().read(r);",
            List.of(FaultKind.RESTART_ALL),
            Feature.RECEIPTS);

    final String text;
    final List<FaultKind> faults;
    /** Whose load convicts it. */
    final Feature feature;

    private final AlteredSource altered;

    Twin(String text, String source, String line, String instead, List<FaultKind> faults, Feature feature) {
        this.text = text;
        this.feature = feature;
        this.altered = new AlteredSource(source, line, instead);
        this.faults = faults;
    }

    /** As {@link AlteredSource#agent}. */
    String agent(Path root, Path run) throws IOException {
        return altered.agent(root, run);
    }
}
