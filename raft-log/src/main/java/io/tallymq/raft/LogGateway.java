package io.tallymq.raft;

import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.UnknownFormatException;
import io.tallymq.format.Versions;
import io.tallymq.raft.anatomy.ClusterAnatomy;
import io.tallymq.raft.anatomy.Phase;
import io.tallymq.raft.cluster.ClusterView;
import io.tallymq.raft.cluster.LeaderClock;
import io.tallymq.raft.entry.BatchCodec;
import io.tallymq.raft.entry.EntryQueue;
import io.tallymq.raft.log.FatalHandler;
import io.tallymq.raft.log.RaftStatus;
import io.tallymq.raft.log.ReplicatedLog;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.link.ForwardHandler;
import io.tallymq.raft.session.Replicator;
import io.tallymq.raft.vitals.ClusterVitals;
import io.tallymq.raft.vitals.NodeVitals;
import io.tallymq.timer.Rhythm;
import io.tallymq.timer.SparseLog;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's way to the leader, and the leader's side of it. Batches go to the log in this process when this node leads, else
 * over the nodes' link. Over the same link the nodes tell each other how far they are.
 */
final class LogGateway implements Replicator, ClusterView, ForwardHandler, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogGateway.class);
    /** First byte of a message that is no batch. */
    private static final byte REPORT = (byte) 0xff;
    /** Between a traced message and the report that tells of it: the rest of what is known of it comes meanwhile. */
    private static final long TRACE_NANOS = Duration.ofMillis(20).toNanos();

    /** Between two reports when something has changed. */
    private static final Duration REPORT_OFTEN = Duration.ofMillis(500);

    private static final Duration REPORT_SELDOM = Duration.ofSeconds(2);

    private static final byte[] NO_NOTE = {};
    /** A node without clients that sent a batch so lately waits for it; longer than it takes to report the client. */
    private static final long QUIET_NANOS = REPORT_SELDOM.plus(REPORT_OFTEN).toNanos();

    private final SparseLog refusals = new SparseLog(LOG);
    private final RaftNodeConfig config;
    private final Platform platform;
    private final NodeReports reports = new NodeReports();
    private final ClusterVitals vitals;
    private final ConfirmTimes confirmTimes;
    private final AtomicBoolean tracesDue = new AtomicBoolean();
    private final FatalHandler fatal;
    private final AtomicBoolean tooOld = new AtomicBoolean();
    /** {@link System#nanoTime} of the last batch of another node. */
    private final Map<String, AtomicLong> batches = new ConcurrentHashMap<>();

    private final ScheduledExecutorService reporter;
    /** Appends what waited: not the thread that reports, which asks the store how far it is and may wait for it. */
    private final ScheduledExecutorService appender;

    /** Its thread answers other nodes' questions. */
    private final ScheduledExecutorService asker;

    private final Questions questions;
    private final MemberCopies copies;
    private final LeaderAhead leaderAhead;
    private final EntryQueue entries;
    private final LeaderClock clock;
    private ReplicatedLog raft;
    private BrokerRuntime runtime;
    private Supplier<RaftState.Positions> positions;
    private Rhythm reporting;
    /** The reporting thread: what was told last. */
    private NodeReport reported;

    /** @param linger how long an entry waits for other nodes' batches at most */
    LogGateway(RaftNodeConfig config, Platform platform, FatalHandler fatal, Duration linger) {
        this.config = config;
        this.platform = platform;
        this.fatal = fatal;
        this.clock = new LeaderClock(platform::currentTimeMillis, platform::nanoTime);
        this.vitals = new ClusterVitals(config.nodeId(), config::nameOf);
        this.confirmTimes = new ConfirmTimes(platform::nanoTime);
        this.leaderAhead = new LeaderAhead(config, platform);
        this.reporter = platform.scheduler(config.nodeId() + "-report");
        this.appender = platform.scheduler(config.nodeId() + "-append");
        this.asker = platform.scheduler(config.nodeId() + "-ask");
        this.questions = new Questions(platform.nanoTime(), asker);
        this.copies = new MemberCopies(
                config, platform, reports, (nanos, what) -> after(appender, nanos, "asking who has all copies", what));
        this.entries = new EntryQueue(
                entry -> raft.submit(entry, 0, entry.length),
                action -> appendAfter(0, action),
                this::appendAfter,
                platform::nanoTime,
                linger.toNanos(),
                () -> runtime.pacer().isFull(),
                e -> failed("Entries can't be appended any more: " + e, e));
    }

    void connect(ReplicatedLog node, BrokerRuntime broker, Supplier<RaftState.Positions> ownPositions) {
        raft = node;
        copies.connect(node);
        runtime = broker;
        confirmTimes.connect(broker);
        entries.measure(broker.metrics().phases().of(Phase.QUEUE));
        positions = ownPositions;
        questions.connect(this::sendTo, broker.timers());
        broker.tracing().connect(others(), entries::waited, this::tellTraces);
        reporting = new Rhythm(
                broker.timers(), reporter, REPORT_OFTEN, REPORT_SELDOM, "reporting to the other nodes", this::report);
    }

    void start() {
        reporting.start();
        reporting.hurry();
    }

    @Override
    public void close() {
        reporter.shutdownNow();
        appender.shutdownNow();
        asker.shutdownNow();
    }

    /** What front ends ask each other. */
    Questions questions() {
        return questions;
    }

    private boolean sendTo(String node, byte[] bytes) {
        NodeReport report = reports.of(node);
        return report != null
                && report.levels().max() >= Questions.LEVEL
                && raft.link().forward(node, bytes, 0, bytes.length);
    }

    /**
     * Some time, on the thread that reports.
     *
     * @param what names the action in the log
     */
    void later(String what, Runnable action) {
        after(reporter, 0, what, action);
    }

    private void appendAfter(long nanos, Runnable action) {
        after(appender, nanos, "appending an entry", action);
    }

    private void after(ScheduledExecutorService on, long nanos, String what, Runnable action) {
        try {
            var unused = runtime.timers().after(on, nanos, TimeUnit.NANOSECONDS, what, action);
        } catch (RejectedExecutionException e) {
            LOG.debug("The node has stopped: no more {}", what, e);
        }
    }

    /** What was applied here has this time, in milliseconds since 1970. */
    void applied(long time) {
        clock.applied(time);
    }

    int waitingBatches() {
        return entries.waiting();
    }

    // ---- sending

    @Override
    public boolean send(byte[] bytes, boolean again) {
        String leader = raft.leaderId();
        if (leader == null) {
            return false;
        }
        if (!leader.equals(config.nodeId())) {
            return raft.link().forward(leader, bytes, 0, bytes.length);
        }
        append(config.nodeId(), again ? bytes.clone() : bytes, () -> refusedBy(config.nodeId()));
        return true;
    }

    /** Stamps the time, which the leader alone does, and gives the batch to the log. */
    private void append(String node, byte[] bytes, Runnable refused) {
        boolean patient = BatchCodec.isPatient(bytes);
        int work = BatchCodec.work(bytes); // it stands where the time will be
        BatchCodec.stamp(bytes, 0, clock.stamp());
        entries.add(node, bytes, patient, work, refused);
    }

    @Override
    public void failed(String reason, Throwable cause) {
        if (!reporter.isShutdown()) {
            fatal.onFatal(reason, cause);
        }
    }

    @Override
    public boolean certain() {
        return raft.isLeader(); // nobody else knows what became of each batch: it may vanish, and so may its refusal
    }

    // ---- what comes over the link

    @Override
    public void onBatch(String fromNode, byte[] bytes) {
        if (bytes.length > 0 && bytes[0] == REPORT) {
            ByteReader r = new ByteReader(bytes, 1, bytes.length - 1);
            NodeReport report = NodeReport.read(r);
            checkLevel(fromNode, report.level());
            vitals.read(fromNode, r, (tag, value) -> confirmTimes.read(fromNode, tag, value));
            reports.heard(fromNode, report);
            alarm();
            if (fromNode.equals(raft.leaderId())) {
                runtime.goOn();
            }
            copies.answered();
        } else if (!questions.take(fromNode, bytes)) {
            batches.computeIfAbsent(fromNode, n -> new AtomicLong()).lazySet(platform.nanoTime());
            String refusal = BatchCodec.refusal(bytes);
            if (refusal == null) {
                append(fromNode, bytes, () -> raft.link().refuse(fromNode, NO_NOTE));
            } else {
                refusals.warn("A batch of node '{}' was refused: {}", config.nameOf(fromNode), refusal);
                raft.link().refuse(fromNode, refusal.getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    /** This node would have to end when it comes to the entry that raised the other one: better before it takes any. */
    private void checkLevel(String node, int level) {
        if (level > runtime.levels().max() && tooOld.compareAndSet(false, true)) {
            fatal.onFatal(
                    UnknownFormatException.level(
                            "The cluster, as node '" + config.nameOf(node) + "' says,", level, runtime.levels()),
                    null);
        }
    }

    @Override
    public boolean hasClients(String peer) {
        NodeReport report = reports.of(peer);
        if (report == null || report.clients()) {
            return true;
        }
        AtomicLong last = batches.get(peer);
        return last != null && platform.nanoTime() - last.get() < QUIET_NANOS;
    }

    @Override
    public void onRefused(String byNode, byte[] note) {
        if (note.length > 0) {
            refusals.warn(
                    "Node '{}' refused a batch: {}", config.nameOf(byNode), new String(note, StandardCharsets.UTF_8));
        }
        refusedBy(byNode);
    }

    private void refusedBy(String node) {
        if (counts(node, raft.leaderId())) {
            runtime.retryLater();
        }
    }

    /**
     * Of one that leads no more it is no news: all goes to the next leader as soon as that is known, see {@link #leaderChanged}. While none is known, the
     * one before may still lead: Ratis forgets it while it asks whether it would be elected.
     *
     * @param leader null if none is known
     */
    static boolean counts(String refuser, String leader) {
        return leader == null || refuser.equals(leader);
    }

    @Override
    public void onAnswer(String peer) {
        copies.answered();
    }

    @Override
    public void onLinkUp(String peer) {
        reporting.hurry();
        runtime.lookSoon();
        sendAgain(peer);
    }

    @Override
    public void onLinkDown(String peer) {
        forget(peer);
        confirmTimes.lost(peer);
        runtime.lookSoon();
    }

    /** Its last report may have come after the link went down. While that is up the peer lives, and soon tells again. */
    @Override
    public void onUnheard(String peer) {
        if (!raft.link().reachable(peer)) {
            forget(peer);
        }
    }

    private void forget(String peer) {
        reports.forget(peer);
        vitals.lost(peer);
        confirmTimes.forget(peer);
        alarm();
    }

    /** One at a time: who has looked first must not tell last. */
    private void alarm() {
        synchronized (vitals) {
            runtime.alarm(vitals.alarm());
            runtime.fullHeap(vitals.fullHeap());
        }
    }

    @Override
    public void onWritable(String peer) {
        sendAgain(peer);
    }

    private void sendAgain(String peer) {
        if (peer.equals(raft.leaderId())) {
            runtime.connected();
        }
    }

    void leaderChanged(String leader) {
        reporting.hurry();
        runtime.lookSoon();
        if (leader != null) {
            runtime.connected();
        }
    }

    /** This node takes entries: its own go again, and others hear by a report that theirs may. */
    void leaderReady() {
        reporting.hurry();
        runtime.goOn();
    }

    // ---- the cluster as this node knows it

    /** How this node is; the others hear it with the next report. Any thread. */
    void vitals(NodeVitals own) {
        boolean turned = vitals.own(own);
        alarm();
        if (turned) {
            reporting.hurry();
        }
    }

    /** Of this node and of all that it or the leader hears of. Any thread. */
    SortedMap<String, NodeVitals> vitals() {
        return vitals.known();
    }

    /** What another node last told of the phases of confirms; null when nothing is heard of it. Any thread. */
    ClusterAnatomy.Told anatomy(String name) {
        return config.peers().stream()
                .filter(p -> p.name().equals(name))
                .findFirst()
                .map(p -> confirmTimes.of(p.id()))
                .orElse(null);
    }

    /** Returns whether this node is another than at the last report. The reporting thread. */
    private boolean report() {
        RaftStatus.Role role = raft.role();
        NodeReport own = own(role);
        boolean changed = !own.equals(reported);
        reported = own;
        copies.look(own.commit());
        String leader = raft.leaderId();
        leaderAhead.look(
                leader, reports.of(leader), own.commit(), () -> raft.gauges().flushPendingNanos());
        ByteWriter w = new ByteWriter(128).uint8(REPORT);
        own.write(w);
        vitals.write(w, role == RaftStatus.Role.LEADER);
        confirmTimes.write(w);
        byte[] bytes = w.toBytes();
        for (String other : others()) {
            if (raft.link().reachable(other)) {
                boolean more = confirmTimes.send(other, bytes, b -> raft.link().forward(other, b, 0, b.length));
                if (more) {
                    tellTraces();
                }
            }
        }
        return changed;
    }

    /** Tells the others of traced messages soon, and of all that come until then together. Any thread. */
    private void tellTraces() {
        if (tracesDue.compareAndSet(false, true)) {
            after(reporter, TRACE_NANOS, "telling of traced messages", () -> {
                tracesDue.set(false);
                var unused = report();
            });
        }
    }

    private NodeReport own(RaftStatus.Role role) {
        RaftState.Positions at = positions.get();
        return new NodeReport(
                role.name(),
                raft.term(),
                raft.commitIndex(),
                at.applied(),
                at.durable(),
                runtime.sessions() > 0,
                runtime.level(),
                runtime.levels());
    }

    /** Who has what of the log. Any thread. */
    MemberCopies copies() {
        return copies;
    }

    @Override
    public ClusterStatus status() {
        RaftStatus s = raft.status();
        return new ClusterPicture(config, own(s.role()), reports::of, raft.link()::reachable)
                .status(s, raft.readyToServe() && !runtime.isStuck(), runtime.level());
    }

    @Override
    public long leadingTerm() {
        long term = raft.term();
        // Terms only grow: whoever led while it was this one before and after leads in this one.
        return raft.isLeader() && raft.term() == term ? term : NOT_LEADING;
    }

    @Override
    public boolean holdsLease() {
        return raft.holdsLease();
    }

    @Override
    public long leaseGaps() {
        return raft.leaseGaps();
    }

    @Override
    public String nameOf(String node) {
        return config.nameOf(node);
    }

    @Override
    public Collection<String> others() {
        return config.peers().stream()
                .map(RaftNodeConfig.Peer::id)
                .filter(id -> !id.equals(config.nodeId()))
                .toList();
    }

    @Override
    public boolean ended(String node) {
        return raft.link().ended(node);
    }

    @Override
    public Versions levels(String node) {
        NodeReport report = reports.of(node);
        return report == null ? null : report.levels();
    }

    @Override
    public boolean reachable(String node) {
        return raft.link().reachable(node);
    }
}
