package io.tallymq.raft.session;

import io.tallymq.raft.cluster.ClusterView;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Nothing is handed to consumers while this node's lease has run out: the cluster may have gone on without it and given the same
 * messages to consumers of other nodes. What is withheld goes out when the lease holds again, or goes back when the cluster has
 * declared the node lost. What was handed out before that and has not arrived must not arrive after that either: sessions are told
 * when it gets late.
 *
 * <p>Where the lease had run out, a session may deliver again only when it has heard all that was applied until the lease held again: a consumer's time may be
 * over meanwhile, and its messages others', while the session still waits to hear first that it was given them.
 */
public final class Withholding {
    private final ClusterView cluster;
    private final Outbox outbox;
    private final RuntimeMetrics metrics;
    private final long lateNanos;
    private final LongSupplier nanoTime;
    /** Some session waits; set after its own mark, cleared before that. */
    private volatile boolean any;

    // The clock's thread.
    private long gaps;
    private boolean without;
    private long withoutSince;
    private boolean late;

    /** @param lateNanos without a lease for so long, other nodes may soon have what this one handed out */
    public Withholding(
            ClusterView cluster, Outbox outbox, RuntimeMetrics metrics, long lateNanos, LongSupplier nanoTime) {
        this.cluster = cluster;
        this.outbox = outbox;
        this.metrics = metrics;
        this.lateNanos = lateNanos;
        this.nanoTime = nanoTime;
    }

    /** Whether the session may deliver now; if not, it hears when it may again. The session's loop. */
    public boolean mayDeliver(ClientSession session) {
        if (cluster.holdsLease() && session.leaseGaps == cluster.leaseGaps()) {
            return true;
        }
        if (!session.withheld) {
            session.withheld = true;
            metrics.withholdings.increment();
        }
        any = true;
        return false;
    }

    /** The session is new: nothing was taken away from it. Before it is used. */
    public void joined(ClientSession session) {
        session.leaseGaps = cluster.leaseGaps();
    }

    /** The clock's thread. */
    public void tick() {
        if (cluster.holdsLease()) {
            without = false;
            long now = cluster.leaseGaps();
            boolean again = now != gaps;
            if (any || again) {
                gaps = now;
                any = false;
                outbox.sessions().stream().filter(s -> again || s.withheld).forEach(s -> goOn(s, now));
            }
            return;
        }
        long now = nanoTime.getAsLong();
        if (!without) {
            without = true;
            late = false;
            withoutSince = now;
        } else if (!late && now - withoutSince >= lateNanos) {
            late = true;
            outbox.sessions().forEach(s -> s.post(List.of(new SessionEvent.LeftBehind())));
        }
    }

    private static void goOn(ClientSession session, long gaps) {
        session.withheld = false;
        session.post(List.of(new SessionEvent.Deliverable(session, gaps)));
    }
}
