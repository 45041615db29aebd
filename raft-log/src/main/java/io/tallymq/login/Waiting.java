package io.tallymq.login;

import io.tallymq.net.Origin;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/** Logins that wait for their turn: so many of one address (see {@link Origin}), that who sends many does not keep the others out. Any thread. */
final class Waiting {
    private final int mostOfOne;
    private final Map<InetAddress, Integer> waiting = new HashMap<>();

    Waiting(int mostOfOne) {
        this.mostOfOne = mostOfOne;
    }

    /** Whether one more of this address may wait; then {@link #ended} is called once. */
    synchronized boolean begins(InetAddress from) {
        InetAddress origin = Origin.of(from);
        if (waiting.getOrDefault(origin, 0) >= mostOfOne) {
            return false;
        }
        waiting.merge(origin, 1, Integer::sum);
        return true;
    }

    synchronized void ended(InetAddress from) {
        waiting.computeIfPresent(Origin.of(from), (address, n) -> n == 1 ? null : n - 1);
    }
}
