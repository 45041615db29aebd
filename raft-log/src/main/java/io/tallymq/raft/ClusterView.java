package io.tallymq.raft;

import io.tallymq.broker.ClusterStatus;
import java.util.Collection;

/** What a runtime has to know of the cluster. Any thread; nothing blocks. */
public interface ClusterView {
    ClusterStatus status();

    /** This node leads and takes entries. */
    boolean isLeader();

    /** Names of the other nodes. */
    Collection<String> others();

    /** Whether this node heard from {@code node} lately. */
    boolean reachable(String node);
}
