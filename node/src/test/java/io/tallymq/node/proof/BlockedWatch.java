package io.tallymq.node.proof;

import com.rabbitmq.client.Connection;
import io.tallymq.node.proof.load.Clients;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Hears from each node whether publishers are blocked, as their clients do. Any thread. */
final class BlockedWatch implements AutoCloseable {
    private static final String NOBODY = "nobody";

    private final List<Connection> connections = new ArrayList<>();
    private final Set<Integer> blocked = new TreeSet<>();
    private String reason = "";

    /** Connects; what is blocked already is told at once. */
    BlockedWatch(Clients clients, List<Integer> nodes) throws IOException, TimeoutException {
        for (int node : nodes) {
            Connection connection = clients.connect(node, "blocked" + node);
            connections.add(connection);
            connection.addBlockedListener(why -> heard(node, true, why), () -> heard(node, false, ""));
            connection.createChannel().basicPublish("", NOBODY, null, new byte[0]); // only publishers are told
        }
    }

    private synchronized void heard(int node, boolean isBlocked, String why) {
        boolean unused = isBlocked ? blocked.add(node) : blocked.remove(node);
        reason = isBlocked ? why : reason;
        notifyAll();
    }

    /** What a node told last when it blocked, "" before. */
    synchronized String reason() {
        return reason;
    }

    /** Waits until all of these nodes block publishers, or none does; false when the time is over. */
    synchronized boolean await(Set<Integer> nodes, boolean isBlocked, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (isBlocked ? !blocked.containsAll(nodes) : nodes.stream().anyMatch(blocked::contains)) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    @Override
    public void close() {
        connections.forEach(Clients::close);
    }
}
