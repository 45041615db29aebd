package io.tallymq.node.proof.load;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Measures how long a fault keeps publishers waiting: the time from the fault to the first confirm of a message that was
 * published after it, by a client on a node that did not fail. Any thread.
 */
public final class ResumeMeter {
    /**
     * How long it took.
     *
     * @param first until a client on one of the surviving nodes had such a confirm
     * @param every until a client on each of the surviving nodes had such a confirm
     */
    public record Resumed(Duration first, Duration every) {}

    private final Map<Integer, Long> firsts = new HashMap<>();
    private Set<Integer> survivors = Set.of();
    private long fault = Long.MAX_VALUE;
    private long inForce = Long.MAX_VALUE;

    /** From now on; {@code fault} is a time of {@link System#nanoTime}. */
    public synchronized void arm(long faultTime, Set<Integer> survivingNodes) {
        inForce = Long.MAX_VALUE;
        fault = faultTime;
        survivors = Set.copyOf(survivingNodes);
        firsts.clear();
    }

    /** What began with {@link #arm} is done: it took the operating system a moment. */
    public synchronized void inForce() {
        inForce = System.nanoTime();
    }

    public synchronized void confirmed(int node, long published, long now) {
        if (published > inForce && survivors.contains(node) && firsts.putIfAbsent(node, now) == null) {
            notifyAll();
        }
    }

    /** Empty when not every surviving node confirmed within the time. */
    public synchronized Optional<Resumed> await(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (firsts.size() < survivors.size()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return Optional.empty();
            }
            wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
        }
        long first = firsts.values().stream().mapToLong(t -> t).min().orElse(fault);
        long every = firsts.values().stream().mapToLong(t -> t).max().orElse(fault);
        return Optional.of(new Resumed(Duration.ofNanos(first - fault), Duration.ofNanos(every - fault)));
    }

    public synchronized Map<Integer, Long> seen() {
        return Map.copyOf(firsts);
    }
}
