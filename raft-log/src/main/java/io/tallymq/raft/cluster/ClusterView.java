package io.tallymq.raft.cluster;

import io.tallymq.broker.ClusterStatus;
import io.tallymq.format.Versions;
import java.util.Collection;

/** What a runtime has to know of the cluster. Any thread; nothing blocks. */
public interface ClusterView {
    ClusterStatus status();

    /** {@link #leadingTerm} of a node that does not lead. */
    long NOT_LEADING = -1;

    /** The term in which this node leads and takes entries, {@link #NOT_LEADING} if it does not. */
    long leadingTerm();

    /** This node leads and takes entries. */
    default boolean isLeader() {
        return leadingTerm() != NOT_LEADING;
    }

    /**
     * Whether this node may hand out what it was assigned: {@code false} as soon as the cluster may have gone on without it for
     * longer than a while. Cheap.
     */
    boolean holdsLease();

    /** How often that has been given back: what waited to be handed out then may be others' by now. Asked behind {@link #holdsLease}. Cheap. */
    default long leaseGaps() {
        return 0;
    }

    /** What people call the node with this id. */
    default String nameOf(String node) {
        return node;
    }

    /** Ids of the other nodes. */
    Collection<String> others();

    /** Whether this node heard from {@code node} lately. */
    boolean reachable(String node);

    /** The levels that the program of another node knows, as it said since the link to it is up; else null. */
    default Versions levels(String node) {
        return null;
    }

    /** Whether the process of {@code node} has certainly ended: it closed its connections, and all its ports refuse new ones. */
    boolean ended(String node);
}
