package io.tallymq.raft.log.config;

import io.tallymq.net.NodesTls;
import java.nio.file.Path;
import java.util.List;

/**
 * Everything a node of the log needs to know.
 *
 * @param clusterName the same on all nodes, see {@link ClusterName#of}; the Raft group's id is derived from it
 * @param nodeId this node's id, one of {@code peers}
 * @param peers all nodes, this one included, in the same order on all nodes
 * @param bind where this node listens
 * @param raftDir the log's directory; nothing else may live there
 * @param secret what all nodes of the cluster share; proves a peer's identity on the link, never sent over it
 * @param tuning numbers, see {@link RaftTuning#DEFAULTS}
 * @param tls how nodes know each other on both ports; null for plain text
 */
public record RaftNodeConfig(
        String clusterName,
        String nodeId,
        List<Peer> peers,
        Bind bind,
        Path raftDir,
        String secret,
        RaftTuning tuning,
        NodesTls tls) {

    /**
     * A node as the others reach it.
     *
     * @param id what log, state and the nodes' proofs know it by; it stays what it is as long as the node has its data
     * @param name what people read; it may be changed
     * @param host of an IPv6 address without brackets
     */
    public record Peer(String id, String name, String host, int raftPort, int linkPort) {
        /** A node whose id is its name. */
        public Peer(String id, String host, int raftPort, int linkPort) {
            this(id, id, host, raftPort, linkPort);
        }

        /** Host and Raft port as one text: an IPv6 address needs brackets there. */
        public String raftAddress() {
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + raftPort;
        }
    }

    /** Local addresses to listen on, e.g. host {@code 0.0.0.0}. */
    public record Bind(String host, int raftPort, int linkPort) {}

    /** Plain text between the nodes. */
    public RaftNodeConfig(
            String clusterName,
            String nodeId,
            List<Peer> peers,
            Bind bind,
            Path raftDir,
            String secret,
            RaftTuning tuning) {
        this(clusterName, nodeId, peers, bind, raftDir, secret, tuning, null);
    }

    public RaftNodeConfig withTls(NodesTls value) {
        return new RaftNodeConfig(clusterName, nodeId, peers, bind, raftDir, secret, tuning, value);
    }

    public RaftNodeConfig {
        peers = List.copyOf(peers);
        if (peers.stream().noneMatch(p -> p.id().equals(nodeId))) {
            throw new IllegalArgumentException("Node '" + nodeId + "' is not in the list of peers " + ids(peers)
                    + ": add it there or correct the node's id.");
        }
        if (peers.stream().map(Peer::id).distinct().count() != peers.size()) {
            throw new IllegalArgumentException("Two peers have the same id in " + ids(peers) + ": ids are unique.");
        }
    }

    /** The peer with this id, {@code null} if there is none. */
    public Peer peer(String id) {
        for (Peer peer : peers) {
            if (peer.id().equals(id)) {
                return peer;
            }
        }
        return null;
    }

    /** The name of the peer with this id; the id itself if there is no such peer, {@code null} of {@code null}. */
    public String nameOf(String id) {
        Peer peer = peer(id);
        return peer == null ? id : peer.name();
    }

    /** The cluster's name as people know it. */
    public String shownCluster() {
        return ClusterName.configured(clusterName);
    }

    /** The peer that is this node. */
    public Peer self() {
        return peer(nodeId);
    }

    private static List<String> ids(List<Peer> peers) {
        return peers.stream().map(Peer::id).toList();
    }
}
