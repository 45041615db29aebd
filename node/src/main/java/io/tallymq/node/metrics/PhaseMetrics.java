package io.tallymq.node.metrics;

import io.tallymq.admin.request.NodeStats.ConfirmPhase;
import io.tallymq.raft.anatomy.ConfirmPhases;
import io.tallymq.raft.anatomy.Phase;
import io.tallymq.raft.anatomy.Times;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The anatomy of confirms, for Prometheus and for the HTTP API. */
public final class PhaseMetrics {
    private static final String NAME = "tallymq_confirm_phase_seconds";
    /** Nothing of interest is quicker than 65 microseconds. */
    private static final long LEAST_NANOS = 1 << 16;

    private static final double MILLIS = 1e6;

    private PhaseMetrics() {}

    /** The name of a phase. */
    static String name(Phase phase) {
        return phase.name().toLowerCase(Locale.ROOT);
    }

    public static void write(MetricText out, ConfirmPhases phases) {
        out.histogram(
                NAME,
                "What the time of confirms is made of, counted once for a batch or an entry: see docs/metrics.md");
        for (Phase phase : Phase.values()) {
            out.times(NAME, phases.of(phase).total(), LEAST_NANOS, "phase", name(phase));
        }
    }

    /** Lately. */
    public static List<ConfirmPhase> recent(ConfirmPhases phases) {
        List<ConfirmPhase> all = new ArrayList<>();
        for (Phase phase : Phase.values()) {
            Times.Recent r = phases.of(phase).recent();
            all.add(new ConfirmPhase(
                    name(phase),
                    phase.about(),
                    r.count(),
                    r.mean() / MILLIS,
                    r.p50() / MILLIS,
                    r.p90() / MILLIS,
                    r.p99() / MILLIS,
                    r.max() / MILLIS));
        }
        return all;
    }
}
