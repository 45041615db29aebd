package io.tallymq.tally.local;

import io.tallymq.tally.context.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** Ports of this machine, in ranges of one per node. */
final class LocalPorts {
    private static final int FIRST = 21_000;
    private static final int LAST = 31_000;
    private static final int STEP = 20;
    private static final int MOST = 65_535;
    private static final int CONNECT_MILLIS = 1_000;

    private LocalPorts() {}

    static boolean isTaken(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static boolean overlap(int first, int other, int nodes) {
        return first < other + nodes && other < first + nodes;
    }

    /** The first of so many free ones: what is preferred if it is free, and none of those that are named. */
    static int choose(String what, int preferred, int nodes, int... used) {
        for (int first = preferred;
                first <= LAST || first == preferred;
                first = first == preferred ? FIRST : first + STEP) {
            if (isFree(first, nodes, used)) {
                return first;
            }
        }
        throw Failure.usage("there are no free ports for the nodes' " + what + " between " + FIRST + " and " + LAST);
    }

    private static boolean isFree(int first, int nodes, int... used) {
        if (first + nodes > MOST) {
            return false;
        }
        for (int other : used) {
            if (overlap(first, other, nodes)) {
                return false;
            }
        }
        for (int i = 0; i < nodes; i++) {
            if (isTaken(first + i)) {
                return false;
            }
        }
        return true;
    }
}
