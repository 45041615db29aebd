package io.tallymq.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/** What happens to the nodes of a {@link LossyCluster} and between them, by seed, until there is calm. */
final class LossyFaults {
    private static final long LONGEST_PAUSE = 2_500;
    /** Milliseconds between two looks at a node that is to die early, and so many at most. */
    private static final long LOOK = 5;

    private static final int LOOKS = 400;
    private static final int FIRST_BATCHES = 5;
    private static final long DAY = 86_400_000;

    /** What may happen. */
    enum Kind {
        ALL,
        /** Starts that die early, of one node at a time. */
        EARLY_KILLS,
        /** Leaders that are cut off for about as long as it takes until a silent node is lost. */
        LEADERS_CUT_OFF
    }

    private final LossyCluster cluster;
    private final Kind kind;
    private final Random random;
    private final TreeMap<String, Integer> counts = new TreeMap<>();
    private final List<Runnable> open = new ArrayList<>();
    private boolean calm;

    LossyFaults(LossyCluster cluster, Kind kind) {
        this.cluster = cluster;
        this.kind = kind;
        this.random = new Random(cluster.random().nextLong());
    }

    /** What happened how often. */
    TreeMap<String, Integer> counts() {
        return counts;
    }

    void start() {
        after(100 + random.nextInt((int) LONGEST_PAUSE), () -> {
            if (!calm) {
                happens();
                start();
            }
        });
    }

    /** Everything is healed, started and goes on. */
    void calm() {
        calm = true;
        List.copyOf(open).forEach(Runnable::run);
    }

    private void after(long millis, Runnable task) {
        cluster.time().after(millis * VirtualTime.MILLI, "fault", task);
    }

    private void happens() {
        String node = cluster.nodes().get(random.nextInt(cluster.nodes().size()));
        String other = cluster.nodes().get(random.nextInt(cluster.nodes().size()));
        switch (kind) {
            case ALL -> anything(node, other);
            case EARLY_KILLS -> killEarly(node);
            case LEADERS_CUT_OFF -> cutLeaderOff();
        }
    }

    private void cutLeaderOff() {
        if (open.isEmpty()) {
            int grace = (int) LossyCluster.GRACE.toMillis();
            isolate(cluster.leader(), grace + 1_000 + random.nextInt(2_500));
        }
    }

    private void anything(String node, String other) {
        switch (random.nextInt(17)) {
            case 0, 1 -> kill(node, 50 + random.nextInt(3_000));
            case 2 -> killTwice(node);
            case 3 -> stop(node);
            case 4 -> pause(node);
            case 5 -> isolate(node, 500 + random.nextInt(12_000));
            case 6 -> isolate(cluster.leader(), 500 + random.nextInt(12_000));
            case 7 -> cut(node, other, true);
            case 8 -> cut(node, other, false);
            case 9, 10 -> clock(node);
            case 11 -> slowDisk(node);
            case 12 -> trouble();
            case 13 -> kill(cluster.leader(), 50 + random.nextInt(9_000));
            case 14 -> stepByStep(node);
            case 15 -> killEarly(node);
            default -> killAll();
        }
    }

    private void count(String what) {
        counts.merge(what, 1, Integer::sum);
        cluster.time().note(what.hashCode());
    }

    private void kill(String node, int millis) {
        BrokerProcess process = cluster.process(node);
        if (process == null) {
            return;
        }
        count("killed");
        cluster.kill(node);
        down(node, millis);
    }

    /** Starts again, and dies before much of it is durable. */
    private void killTwice(String node) {
        kill(node, 50);
        after(60 + random.nextInt(600), () -> kill(node, 50));
    }

    /** Starts again, and dies as soon as the log has some of what it sent: the next start begins from the same durable state. */
    private void killEarly(String node) {
        kill(node, 50);
        killOnceItSent(node, FIRST_BATCHES + random.nextInt(FIRST_BATCHES), LOOKS);
    }

    private void killOnceItSent(String node, int batches, int looks) {
        after(LOOK, () -> {
            BrokerProcess process = cluster.process(node);
            long sent =
                    process == null ? 0 : process.broker().runtime().metrics().ownBatches();
            if (sent >= batches && !calm) {
                count("killed early");
                cluster.disk(node).late = true;
                kill(node, 50);
            } else if (looks > 0 && !calm) {
                killOnceItSent(node, batches, looks - 1);
            }
        });
    }

    private void killAll() {
        cluster.nodes().forEach(n -> kill(n, 50 + random.nextInt(2_000)));
    }

    private void stop(String node) {
        if (cluster.process(node) != null && cluster.process(node).process().runs()) {
            count("stopped");
            cluster.stop(node);
            down(node, 50 + random.nextInt(9_000));
        }
    }

    private void down(String node, int millis) {
        undo(millis, () -> {
            if (cluster.process(node) == null) {
                cluster.start(node);
            }
        });
    }

    private void pause(String node) {
        BrokerProcess process = cluster.process(node);
        if (process == null || process.process().isPaused()) {
            return;
        }
        count("stood still");
        process.process().pause();
        undo(100 + random.nextInt(12_000), () -> {
            if (process.process().isAlive()) {
                process.process().resume();
            }
        });
    }

    private void isolate(String node, int millis) {
        count("isolated");
        boolean resets = random.nextBoolean();
        for (String other : cluster.nodes()) {
            cut(node, other, millis);
            cut(other, node, millis);
            if (resets && !other.equals(node)) {
                reset(node, other);
                reset(other, node);
            }
        }
    }

    private void reset(String node, String peer) {
        if (cluster.process(node) != null) {
            cluster.process(node).log().link().reset(peer);
        }
    }

    /** First one other node can't be reached, then none. */
    private void stepByStep(String node) {
        count("isolated step by step");
        int last = 7_000 + random.nextInt(9_000);
        for (String other : cluster.nodes()) {
            int from = random.nextInt(7_000);
            after(from, () -> {
                if (!calm) {
                    cut(node, other, last - from);
                    cut(other, node, last - from);
                }
            });
        }
    }

    private void cut(String a, String b, boolean both) {
        if (a.equals(b)) {
            return;
        }
        count(both ? "cut" : "cut one way");
        int millis = 200 + random.nextInt(12_000);
        cut(a, b, millis);
        if (both) {
            cut(b, a, millis);
        }
    }

    private void cut(String from, String to, int millis) {
        if (!from.equals(to)) {
            cluster.network().cut(from, to);
            undo(millis, () -> cluster.network().heal(from, to));
        }
    }

    /** The machine's clock is set, by seconds, hours or days. */
    private void clock(String node) {
        count("clock set");
        long most = List.of(2_000L, 90_000L, DAY / 24, 3 * DAY).get(random.nextInt(4));
        cluster.setClock(node, (long) ((2 * random.nextDouble() - 1) * most));
    }

    private void slowDisk(String node) {
        count("slow disk");
        cluster.disk(node).slowness = random.nextInt(400) * VirtualTime.MILLI;
        undo(200 + random.nextInt(5_000), () -> cluster.disk(node).slowness = 0);
    }

    private void trouble() {
        count("lossy network");
        cluster.network().trouble(random.nextInt(8), random.nextBoolean());
        undo(200 + random.nextInt(6_000), () -> cluster.network().trouble(0, false));
    }

    /** Later, or as soon as there is calm. */
    private void undo(int millis, Runnable task) {
        boolean[] done = new boolean[1];
        Runnable once = new Runnable() {
            @Override
            public void run() {
                open.remove(this);
                if (!done[0]) {
                    done[0] = true;
                    task.run();
                }
            }
        };
        open.add(once);
        after(millis, once);
    }
}
