package io.tallymq.node.metrics;

import io.tallymq.admin.request.NodeStats.ConfirmPhase;
import io.tallymq.admin.request.NodeStats.PhaseBucket;
import io.tallymq.admin.request.NodeStats.ToldPhases;
import io.tallymq.raft.anatomy.ClusterAnatomy;
import io.tallymq.raft.anatomy.ConfirmPhases;
import io.tallymq.raft.anatomy.Phase;
import io.tallymq.raft.anatomy.Times;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

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

    /** Lately, of this node. */
    public static List<ConfirmPhase> recent(ConfirmPhases phases) {
        List<ConfirmPhase> all = new ArrayList<>();
        for (Phase phase : Phase.values()) {
            all.add(row(phase, phases.of(phase).recent()));
        }
        return all;
    }

    /** What another node told; null for nothing. */
    public static ToldPhases told(ClusterAnatomy.Told told) {
        if (told == null) {
            return null;
        }
        List<ConfirmPhase> all = new ArrayList<>();
        told.phases().forEach((phase, recent) -> all.add(row(phase, recent)));
        return new ToldPhases(all, TimeUnit.NANOSECONDS.toMillis(told.age()));
    }

    private static ConfirmPhase row(Phase phase, Times.Recent r) {
        return new ConfirmPhase(
                name(phase),
                phase.about(),
                r.count(),
                r.mean() / MILLIS,
                r.p50() / MILLIS,
                r.p90() / MILLIS,
                r.p99() / MILLIS,
                r.max() / MILLIS,
                r.buckets().stream()
                        .map(b -> new PhaseBucket(b.below() / MILLIS, b.count()))
                        .toList());
    }
}
