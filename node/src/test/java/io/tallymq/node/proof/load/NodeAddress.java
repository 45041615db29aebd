package io.tallymq.node.proof.load;

import io.tallymq.node.FreePorts;
import java.util.ArrayList;
import java.util.List;

/**
 * Where one node of a cluster is reached.
 *
 * @param number from 1 on
 */
public record NodeAddress(int number, String host, int amqpPort, int httpPort, int raftPort, int linkPort) {
    private static final int PORTS = 4;

    public String name() {
        return "n" + number;
    }

    public String peer() {
        return name() + "@" + host + ":" + raftPort + ":" + linkPort;
    }

    /** Nodes on this machine's loopback, on ports that are free right now. */
    public static List<NodeAddress> loopback(int nodes) {
        List<Integer> ports = FreePorts.take(nodes * PORTS);
        List<NodeAddress> addresses = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            List<Integer> own = ports.subList(i * PORTS, (i + 1) * PORTS);
            addresses.add(new NodeAddress(i + 1, "127.0.0.1", own.get(0), own.get(1), own.get(2), own.get(3)));
        }
        return List.copyOf(addresses);
    }

    /** One host per node, {@code prefix} completed by 1, 2 and so on, with the default ports. */
    public static List<NodeAddress> hosts(String prefix, int nodes) {
        List<NodeAddress> addresses = new ArrayList<>();
        for (int i = 1; i <= nodes; i++) {
            addresses.add(new NodeAddress(i, prefix + i, 5672, 15672, 25672, 26672));
        }
        return List.copyOf(addresses);
    }
}
