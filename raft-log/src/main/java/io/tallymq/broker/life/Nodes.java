package io.tallymq.broker.life;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which start of each node is the valid one, and how far its batches were applied. */
public final class Nodes {
    /** A node's valid epoch. */
    private static final class NodeState {
        long epoch;
        long lastSeq;
        boolean lost;
    }

    private final MessageStore store;
    private final TreeMap<String, NodeState> nodes = new TreeMap<>();
    private final TreeSet<String> dirty = new TreeSet<>();

    public Nodes(MessageStore store) {
        this.store = store;
    }

    public void restore() {
        store.scan(Keys.of(Keys.NODE), (k, v) -> {
            ByteReader r = new ByteReader(v);
            NodeState n = new NodeState();
            n.epoch = r.int64();
            n.lastSeq = r.int64();
            n.lost = r.bool();
            TaggedFields.endRecord(r);
            nodes.put(new String(k, 1, k.length - 2, StandardCharsets.UTF_8), n);
        });
    }

    public long epochOf(String node) {
        NodeState n = nodes.get(node);
        return n == null ? 0 : n.epoch;
    }

    public long lastSeqOf(String node) {
        NodeState n = nodes.get(node);
        return n == null ? -1 : n.lastSeq;
    }

    /** The valid epochs of nodes that are not lost. */
    public Map<String, Long> serving() {
        Map<String, Long> serving = new TreeMap<>();
        nodes.forEach((name, n) -> {
            if (!n.lost) {
                serving.put(name, n.epoch);
            }
        });
        return serving;
    }

    /** Whether the node's valid epoch has ended without a new one. */
    public boolean isLost(String node) {
        NodeState n = nodes.get(node);
        return n != null && n.lost;
    }

    public Admission admit(String node, long epoch, long seq, boolean nodeUp) {
        NodeState n = nodes.get(node);
        if (nodeUp && (n == null || epoch > n.epoch)) {
            n = nodes.computeIfAbsent(node, x -> new NodeState());
            n.epoch = epoch;
            n.lastSeq = seq;
            n.lost = false;
            dirty.add(node);
            return Admission.ACCEPTED;
        }
        if (n == null || n.lost || epoch != n.epoch) {
            return Admission.FENCED;
        }
        if (seq <= n.lastSeq) {
            return Admission.DUPLICATE;
        }
        if (seq > n.lastSeq + 1) {
            return Admission.GAP;
        }
        n.lastSeq = seq;
        dirty.add(node);
        return Admission.ACCEPTED;
    }

    public void lost(String node) {
        nodes.get(node).lost = true;
        dirty.add(node);
    }

    public void writeDirty() {
        for (String name : dirty) {
            NodeState n = nodes.get(name);
            byte[] value = new ByteWriter(17)
                    .int64(n.epoch)
                    .int64(n.lastSeq)
                    .bool(n.lost)
                    .toBytes();
            store.put(Keys.named(Keys.NODE, name), value);
        }
        dirty.clear();
    }

    public void digest(StateDigest d) {
        nodes.forEach((name, n) -> d.add(name).add(n.epoch).add(n.lastSeq).add(n.lost));
    }
}
