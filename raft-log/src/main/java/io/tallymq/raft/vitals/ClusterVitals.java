package io.tallymq.raft.vitals;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.raft.vitals.NodeVitals.Disk;
import io.tallymq.raft.vitals.NodeVitals.Heap;
import io.tallymq.raft.vitals.NodeVitals.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The vitals of all nodes as one node knows them: its own, what the others told it, and what the leader heard of those that
 * this node does not reach itself. A node that nobody reaches has no vitals, and its alarm ends. Any thread.
 */
public final class ClusterVitals {
    /**
     * What is behind the vitals of all nodes: the limits and alarms of their memory, and behind these, for who knows it, what the clients
     * did of those that tell, when the certificates end of those that have some, and the heaps of those that watch them. Who does not know it passes it over.
     */
    private static final int MEMORIES = TaggedFields.OPTIONAL;

    private final String self;
    private final UnaryOperator<String> names;
    private final Map<String, NodeVitals> told = new TreeMap<>();
    /** Who relayed what: only a leader does, and only what it heard itself. */
    private final Map<String, Map<String, NodeVitals>> relayed = new TreeMap<>();

    /**
     * @param self this node's id
     * @param names what people call the node with an id
     */
    public ClusterVitals(String self, UnaryOperator<String> names) {
        this.self = self;
        this.names = names;
    }

    /** Returns whether its alarm went off or ended. */
    public synchronized boolean own(NodeVitals vitals) {
        NodeVitals before = told.put(self, vitals);
        return (before != null && before.isLow()) != vitals.isLow()
                || (before != null && before.heap().low()) != vitals.heap().low();
    }

    /** Nothing is heard of that node any more. */
    public synchronized void lost(String node) {
        told.remove(node);
        relayed.remove(node);
    }

    /** Writes what another node is to hear. @param leads whether this node leads, so that it tells of all nodes */
    public synchronized void write(ByteWriter w, boolean leads) {
        Map<String, NodeVitals> tell = new TreeMap<>(told);
        if (!leads) {
            tell.keySet().retainAll(List.of(self));
        }
        w.uint16(tell.size());
        tell.forEach((node, vitals) -> vitals.write(w.string(node)));
        ByteWriter memories = new ByteWriter(32).uint16(tell.size());
        tell.forEach((node, vitals) -> memories.string(node)
                .int64(vitals.memory().limit())
                .bool(vitals.memory().low()));
        Map<String, NodeVitals> ending = new TreeMap<>(tell);
        Map<String, NodeVitals> watching = new TreeMap<>(tell);
        tell.values().removeIf(vitals -> vitals.clients() == null);
        memories.uint16(tell.size());
        tell.forEach((node, vitals) -> vitals.clients().write(memories.string(node)));
        ending.values().removeIf(vitals -> vitals.certificateEnd() == 0);
        memories.uint16(ending.size());
        ending.forEach((node, vitals) -> memories.string(node).int64(vitals.certificateEnd()));
        watching.values().removeIf(vitals -> vitals.heap().limit() == 0);
        memories.uint16(watching.size());
        watching.forEach((node, vitals) -> memories.string(node)
                .int64(vitals.heap().kept())
                .int64(vitals.heap().limit())
                .bool(vitals.heap().low()));
        TaggedFields.write(w, MEMORIES, memories.toBytes());
    }

    /**
     * Reads what {@code from} wrote.
     *
     * @param more takes what else stands behind it
     */
    public synchronized void read(String from, ByteReader r, TaggedFields.Known more) {
        Map<String, NodeVitals> heard = new TreeMap<>();
        for (int n = r.uint16(); n > 0; n--) {
            String node = r.string();
            heard.put(node, NodeVitals.read(r));
        }
        TaggedFields.readRecord(r, (tag, value) -> tag == MEMORIES ? memories(value, heard) : more.take(tag, value));
        NodeVitals its = heard.remove(from);
        if (its != null) {
            told.put(from, its);
        }
        heard.remove(self);
        relayed.put(from, heard);
    }

    private static boolean memories(ByteReader r, Map<String, NodeVitals> heard) {
        for (int n = r.uint16(); n > 0; n--) {
            String node = r.string();
            long limit = r.int64();
            boolean low = r.bool();
            heard.computeIfPresent(node, (k, v) -> v.with(new Memory(v.memory().used(), limit, low)));
        }
        for (int n = r.hasRemaining() ? r.uint16() : 0; n > 0; n--) {
            String node = r.string();
            NodeVitals.Clients clients = NodeVitals.Clients.read(r);
            heard.computeIfPresent(node, (k, v) -> v.with(clients));
        }
        for (int n = r.hasRemaining() ? r.uint16() : 0; n > 0; n--) {
            String node = r.string();
            long end = r.int64();
            heard.computeIfPresent(node, (k, v) -> v.endingAt(end));
        }
        for (int n = r.hasRemaining() ? r.uint16() : 0; n > 0; n--) {
            String node = r.string();
            Heap heap = new Heap(r.int64(), r.int64(), r.bool());
            heard.computeIfPresent(node, (k, v) -> v.with(heap));
        }
        return true;
    }

    /** What is known, by the nodes' names. */
    public synchronized SortedMap<String, NodeVitals> known() {
        SortedMap<String, NodeVitals> all = new TreeMap<>();
        relayed.values().forEach(heard -> heard.forEach((node, vitals) -> all.put(names.apply(node), vitals)));
        told.forEach((node, vitals) -> all.put(names.apply(node), vitals));
        return all;
    }

    /** Why publishers of all nodes have to be blocked, null when they need not be. Short enough for connection.blocked. */
    public String alarm() {
        List<String> memories = new ArrayList<>();
        List<String> disks = new ArrayList<>();
        known().forEach((node, vitals) -> {
            if (vitals.memory().low()) {
                memories.add(reason(node, vitals.memory()));
            }
            if (vitals.heap().low()) {
                memories.add(reason(node, vitals.heap()));
            }
            if (vitals.disk().low()) {
                disks.add(reason(node, vitals.disk()));
            }
        });
        if (memories.isEmpty() && disks.isEmpty()) {
            return null;
        }
        String what =
                memories.isEmpty() ? "low on disk" : disks.isEmpty() ? "low on memory" : "low on memory & low on disk";
        int more = memories.size() + disks.size() - 1;
        String first = memories.isEmpty() ? disks.get(0) : memories.get(0);
        return what + ": " + first + (more == 0 ? "" : ", and " + more + " more");
    }

    /** Why nothing may be added to the state, which is the same on all nodes; null when it may. */
    public String fullHeap() {
        return known().entrySet().stream()
                .filter(e -> e.getValue().heap().low())
                .map(e -> reason(e.getKey(), e.getValue().heap()))
                .findFirst()
                .orElse(null);
    }

    private static String reason(String node, Heap heap) {
        return "node '" + shortened(node) + "' keeps " + heap.kept() + " bytes in its heap, " + heap.limit()
                + " are allowed";
    }

    private static String reason(String node, Memory memory) {
        return "node '" + shortened(node) + "' has " + memory.used() + " bytes resident, its memory.limit is "
                + memory.limit();
    }

    private static String reason(String node, Disk disk) {
        return "node '" + shortened(node) + "' has " + disk.free() + " bytes free, its disk.free-limit is "
                + disk.limit();
    }

    private static String shortened(String node) {
        return node.length() <= 64 ? node : node.substring(0, 64) + "..";
    }
}
