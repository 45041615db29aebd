package io.tallymq.broker.spec;

/**
 * A client connection and the node that serves it.
 *
 * @param node the node's id
 * @param number unique among all connections of one start (epoch) of that node, from 1 on; 0: an operator's, who has none
 */
public record ConnectionId(String node, long number) implements Comparable<ConnectionId> {
    /** What an operator asks for at a node, who has no connection of AMQP's. */
    public static ConnectionId operator(String node) {
        return new ConnectionId(node, 0);
    }

    public boolean isOperator() {
        return number == 0;
    }

    @Override
    public int compareTo(ConnectionId o) {
        int c = node.compareTo(o.node);
        return c != 0 ? c : Long.compare(number, o.number);
    }
}
