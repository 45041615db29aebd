package io.tallymq.node.proof;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.node.proof.load.NodeAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Compares the replicas: same index of the log, same state. */
final class Digests {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /**
     * What was compared.
     *
     * @param compared indexes for which all nodes told a digest
     * @param differences the ones that differ, with each node's digest
     */
    record Comparison(int compared, List<String> differences) {}

    private Digests() {}

    /**
     * Asks every node to write an entry at which all replicas compute a digest, until there are indexes that all have told.
     * Also under load.
     */
    static Comparison compare(ProofCluster cluster) throws InterruptedException {
        TreeMap<Long, Map<String, String>> told = new TreeMap<>();
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        int nodes = cluster.nodes().size();
        // Twice around, so that what the last node wrote was told by all.
        for (int round = 0; round < 2; round++) {
            for (NodeAddress node : cluster.nodes()) {
                while (!ask(cluster.api(node.number()), told)) {
                    if (System.nanoTime() > deadline) {
                        return new Comparison(0, List.of(node.name() + " tells no digest"));
                    }
                    TimeUnit.MILLISECONDS.sleep(100);
                }
            }
        }
        List<String> differences = new ArrayList<>();
        int compared = 0;
        for (Map.Entry<Long, Map<String, String>> entry : told.entrySet()) {
            compared += entry.getValue().size() == nodes ? 1 : 0;
            if (entry.getValue().values().stream().distinct().count() > 1) {
                differences.add("index " + entry.getKey() + ": " + new TreeMap<>(entry.getValue()));
            }
        }
        return new Comparison(compared, differences);
    }

    private static boolean ask(NodeApi api, Map<Long, Map<String, String>> told) throws InterruptedException {
        JsonNode answer = api.get("/api/cluster/digest").orElse(null);
        if (answer == null) {
            return false;
        }
        String node = answer.path("node").asText();
        for (JsonNode at : answer.path("recent")) {
            told.computeIfAbsent(at.path("index").asLong(), i -> new HashMap<>())
                    .put(node, at.path("digest").asText());
        }
        return true;
    }
}
