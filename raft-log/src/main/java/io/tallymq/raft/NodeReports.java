package io.tallymq.raft;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What the other nodes last said of themselves, by their ids, until nothing is heard of them any more. Any thread. */
final class NodeReports {
    private final Map<String, NodeReport> heard = new ConcurrentHashMap<>();

    /** Takes the place of what the node said before. */
    void heard(String node, NodeReport report) {
        heard.put(node, report);
    }

    /** Null for nothing. */
    NodeReport of(String node) {
        return node == null ? null : heard.get(node);
    }

    void forget(String node) {
        heard.remove(node);
    }
}
