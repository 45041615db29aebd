package io.tallymq.raft;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What the other nodes last said of themselves, by their ids, until nothing is heard of them any more. Any thread. */
final class NodeReports {
    private record Heard(NodeReport report, boolean slow, long at) {}

    private final Map<String, Heard> heard = new ConcurrentHashMap<>();

    /**
     * Takes the place of what the node said before.
     *
     * @param slow something that it applies takes long
     * @param at {@link System#nanoTime}
     */
    void heard(String node, NodeReport report, boolean slow, long at) {
        heard.put(node, new Heard(report, slow, at));
    }

    /** Null for nothing. */
    NodeReport of(String node) {
        Heard h = node == null ? null : heard.get(node);
        return h == null ? null : h.report;
    }

    void forget(String node) {
        heard.remove(node);
    }

    /** See {@link io.tallymq.raft.log.link.ForwardHandler#isDone}. */
    boolean isDone(String node, long index, long since) {
        Heard h = heard.get(node);
        return h != null && h.at - since >= 0 && !h.slow && h.report.applied() >= index;
    }
}
