package io.tallymq.login;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/** Logins that wait for their turn: so many of one address, that who sends many does not keep the others out. Any thread. */
final class Waiting {
    private final int mostOfOne;
    private final Map<InetAddress, Integer> waiting = new HashMap<>();

    Waiting(int mostOfOne) {
        this.mostOfOne = mostOfOne;
    }

    /** Whether one more of this address may wait; then {@link #ended} is called once. */
    synchronized boolean begins(InetAddress from) {
        if (waiting.getOrDefault(from, 0) >= mostOfOne) {
            return false;
        }
        waiting.merge(from, 1, Integer::sum);
        return true;
    }

    synchronized void ended(InetAddress from) {
        waiting.computeIfPresent(from, (address, n) -> n == 1 ? null : n - 1);
    }
}
