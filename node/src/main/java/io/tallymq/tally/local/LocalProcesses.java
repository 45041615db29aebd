package io.tallymq.tally.local;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The nodes' processes: those that were started here, and those that another one, with --only, has brought back. Nobody's death ends the others.
 */
final class LocalProcesses {
    private static final int TOLD_TO_STOP = 143;
    private static final int SIGNALLED = 128;
    private static final int LAST_LINES = 3;
    private static final long STOP_MILLIS = 30_000;
    private static final long LOOK_MILLIS = 100;
    private static final Map<Integer, String> SIGNALS = new TreeMap<>(Map.of(
            1, "HUP", 2, "INT", 3, "QUIT", 4, "ILL", 6, "ABRT", 7, "BUS", 9, "KILL", 11, "SEGV", 13, "PIPE", 15,
            "TERM"));

    private record Watched(LocalNode node, ProcessHandle handle, Process child) {}

    private final LocalPlan plan;
    private final LocalVoice voice;
    private final Map<Integer, Watched> watched = new TreeMap<>();
    private boolean stopping;
    private boolean stoppedByHand;

    LocalProcesses(LocalPlan plan, LocalVoice voice) {
        this.plan = plan;
        this.voice = voice;
    }

    synchronized void add(LocalNode node, Process child) {
        watched.put(node.number(), new Watched(node, child.toHandle(), child));
        if (stopping) {
            child.destroy(); // who stops all did not know of it
        }
    }

    /** Says which node has ended by itself, and which is back; those that are alive. */
    synchronized List<LocalNode> lookAfter() {
        List<LocalNode> alive = new ArrayList<>();
        for (LocalNode node : plan.nodes()) {
            Watched one = watched.get(node.number());
            if (one != null && !one.handle.isAlive()) {
                watched.remove(node.number());
                ended(one);
                one = null;
            }
            if (one == null && plan.isOfAll() && !stopping) {
                node.process().ifPresent(process -> {
                    watched.put(node.number(), new Watched(node, process, null));
                    voice.say(node.name() + " is back (process " + process.pid() + ")");
                });
            }
            if (watched.containsKey(node.number())) {
                alive.add(node);
            }
        }
        return alive;
    }

    private void ended(Watched one) {
        if (stopping) {
            return;
        }
        // SIGTERM: somebody meant it; of a node that is not a child of this process nobody knows more
        int code = one.child == null ? TOLD_TO_STOP : one.child.onExit().join().exitValue();
        if (code == TOLD_TO_STOP) {
            voice.say(one.node.name() + " was stopped from outside");
            stoppedByHand = true;
            return;
        }
        String signal =
                code > SIGNALLED ? ", signal " + SIGNALS.getOrDefault(code - SIGNALLED, "" + (code - SIGNALLED)) : "";
        voice.warn(one.node.name() + " has ended by itself (exit code " + code + signal + "); the end of its log, "
                + one.node.log() + ":");
        one.node.lastLines(LAST_LINES).forEach(voice::quote);
        if (!watched.isEmpty()) {
            voice.warn("the others go on; start it again with: " + voice.startCommand() + " --dir " + plan.directory()
                    + " --only " + one.node.number());
        }
    }

    synchronized boolean wasStoppedByHand() {
        return stoppedByHand;
    }

    /** From now on nobody's end is worth a word. */
    synchronized void stopping() {
        stopping = true;
    }

    /** SIGTERM, and after 30 s SIGKILL. With them those that --only brought back: they belong to the cluster as well. */
    void stopAll() throws InterruptedException {
        List<ProcessHandle> targets = new ArrayList<>();
        synchronized (this) {
            stopping = true;
            watched.values().forEach(w -> targets.add(w.handle));
        }
        if (plan.isOfAll()) {
            plan.allNodes().forEach(node -> node.process()
                    .filter(process -> !targets.contains(process))
                    .ifPresent(targets::add));
        }
        end(targets, voice);
        for (LocalNode node : plan.nodes()) {
            forget(node);
        }
    }

    private static void forget(LocalNode node) {
        try {
            node.forgetPid();
        } catch (IOException e) {
            return; // the next start writes another one over it
        }
    }

    static void end(List<ProcessHandle> targets, LocalVoice voice) throws InterruptedException {
        targets.forEach(ProcessHandle::destroy);
        long end = System.nanoTime() + STOP_MILLIS * 1_000_000;
        List<ProcessHandle> left = alive(targets);
        while (!left.isEmpty() && System.nanoTime() < end) {
            Thread.sleep(LOOK_MILLIS);
            left = alive(left);
        }
        if (!left.isEmpty()) {
            voice.warn("after 30 s still running and killed now: "
                    + left.stream().map(p -> Long.toString(p.pid())).collect(Collectors.joining(" ")));
            left.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private static List<ProcessHandle> alive(List<ProcessHandle> some) {
        return some.stream().filter(ProcessHandle::isAlive).toList();
    }
}
