package io.tallymq.raft;

import java.util.List;

/**
 * Nothing is handed to consumers while this node's lease has run out: the cluster may have gone on without it and given the same
 * messages to consumers of other nodes. What is withheld goes out when the lease holds again, or goes back when the cluster has
 * declared the node lost.
 */
final class Withholding {
    private final ClusterView cluster;
    private final Outbox outbox;
    private final RuntimeMetrics metrics;
    /** Some session waits; set after its own mark, cleared before that. */
    private volatile boolean any;

    Withholding(ClusterView cluster, Outbox outbox, RuntimeMetrics metrics) {
        this.cluster = cluster;
        this.outbox = outbox;
        this.metrics = metrics;
    }

    /** Whether the session may deliver now; if not, it hears when it may again. The session's loop. */
    boolean mayDeliver(ClientSession session) {
        if (cluster.holdsLease()) {
            return true;
        }
        if (!session.withheld) {
            session.withheld = true;
            metrics.withholdings.increment();
        }
        any = true;
        return false;
    }

    /** The clock's thread. */
    void tick() {
        if (any && cluster.holdsLease()) {
            any = false;
            outbox.sessions().forEach(this::goOn);
        }
    }

    private void goOn(ClientSession session) {
        if (session.withheld) {
            session.withheld = false;
            session.post(List.of(new SessionEvent.Deliverable()));
        }
    }
}
