package io.tallymq.raft;

import io.tallymq.broker.ClusterStatus;
import java.util.Collection;

/** What a runtime has to know of the cluster. Any thread; nothing blocks. */
public interface ClusterView {
    ClusterStatus status();

    /** This node leads and takes entries. */
    boolean isLeader();

    /**
     * Whether this node may hand out what it was assigned: {@code false} as soon as the cluster may have gone on without it for
     * longer than a while. Cheap.
     */
    boolean holdsLease();

    /** Names of the other nodes. */
    Collection<String> others();

    /** Whether this node heard from {@code node} lately. */
    boolean reachable(String node);

    /** Whether the process of {@code node} seems to have ended. */
    boolean gone(String node);
}
