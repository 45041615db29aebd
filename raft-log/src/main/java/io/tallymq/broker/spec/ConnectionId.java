package io.tallymq.broker.spec;

/**
 * A client connection and the node that serves it.
 *
 * @param node the node's id
 * @param number unique among all connections of one start (epoch) of that node
 */
public record ConnectionId(String node, long number) implements Comparable<ConnectionId> {
    @Override
    public int compareTo(ConnectionId o) {
        int c = node.compareTo(o.node);
        return c != 0 ? c : Long.compare(number, o.number);
    }
}
