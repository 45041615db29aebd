package io.tallymq.raft;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.raft.cluster.ClusterView;
import io.tallymq.raft.entry.BatchCodec;
import io.tallymq.raft.pace.PaceTuning;
import io.tallymq.raft.session.Epochs;
import io.tallymq.raft.session.Replicator;
import io.tallymq.raft.session.RuntimeTuning;
import io.tallymq.store.MemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runtimes that share one log, and a way into it that loses, repeats, delays and refuses batches and changes the leader: by
 * seed. What is in the log is applied by all, in one order.
 */
final class LossyWay implements AutoCloseable {
    private static final byte[] END = {};

    /** In percent of all sends. */
    record Faults(int lost, int repeated, int delayed, int refused, int leaderChanges) {
        static final Faults NONE = new Faults(0, 0, 0, 0, 0);
    }

    final List<BrokerRuntime> runtimes = new ArrayList<>();
    final List<BrokerMachine> machines = new ArrayList<>();
    private final Random random;
    private final Faults faults;
    private final LinkedBlockingQueue<byte[]> log = new LinkedBlockingQueue<>();
    /** Entries of an old leader that may still come. */
    private final List<byte[]> delayed = new ArrayList<>();

    private final Thread applying = new Thread(this::apply, "apply");
    private final AtomicLong time = new AtomicLong(1_000_000);
    private boolean leaderless;
    private volatile boolean calm;
    private volatile Throwable failure;
    final Set<String> silent = java.util.concurrent.ConcurrentHashMap.newKeySet();

    LossyWay(long seed, int nodes, Faults faults) {
        this(seed, nodes, faults, quick());
    }

    LossyWay(long seed, int nodes, Faults faults, RuntimeTuning tuning) {
        this.random = new Random(seed);
        this.faults = faults;
        for (int i = 1; i <= nodes; i++) {
            add("n" + i, nodes, tuning);
        }
        applying.start();
        runtimes.forEach(BrokerRuntime::start);
    }

    /** Nothing is waited for longer than a test can bear. */
    static RuntimeTuning quick() {
        return RuntimeTuning.DEFAULTS
                .withTiming(new RuntimeTuning.Timing(
                        Duration.ofMillis(10),
                        Duration.ofHours(1),
                        Duration.ofHours(1),
                        Duration.ofMillis(40),
                        Duration.ofMillis(1)))
                .withPace(PaceTuning.NEVER);
    }

    private void add(String name, int nodes, RuntimeTuning tuning) {
        MemoryStore store = new MemoryStore();
        BrokerMachine machine = new BrokerMachine(store);
        Way way = new Way(name, nodes);
        machines.add(machine);
        runtimes.add(new BrokerRuntime(
                new BrokerRuntime.Parts(
                        name, store, way, new Epochs(() -> 1, random::nextInt), new SystemPlatform(), tuning),
                machine,
                way));
    }

    /** From now on nothing is lost, and what was delayed comes. */
    void calm() {
        calm = true;
        synchronized (this) {
            log.addAll(delayed);
            delayed.clear();
            leaderless = false;
        }
        runtimes.forEach(BrokerRuntime::connected);
    }

    private final class Way implements Replicator, ClusterView {
        private final String name;
        private final int nodes;

        Way(String name, int nodes) {
            this.name = name;
            this.nodes = nodes;
        }

        @Override
        public boolean send(byte[] bytes, boolean again) {
            byte[] entry = again ? bytes.clone() : bytes;
            BatchCodec.stamp(entry, 0, time.incrementAndGet());
            int dice;
            synchronized (LossyWay.this) {
                if (leaderless) {
                    return false;
                }
                dice = calm ? 100 : random.nextInt(100);
                if (!delayed.isEmpty() && random.nextInt(4) == 0) {
                    log.add(delayed.remove(random.nextInt(delayed.size())));
                }
            }
            return faulty(entry, dice);
        }

        private boolean faulty(byte[] entry, int dice) {
            int limit = faults.lost();
            if (dice < limit) {
                return true;
            }
            if (dice < (limit += faults.repeated())) {
                log.add(entry);
                log.add(entry.clone());
                return true;
            }
            if (dice < (limit += faults.delayed())) {
                synchronized (LossyWay.this) {
                    delayed.add(entry);
                }
                return true;
            }
            if (dice < (limit += faults.refused())) {
                runtime().retryLater();
                return true;
            }
            if (dice < limit + faults.leaderChanges()) {
                changeLeader(entry);
                return false;
            }
            log.add(entry);
            return true;
        }

        /** The old leader may or may not have taken the batch. */
        private void changeLeader(byte[] entry) {
            synchronized (LossyWay.this) {
                leaderless = true;
                if (random.nextBoolean()) {
                    delayed.add(entry);
                }
            }
            Thread election = new Thread(() -> {
                synchronized (LossyWay.this) {
                    leaderless = false;
                }
                runtimes.forEach(BrokerRuntime::connected);
            });
            election.setDaemon(true);
            election.start();
        }

        private BrokerRuntime runtime() {
            return runtimes.get(Integer.parseInt(name.substring(1)) - 1);
        }

        @Override
        public void failed(String reason, Throwable cause) {
            throw new AssertionError(reason, cause);
        }

        @Override
        public boolean certain() {
            return false;
        }

        @Override
        public ClusterStatus status() {
            return new ClusterStatus("test", name, "n1", 1, true, 1, List.of());
        }

        @Override
        public long leadingTerm() {
            return name.equals("n1") ? 1 : NOT_LEADING;
        }

        @Override
        public boolean holdsLease() {
            return !silent.contains(name);
        }

        @Override
        public Collection<String> others() {
            Set<String> all = new HashSet<>();
            for (int i = 1; i <= nodes; i++) {
                all.add("n" + i);
            }
            all.remove(name);
            return all;
        }

        @Override
        public boolean ended(String node) {
            return false;
        }

        @Override
        public boolean reachable(String node) {
            return !silent.contains(node);
        }
    }

    /** What a leader does with batches that came at the same time. */
    private byte[] joined(byte[] first, int more) {
        List<byte[]> batches = new ArrayList<>(List.of(first));
        for (int i = 0; i < more && log.peek() != null && log.peek() != END; i++) {
            batches.add(log.poll());
        }
        return batches.size() == 1 ? first : BatchCodec.join(batches);
    }

    private void apply() {
        Random flushes = new Random(7);
        long index = 0;
        try {
            for (byte[] entry = log.take(); entry != END; entry = log.take()) {
                if (flushes.nextInt(3) == 0) {
                    entry = joined(entry, 1 + flushes.nextInt(4));
                }
                byte[] before = entry.clone();
                for (BrokerRuntime r : runtimes) {
                    // The node that submitted gets its own array, the others a copy somewhere in a larger one.
                    r.apply(1, index, entry, 0, entry.length);
                    if (log.isEmpty() || flushes.nextInt(3) == 0) {
                        r.flush();
                    }
                }
                if (!Arrays.equals(before, entry)) {
                    throw new AssertionError("an entry changed while it was in the log");
                }
                index++;
            }
            runtimes.forEach(BrokerRuntime::flush);
        } catch (Throwable e) {
            failure = e;
            e.printStackTrace();
        }
    }

    /** Ends the threads; all machines must be alike. */
    @Override
    public void close() throws InterruptedException {
        log.add(END);
        applying.join();
        runtimes.forEach(BrokerRuntime::close);
        if (failure != null) {
            throw new AssertionError("applying failed", failure);
        }
        long digest = machines.get(0).digest();
        for (BrokerMachine m : machines) {
            if (m.digest() != digest) {
                throw new AssertionError("the replicas differ");
            }
        }
    }
}
