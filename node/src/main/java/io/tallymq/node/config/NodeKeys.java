package io.tallymq.node.config;

import io.tallymq.node.config.value.Peer;
import io.tallymq.node.config.value.Secret;
import io.tallymq.node.config.value.ValueTypes;
import java.nio.file.Path;
import java.util.List;

/** Who a node is, which cluster it is in, and where its data is. */
final class NodeKeys {
    static final Key<String> NODE_NAME = new Key<>(
            "node.name",
            ValueTypes.name(),
            "n1",
            "n2",
            "This node's name; one of those in cluster.peers. To rename it, write new:old@host there, on all nodes.");

    static final Key<String> CLUSTER_NAME = new Key<>(
            "cluster.name",
            ValueTypes.name(),
            "tallymq",
            "orders-prod",
            "The cluster's name, the same on all nodes; nodes of different clusters refuse each other.");
    static final Key<List<Peer>> CLUSTER_PEERS = new Key<>(
            "cluster.peers",
            ValueTypes.peers(),
            "n1@127.0.0.1:25672:26672",
            "n1@10.0.0.1:25672:26672,n2@10.0.0.2:25672:26672,n3@10.0.0.3:25672:26672",
            "All nodes, this one included, the same on all nodes; 3 or 5. A renamed one keeps its id: name:id@host.");
    static final Key<String> CLUSTER_BIND_HOST = new Key<>(
            "cluster.bind-host",
            ValueTypes.host(),
            "",
            "0.0.0.0",
            "Where this node listens for the others; without it, this node's own host in cluster.peers.");
    static final Key<Secret> CLUSTER_SECRET = new Key<>(
            "cluster.secret",
            ValueTypes.secret(16),
            "",
            "what-openssl-rand-hex-16-prints",
            "What proves a node to the others, the same on all nodes; needed with more than one peer.");
    static final Key<String> CLUSTER_ORIGIN = new Key<>(
            "cluster.origin",
            ValueTypes.text("word", "[0-9a-z]{8,64}", "8 to 64 of 0-9 and a-z"),
            "",
            "5f0e9a7c31d2b846",
            "Of a cluster that was restored: what the restore printed, for a node that joins it with an empty data.dir.");

    static final Key<Path> DATA_DIR = new Key<>(
            "data.dir",
            ValueTypes.path(),
            "tallymq-data",
            "/var/lib/tallymq",
            "This node's own directory for everything it stores; made if missing.");

    /** In the order in which people should read them. */
    static final List<Key<?>> ALL = List.of(
            NODE_NAME, CLUSTER_NAME, CLUSTER_PEERS, CLUSTER_BIND_HOST, CLUSTER_SECRET, CLUSTER_ORIGIN, DATA_DIR);

    private NodeKeys() {}
}
