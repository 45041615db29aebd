package io.tallymq.raft.log;

import io.tallymq.disk.Directories;
import io.tallymq.raft.log.checkpoint.Checkpoints;
import io.tallymq.raft.log.config.Groups;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.log.election.Fitness;
import io.tallymq.raft.log.election.HandOver;
import io.tallymq.raft.log.election.Lease;
import io.tallymq.raft.log.election.PreVotes;
import io.tallymq.raft.log.files.CommittedMark;
import io.tallymq.raft.log.files.NoRoomException;
import io.tallymq.raft.log.files.NodeIdentity;
import io.tallymq.raft.log.link.ForwardHandler;
import io.tallymq.raft.log.link.NodeLink;
import io.tallymq.raft.log.link.PeerLink;
import io.tallymq.raft.log.link.Rank;
import io.tallymq.raft.log.ratis.BoundedClose;
import io.tallymq.raft.log.ratis.CommitPush;
import io.tallymq.raft.log.ratis.NoRatisMetrics;
import io.tallymq.raft.log.ratis.RaftCalls;
import io.tallymq.raft.log.ratis.RatisSettings;
import io.tallymq.raft.log.ratis.Redial;
import io.tallymq.raft.log.state.LogStateMachine;
import io.tallymq.raft.log.state.NotAcceptedException;
import io.tallymq.raft.log.state.ReplicatedState;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import io.tallymq.raft.log.state.Submissions;
import io.tallymq.timer.Timers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.ExitUtils;

/**
 * One node of the replicated log. An entry is applied on a node after a majority of the nodes, this one among them, has
 * flushed it to its disk.
 *
 * <p>The directory holds {@code node.properties} (whose it is), {@code committed} (see {@link CommittedMark}), {@code log/}
 * (Ratis' own) and, while a checkpoint comes or goes, {@code checkpoints/}.
 */
public final class RaftNode implements ReplicatedLog {
    /** Closing takes a second or two, and for ever after a deadlock. */
    private static final Duration CLOSE_MOST = Duration.ofSeconds(8);

    /** An entry takes milliseconds, and for ever if the disk hangs. */
    private static final Duration QUIET_MOST = Duration.ofSeconds(2);

    private final RaftNodeConfig config;
    private final ReplicatedState state;
    private final ForwardHandler forwards;
    private final FatalHandler fatal;
    private final RaftGroupId groupId;
    private final Submissions submissions;
    private final CommitPush.Followers followers;
    private final RaftCalls calls;
    private final Timers timers = new Timers();
    private final ExecutorService background;
    private final Checkpoints checkpoints;
    private final Redial redial;
    private final NodeLink link;
    private final Lease lease;
    private final LogStateMachine machine;
    final Fitness fitness;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicBoolean failed = new AtomicBoolean();
    private final LeaderNews leaderNews;
    private final RaftDivision division = new RaftDivision();
    private final LeadRequests leadRequests;
    private final Watches watches;

    private CommittedMark committed;
    private NodeIdentity identity;
    private volatile RaftServer server;
    private volatile boolean started;
    private volatile boolean quiet;

    public RaftNode(RaftNodeConfig config, ReplicatedState state, ForwardHandler forwards, FatalHandler fatal) {
        this.config = config;
        this.state = state;
        this.forwards = forwards;
        this.calls = new RaftCalls(config);
        this.followers = new CommitPush.Followers(forwards::hasClients, state::followerFlushed, this::unreadable);
        this.fatal = fatal;
        this.groupId = RatisSettings.groupId(config.clusterName(), Groups.BROKER);
        this.submissions =
                new Submissions(groupId, config.nodeId(), config.tuning().log().maxEntryBytes());
        this.background = Executors.newCachedThreadPool(threads("raft-checkpoint-"));
        this.checkpoints = new Checkpoints(config, state, background, followers);
        this.redial = new Redial(background);
        this.lease = new Lease(
                config.tuning().link().lease(), config.peers().size(), new LeaseHolder(this, state), System::nanoTime);
        this.link = new NodeLink(config, new LinkEvents(this, forwards, lease, redial, checkpoints), timers);
        this.leaderNews = new LeaderNews(config, state);
        this.leadRequests = new LeadRequests(config, division, link, this::handOver, background);
        this.machine = new LogStateMachine(
                state, config.tuning(), new MachineEvents(this, leaderNews, checkpoints), background);
        this.fitness = new Fitness(division::get, this::appliedIndex, machine::applyingNanos);
        this.watches = new Watches(
                this, config, state, machine, division, checkpoints, leaderNews, calls, link, timers, background);
    }

    /** How well this node would lead. Any thread, cheap. */
    Rank rank() {
        return fitness.rank();
    }

    ThreadFactory threads(String name) {
        return task -> {
            Thread thread = new Thread(task, name + config.nodeId());
            thread.setDaemon(true);
            return thread;
        };
    }

    /**
     * Checks the directory and the log, then starts. Returns when the ports listen; a leader may not be known yet.
     *
     * @throws RaftStartException this node must not or can not start; nothing is left running after {@link #close}
     */
    @Override
    public void start() throws RaftStartException {
        ExitUtils.disableSystemExit();
        StartChecks checks = new StartChecks(config, state);
        checks.checksum();
        Path storage = config.raftDir().resolve("log");
        countStart();
        try {
            Directories.delete(checkpoints.dir());
            committed = new CommittedMark(config.raftDir());
            checks.log(committed, machine::logged);
            checks.port();
            link.start();
            startServer(storage);
        } catch (IOException | IllegalStateException | CompletionException e) {
            throw new RaftStartException(
                    "The Raft server could not be started in " + config.raftDir() + ": " + RaftStartException.root(e)
                            + ". See the log above for the reason.",
                    e);
        }
        watches.start(committed);
        started = true;
    }

    /**
     * Checks whose directory this is, claims it if it is new, and counts this start in it, durably. {@link #start} does so too, if
     * it was not done before.
     *
     * @throws RaftStartException it is another node's, another cluster's or a newer version's, or can't be written, or is new and the store is not
     */
    @Override
    public void countStart() throws RaftStartException {
        if (identity == null) {
            new StartChecks(config, state).store();
            identity = NodeIdentity.claim(config.raftDir(), config.clusterName(), config.self());
        }
    }

    /** How often this node was started on its directory, this time included; 0 before {@link #countStart}. */
    @Override
    public long starts() {
        return identity == null ? 0 : identity.starts();
    }

    private void startServer(Path storage) throws IOException {
        calls.preVotesBy(new PreVotes(config, division::get, link, fitness::rank)::refusal);
        NoRatisMetrics.onFlush(config.nodeId(), nanos -> {
            machine.flushed(nanos);
            fitness.flushed(nanos);
        });
        server = RaftServer.newBuilder()
                .setServerId(RaftPeerId.valueOf(config.nodeId()))
                .setGroup(RatisSettings.group(config))
                .setStateMachine(machine)
                .setProperties(RatisSettings.properties(config, storage))
                .setParameters(followers.asParameters(config, calls))
                .setOption(RaftStorage.StartupOption.RECOVER)
                .build();
        server.start();
        division.started(server.getDivision(groupId));
        checkpoints.started(division.get());
    }

    /**
     * Appends an entry; call it on the leader, from one thread (which keeps the order). The array must not be modified
     * any more. Blocks while the log's queue is full.
     *
     * @return completes on the apply thread when the entry is applied here, after {@link ReplicatedState#apply} and
     *     {@link ReplicatedState#flush} if that was due; exceptionally with {@link NotAcceptedException} when it never
     *     will be, with another exception when its fate is unknown
     */
    @Override
    public CompletableFuture<Position> submit(byte[] bytes, int off, int len) {
        RaftServer.Division target = closing.get() || failed.get() ? null : division.get();
        return submissions.submit(target, bytes, off, len);
    }

    /** This node leads and takes entries. Any thread, cheap. */
    @Override
    public boolean isLeader() {
        return division.isLeader();
    }

    /**
     * Whether a majority can't have gone on without this node for long, see {@link Lease}. Not while it closes: to the others it has
     * ended when its ports are. Any thread, cheap.
     */
    @Override
    public boolean holdsLease() {
        return !closing.get() && !failed.get() && lease.holds();
    }

    /** See {@link Lease#gaps}. Any thread, cheap. */
    @Override
    public long leaseGaps() {
        return lease.gaps();
    }

    /** {@code null} when no leader is known. */
    @Override
    public String leaderId() {
        return division.leaderId();
    }

    @Override
    public long term() {
        return division.term();
    }

    @Override
    public long commitIndex() {
        return division.commitIndex();
    }

    /** How many of the log's files that are written to the end have their entries in memory. Any thread. */
    long closedFilesInMemory() {
        return division.closedInMemory();
    }

    /** For tests: how often the sender to a follower has looked for something to send. */
    long looks(String peer) {
        return followers.looks(peer);
    }

    public long appliedIndex() {
        return state.applied().index();
    }

    public Position durable() {
        return state.durable();
    }

    /** A leader is known and this node has applied an entry of its term: what was confirmed before is here. */
    @Override
    public boolean readyToServe() {
        return started
                && !closing.get()
                && leaderId() != null
                && state.applied().term() == term();
    }

    /** A picture of this node. Any thread, also without a majority; reads the directory for the log's size. */
    @Override
    public RaftStatus status() {
        return RaftStatusReader.read(this, config, division.get(), followers, link, closing.get());
    }

    @Override
    public RaftStatus.Role role() {
        return closing.get() ? RaftStatus.Role.STOPPED : RaftStatusReader.role(division.get());
    }

    /** Submitted here and neither applied nor failed. */
    long pendingEntries() {
        return submissions.pending();
    }

    Path logDir() {
        return RatisSettings.logDir(config);
    }

    /** What its ports refused and its log waits for. Any thread. */
    @Override
    public LogGauges gauges() {
        return new LogGauges(
                calls.refused(),
                link.refused(),
                checkpoints.holds().count(),
                fitness.pendingNanos(),
                division.flushIndex(),
                machine.applyingNanos(),
                fitness.rank());
    }

    @Override
    public boolean lead(String node) {
        return leadRequests.lead(node);
    }

    HandOver handOver() {
        return new HandOver(config, server, groupId, followers, link);
    }

    /** What is known of the followers is this term's as soon as this node takes entries: before that it may be of a term in which they had others. */
    @Override
    public long everywhere() {
        return division.everywhere(config, followers);
    }

    /** The last one of the log, flushed or not. */
    Position lastEntry() {
        return division.lastEntry();
    }

    /** How often something that runs by the clock has failed. Any thread. */
    @Override
    public long failedTasks() {
        return timers.failures();
    }

    /** To the other nodes. */
    @Override
    public PeerLink link() {
        return link;
    }

    /** Where copies of the store may be made: on its file system, and nothing in there outlives a start. */
    @Override
    public Path copiesDirectory() {
        return checkpoints.dir();
    }

    /**
     * Runs a task while no entry is applied and all that was applied is written. Entries wait meanwhile, and with them this node's clients. Any
     * thread but the applying one.
     */
    @Override
    public void betweenEntries(Runnable task) {
        machine.betweenEntries(task);
    }

    Watches watches() {
        return watches;
    }

    /** Null before the start. */
    RaftServer server() {
        return server;
    }

    boolean isClosing() {
        return closing.get();
    }

    /** Something has happened that an election may follow. */
    void lookSoon() {
        watches.lookSoon();
    }

    /** It can not go on: who is told logs it. */
    void fail(String reason, Throwable cause) {
        if (!closing.get() && failed.compareAndSet(false, true)) {
            NoRoomException full = NoRoomException.in(config.raftDir(), cause);
            if (full != null) {
                fatal.onFatal(full.getMessage(), full);
                return;
            }
            fatal.onFatal(reason, cause);
        }
    }

    /** A node whose log is sound has to lead. No mark is left: the next start reads all of the log, and refuses what is damaged. */
    private void unreadable(String follower, long from, IOException cause) {
        fail(
                "The log can not be read from entry " + from + " on, which node '" + config.nameOf(follower)
                        + "' needs (" + RaftStartException.root(cause)
                        + "): another node has to lead. Look at the disk;"
                        + " the next start reads all of the log and says what is damaged.",
                cause);
    }

    /** Hands leadership over if this node leads, makes the state durable and stops. */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        if (!failed.get() && isLeader()) {
            handOver().run();
        }
        stop();
        if (!failed.get() && started) {
            if (isQuiet()) { // a store without room would be waited for for ever, and the log has it all
                quiet = BoundedClose.run("last write of the store", machine::flushGathered, QUIET_MOST);
            }
            state.forceDurable();
        }
    }

    /** For tests: the log is flushed only after this completes, as if the disk hung. */
    void flushAfter(CompletableFuture<Void> gate) {
        machine.flushAfter(gate);
    }

    /** Nothing is applied any more and nothing will be: what the log drives may be closed. Any thread. */
    @Override
    public boolean isQuiet() {
        return quiet;
    }

    /** Ends without a word to anybody and without making anything durable: for tests, as close to a crash as it gets. */
    void abandon() {
        closing.set(true);
        stop();
    }

    private void stop() {
        watches.stop();
        link.close();
        if (server != null) {
            BoundedClose.run("Raft server", server, CLOSE_MOST);
        }
        quiet = machine.stop(QUIET_MOST);
        background.shutdownNow();
        if (committed != null) {
            watches.closeMark(committed, QUIET_MOST);
        }
    }
}
