package io.tallymq.raft;

import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.raft.cluster.Fencing;
import io.tallymq.raft.log.config.ElectionTuning;
import io.tallymq.raft.log.config.LinkTuning;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import io.tallymq.raft.session.RuntimeTuning;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Three nodes and their clients in one thread and a time of their own, all from a seed: the product's runtime, gateway, machine and store
 * on each, over a model of Raft and of the network. Nodes crash with what is durable, stand still, are cut off, get checkpoints; clocks are
 * set and go at different speeds. Then there is calm, and everything has to come out. The same seed does the same again.
 */
final class LossyCluster implements ModelLog.World {
    static final Duration GRACE = Duration.ofSeconds(6);
    private static final long TROUBLED = 40 * VirtualTime.SECOND;
    private static final long BOUND = 120 * VirtualTime.SECOND;
    private static final long SAMPLE = 50 * VirtualTime.MILLI;
    /** While something is due the leader has the time go on every few seconds: that entry may be as young as the calm. */
    private static final int NOT_TOLD_YET = 1;

    private static final long YEAR_2026 = 1_767_225_600_000L;
    /** Of the grace: seconds differ between nodes. */
    private static final double SILENT_SHARE = 0.7;

    private static final List<String> NODES = List.of("n1", "n2", "n3");
    private static final List<String> QUEUES = List.of("one", "two", "alone1", "alone2", "fan1", "fan2", "fan3");
    private static final List<String> FANS = List.of("fan1", "fan2", "fan3");
    private static final List<String> WILD = List.of("wild1", "wild2");

    /**
     * What came of a run.
     *
     * @param hash of all that happened
     * @param handed messages given to clients
     * @param faults what happened how often
     */
    record Outcome(long hash, long events, long confirmed, long handed, Map<String, Integer> faults) {}

    private final Random random;
    private final Set<Fix> without;
    private final VirtualTime time = new VirtualTime();
    private final ModelNetwork network;
    private final Ledger ledger = new Ledger(new TreeSet<>(QUEUES));
    private final LossyFaults faults;
    private final Map<String, ModelDisk> disks = new LinkedHashMap<>();
    private final Map<String, LossyStores> stores = new LinkedHashMap<>();
    private final Map<String, Long> clocks = new LinkedHashMap<>();
    private final Map<String, BrokerProcess> processes = new LinkedHashMap<>();
    private final List<LossyClient> clients = new ArrayList<>();
    private LossyAdmin admin;
    private long starts;

    private final Map<Long, ModelDisk.Item> committed = new HashMap<>();
    private final Map<Long, String> leaders = new TreeMap<>();
    private final Map<Long, Long> digests = new HashMap<>();
    /** By term and node: for how long the leader had no connection to it, now and at most. */
    private final Map<String, long[]> silences = new HashMap<>();

    /** In which term a node's registration has ended last. */
    private final Map<String, Long> ended = new HashMap<>();
    /** The first one; null: none so far. */
    private Error fault;

    private String lastLeader = NODES.get(0);

    /** @param storeOf makes a node's store */
    LossyCluster(long seed, Set<Fix> without, Function<String, LossyStores> storeOf) {
        this(seed, without, storeOf, LossyFaults.Kind.ALL);
    }

    /** As above, with some faults only. */
    LossyCluster(long seed, Set<Fix> without, Function<String, LossyStores> storeOf, LossyFaults.Kind kind) {
        this.random = new Random(seed);
        this.without = without;
        this.network = new ModelNetwork(time, new Random(random.nextLong()));
        for (String node : NODES) {
            disks.put(node, new ModelDisk());
            stores.put(node, storeOf.apply(node));
            clocks.put(node, YEAR_2026);
        }
        this.faults = new LossyFaults(this, kind);
    }

    /** On the heap. */
    static Function<String, LossyStores> inMemory() {
        Map<Path, io.tallymq.store.MemoryStore> copies = ModelStores.copies();
        return node -> new ModelStores(copies, 2_000_000);
    }

    // ---- for the actors

    Random random() {
        return random;
    }

    VirtualTime time() {
        return time;
    }

    Ledger ledger() {
        return ledger;
    }

    ModelNetwork network() {
        return network;
    }

    List<String> nodes() {
        return NODES;
    }

    ModelDisk disk(String node) {
        return disks.get(node);
    }

    /** Where the node runs, null when it does not. */
    BrokerProcess process(String node) {
        return processes.get(node);
    }

    /** Who led last. */
    String leader() {
        return lastLeader;
    }

    void setClock(String node, long ahead) {
        clocks.put(node, YEAR_2026 + ahead);
    }

    void start(String node) {
        VirtualProcess process = new VirtualProcess(
                node,
                ++starts,
                time,
                new Random(random.nextLong()),
                () -> clocks.get(node) + time.now() / VirtualTime.MILLI,
                without);
        BrokerProcess made =
                new BrokerProcess(process, network, disks.get(node), stores.get(node), this, config(node), tuning());
        processes.put(node, made);
        compareDigest(node);
    }

    void kill(String node) {
        BrokerProcess process = ended(node);
        process.kill();
        disks.get(node).crash();
        network.died(node);
    }

    void stop(String node) {
        BrokerProcess process = ended(node);
        process.stop();
        disks.get(node).crash();
        network.died(node);
    }

    private BrokerProcess ended(String node) {
        BrokerProcess process = processes.remove(node);
        checkTasks(process);
        clients.forEach(c -> c.died(process));
        admin.died(process);
        return process;
    }

    private static RaftNodeConfig config(String node) {
        List<RaftNodeConfig.Peer> peers =
                NODES.stream().map(n -> new RaftNodeConfig.Peer(n, n, 1, 2)).toList();
        LinkTuning link = LinkTuning.DEFAULTS.withLease(Fencing.of(GRACE).lease());
        RaftTuning defaults = RaftTuning.DEFAULTS;
        return new RaftNodeConfig(
                "test",
                node,
                peers,
                new RaftNodeConfig.Bind(node, 1, 2),
                Path.of(node),
                "secret",
                defaults.withLink(link).withElection(ElectionTuning.DEFAULTS));
    }

    private static RuntimeTuning tuning() {
        RuntimeTuning.Timing t = RuntimeTuning.Timing.DEFAULTS;
        return RuntimeTuning.DEFAULTS.withTiming(
                new RuntimeTuning.Timing(t.tick(), t.blockedAfter(), GRACE, t.resendAfter(), t.retryAfter()));
    }

    // ---- the run

    Outcome run() {
        try {
            return play();
        } finally {
            processes.values().forEach(BrokerProcess::kill);
        }
    }

    private Outcome play() {
        admin = new LossyAdmin(this, NODES.get(random.nextInt(NODES.size())), QUEUES, FANS, WILD);
        NODES.forEach(this::start);
        admin.start();
        sample();
        until(time.now() + BOUND, () -> admin.hasMade() ? null : "the queues were never made");
        addClients();
        clients.forEach(LossyClient::start);
        faults.start();
        long end = time.now() + TROUBLED;
        while (time.now() < end) {
            step();
        }
        clients.forEach(LossyClient::calm);
        admin.calm();
        faults.calm();
        until(time.now() + BOUND, this::unfinished);
        clients.forEach(LossyClient::rest);
        long rest = time.now() + 5 * VirtualTime.SECOND;
        while (time.now() < rest) {
            step();
        }
        judge();
        return new Outcome(time.hash(), time.count(), ledger.confirmed(), ledger.handed(), faults.counts());
    }

    private void step() {
        time.step();
        if (fault != null) {
            throw fault;
        }
    }

    /** A client was told what must not be: its session goes on without what a listener throws. */
    void fault(Error what) {
        fault = fault == null ? what : fault;
    }

    private void until(long most, java.util.function.Supplier<String> missing) {
        long nextLook = 0;
        while (true) {
            if (time.now() >= nextLook) {
                nextLook = time.now() + SAMPLE;
                String what = missing.get();
                if (what == null) {
                    return;
                }
                Ledger.check(
                        time.now() < most, "after %s s of calm: %s; %s", BOUND / VirtualTime.SECOND, what, state());
            }
            step();
        }
    }

    /** What a node has on its way, for who looks for the reason. */
    private String state() {
        List<String> states = new ArrayList<>();
        for (BrokerProcess p : processes.values()) {
            BrokerRuntime r = p.broker().runtime();
            states.add(String.format(
                    "%s%s: %s batches in flight, %s bytes pending, sent %s, again %s, applied %s, leader %s, %s",
                    p.broker().node(),
                    p.process().runs() ? "" : " (stands still)",
                    r.inFlightBatches(),
                    r.pendingBytes(),
                    r.metrics().sentBatches(),
                    r.metrics().resentBatches(),
                    p.log().status().indexes().applied(),
                    p.log().leaderId(),
                    p.log()));
        }
        processes.values().stream().limit(1).forEach(p -> p.broker()
                .read(BrokerView::consumers)
                .forEach(c -> states.add(c.connection() + " consumes " + c.queue() + ", unacked " + c.unacked())));
        return states + " " + clients;
    }

    private void addClients() {
        int n = 0;
        for (String queue : List.of("one", "two", "alone1", "alone2")) {
            add("p" + n++, LossyClient.Plan.publisher("", queue, Set.of(queue), 10 + random.nextInt(80)));
        }
        add("p" + n++, LossyClient.Plan.publisher("", "one", Set.of("one"), 10 + random.nextInt(80)));
        add("f", LossyClient.Plan.publisher("amq.fanout", "", new TreeSet<>(FANS), 20 + random.nextInt(100)));
        add("w", LossyClient.Plan.publisher("", "wild1", Set.of("wild1"), 20 + random.nextInt(100)));
        for (String queue : List.of("one", "one", "one", "two", "two", "fan1", "fan2", "wild1", "wild2")) {
            add("c" + n++, consumer(queue, false));
        }
        for (String queue : List.of("alone1", "alone2", "fan3")) {
            add("a" + n++, consumer(queue, true));
        }
    }

    private LossyClient.Plan consumer(String queue, boolean alone) {
        return LossyClient.Plan.consumer(queue, alone, 1 + random.nextInt(50), 3 + random.nextInt(50));
    }

    private void add(String name, LossyClient.Plan plan) {
        clients.add(new LossyClient(this, name, NODES.get(random.nextInt(NODES.size())), plan));
    }

    private String unfinished() {
        for (String node : NODES) {
            BrokerProcess p = processes.get(node);
            if (p == null || !p.broker().readyToServe()) {
                return node + " does not serve";
            }
        }
        for (LossyClient c : clients) {
            String waits = c.waitsFor();
            if (waits != null) {
                return waits;
            }
        }
        for (BrokerProcess p : processes.values()) {
            for (BrokerView.QueueInfo q : p.broker().read(BrokerView::queues)) {
                if (ledger.isJudged(q.name()) && q.ready() + q.unacked() > 0) {
                    return p.broker().node() + " has " + q.ready() + " ready and " + q.unacked() + " unacked in "
                            + q.name();
                }
            }
        }
        return null;
    }

    private void judge() {
        long applied = -1;
        for (BrokerProcess p : processes.values()) {
            checkTasks(p);
            applied = Math.max(applied, p.broker().<Long>read(BrokerView::appliedIndex));
            compareDigest(p.broker().node());
        }
        for (BrokerProcess p : processes.values()) {
            for (ClusterStatus.Member m : p.broker().status().members()) {
                Ledger.check(
                        m.appliedIndex() >= applied - NOT_TOLD_YET,
                        "%s was never told that %s has applied %s, only %s",
                        p.broker().node(),
                        m.name(),
                        applied,
                        m.appliedIndex());
            }
            ledger.judge(p.broker().read(BrokerView::queues));
        }
    }

    private void checkTasks(BrokerProcess p) {
        Ledger.check(
                p.broker().failedTasks() == 0 || without.contains(Fix.GUARDED_TASKS),
                "%s tasks of %s failed",
                p.broker().failedTasks(),
                p.broker().node());
    }

    private void compareDigest(String node) {
        BrokerView view = processes.get(node).broker().read(v -> v);
        long digest = view.digest();
        Long others = digests.putIfAbsent(view.appliedIndex(), digest);
        Ledger.check(
                others == null || others == digest,
                "%s has another state at %s than others had",
                node,
                view.appliedIndex());
        time.note(digest);
    }

    // ---- who hears whom

    private void sample() {
        for (BrokerProcess p : processes.values()) {
            if (p.process().runs() && p.log().isLeader()) {
                for (String other : NODES) {
                    if (!other.equals(p.broker().node())) {
                        sample(p, other);
                    }
                }
            }
        }
        time.after(SAMPLE, "sample", this::sample);
    }

    private void sample(BrokerProcess leader, String other) {
        long[] silence = silences.computeIfAbsent(leader.log().realTerm() + other, k -> new long[2]);
        silence[0] = leader.log().link().reachable(other) ? 0 : silence[0] + SAMPLE;
        silence[1] = Math.max(silence[0], silence[1]);
    }

    // ---- what the logs tell

    @Override
    public Set<Fix> without() {
        return without;
    }

    @Override
    public void leads(String node, long term) {
        String other = leaders.putIfAbsent(term, node);
        Ledger.check(other == null, "%s and %s lead in term %s", other, node, term);
        lastLeader = node;
    }

    @Override
    public void committed(String node, long index, ModelDisk.Item item) {
        ModelDisk.Item first = committed.putIfAbsent(index, item);
        Ledger.check(
                first == null || first.term() == item.term() && first.sum() == item.sum(),
                "entry %s of %s is another one than the one committed before",
                index,
                node);
    }

    @Override
    public long termOf(long index) {
        return committed.get(index).term();
    }

    @Override
    public void applying(String node, ModelDisk.Item item) {
        processes.get(node).endedRegistrations();
    }

    @Override
    public void applied(String node, long index, long term) {
        if (index % 16 == 0) {
            compareDigest(node);
        }
        if (processes.get(node).endedRegistrations() > 0) {
            ended.put(node, term);
        }
    }

    /** A client was told that its node was lost: the leader must have had a reason. */
    void takenForLost(String node) {
        long term = ended.get(node);
        long[] silence = silences.getOrDefault(term + node, new long[2]);
        Ledger.check(
                silence[1] >= SILENT_SHARE * GRACE.toNanos(),
                "%s was taken for lost in term %s, in which its leader %s missed it for %s ms at most",
                node,
                term,
                leaders.get(term),
                silence[1] / VirtualTime.MILLI);
    }

    @Override
    public void ended(String node, long term) {
        silences.computeIfAbsent(term + node, k -> new long[2])[1] = GRACE.toNanos();
    }

    @Override
    public void installed(String node, Position at) {
        faults.counts().merge("checkpoint installed", 1, Integer::sum);
        compareDigest(node);
    }
}
