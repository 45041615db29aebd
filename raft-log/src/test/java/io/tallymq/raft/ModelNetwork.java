package io.tallymq.raft;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/** What lies between the nodes: it may be cut in either direction, slow, and lose or repeat what it carries. */
final class ModelNetwork {
    private static final long USUAL = 400_000;

    private final VirtualTime time;
    private final Random random;
    private final Map<String, ModelLog> logs = new LinkedHashMap<>();
    private final Set<String> cut = new HashSet<>();
    private final Map<String, List<Runnable>> stalled = new LinkedHashMap<>();
    private int lossPercent;
    private boolean slow;

    ModelNetwork(VirtualTime time, Random random) {
        this.time = time;
        this.random = random;
    }

    /** The node's log runs in a new process. */
    void started(ModelLog log) {
        logs.put(log.node(), log);
    }

    /** The node's log, null if its process is dead. */
    ModelLog log(String node) {
        ModelLog log = logs.get(node);
        return log == null || !log.process().isAlive() ? null : log;
    }

    void trouble(int percentLost, boolean isSlow) {
        lossPercent = percentLost;
        slow = isSlow;
    }

    void cut(String from, String to) {
        cut.add(way(from, to));
    }

    void heal(String from, String to) {
        cut.remove(way(from, to));
        List<Runnable> waiting = stalled.remove(way(from, to));
        if (waiting != null) {
            waiting.forEach(w -> time.after(delay(), "late", w));
        }
    }

    boolean isCut(String from, String to) {
        return cut.contains(way(from, to));
    }

    /** Neither way is cut. */
    boolean connects(String a, String b) {
        return !isCut(a, b) && !isCut(b, a);
    }

    private static String way(String from, String to) {
        return from + ">" + to;
    }

    long delay() {
        long usual = USUAL / 4 + (long) (random.nextDouble() * USUAL);
        return slow && random.nextInt(4) == 0 ? usual + random.nextInt((int) (300 * VirtualTime.MILLI)) : usual;
    }

    boolean loses() {
        return random.nextInt(1_000) < 10 * lossPercent;
    }

    boolean repeats() {
        return lossPercent > 0 && random.nextInt(1_000) < 10;
    }

    /** Carries a message between logs, or loses it. */
    void send(String from, String to, String what, Consumer<ModelLog> message) {
        if (isCut(from, to) || loses()) {
            return;
        }
        for (int n = repeats() ? 2 : 1; n > 0; n--) {
            time.after(delay(), "net", () -> {
                ModelLog log = log(to);
                if (log != null && !isCut(from, to)) {
                    time.after(0, log.process(), what, () -> message.accept(log));
                }
            });
        }
    }

    /** Runs what arrives over a connection: now, or when the way is healed. */
    void through(String from, String to, Runnable arrives) {
        if (isCut(from, to)) {
            stalled.computeIfAbsent(way(from, to), w -> new ArrayList<>()).add(arrives);
        } else {
            arrives.run();
        }
    }

    /** A process has died: who was connected hears of it. */
    void died(String node) {
        for (ModelLog log : List.copyOf(logs.values())) {
            if (!log.node().equals(node) && log.process().isAlive()) {
                log.link().peerDied(node);
            }
        }
    }
}
