package io.tallymq.raft;

import io.tallymq.raft.ModelDisk.Item;
import io.tallymq.raft.log.FatalHandler;
import io.tallymq.raft.log.LogGauges;
import io.tallymq.raft.log.RaftStatus;
import io.tallymq.raft.log.ReplicatedLog;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.election.ModelLease;
import io.tallymq.raft.log.link.ForwardHandler;
import io.tallymq.raft.log.link.Rank;
import io.tallymq.raft.log.state.NotAcceptedException;
import io.tallymq.raft.log.state.ReplicatedState;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Raft in small, in place of Ratis and of what the product puts around it: {@link ModelElection}, {@link ModelReplication},
 * {@link ModelApplying} and {@link ModelCheckpoints} on a {@link ModelDisk}. What the state sees is what the product's log promises: see
 * {@link ReplicatedState} and {@link ReplicatedLog}.
 */
final class ModelLog implements ReplicatedLog {
    private static final long LOOK = 25 * VirtualTime.MILLI;
    private static final long MARK = 100 * VirtualTime.MILLI;
    private static final long TIDY = VirtualTime.SECOND;
    /** Entries: a log that is cut often needs checkpoints often, and the outbox of who gets one is empty then. */
    private static final int OFTEN = 400;

    private static final int SELDOM = 100_000;

    /** What a log has to know of the cluster that it is a model in. */
    interface World {
        /** Whether an entry is the one that others had committed at this index; the first one decides. */
        void committed(String node, long index, Item item);

        /** The term of the entry that was committed at this index. */
        long termOf(long index);

        /** Before and after the state gets an entry. */
        void applying(String node, Item item);

        void applied(String node, long index, long term);

        /** A term has a leader. */
        void leads(String node, long term);

        void installed(String node, Position at);

        /** The leader of this term was asked whether a node's process has ended, and said so. */
        void ended(String node, long term);

        Set<Fix> without();
    }

    /** What a model is made of. */
    record Parts(VirtualProcess process, ModelNetwork network, ModelDisk disk, StoreProvider stores, World world) {}

    private final RaftNodeConfig config;
    private final ReplicatedState state;
    private final VirtualProcess process;
    private final ModelNetwork network;
    private final ModelDisk disk;
    private final StoreProvider stores;
    private final World world;
    private final ModelLease lease;
    private final ModelLink link;
    private final ModelElection election;
    private final ModelReplication replication;
    private final ModelApplying applying;
    private final ModelCheckpoints checkpoints;

    /** Applied entries between two cuts of the log, and how many stay. */
    private final int cutAfter;

    private final int keep;
    private long cutAt;
    private String toldLeader;
    private long toldTerm = -1;
    private boolean stopped;
    private boolean quiet;

    ModelLog(Parts parts, RaftNodeConfig config, ReplicatedState state, ForwardHandler forwards, FatalHandler fatal) {
        this.config = config;
        this.state = state;
        this.process = parts.process();
        this.network = parts.network();
        this.disk = parts.disk();
        this.stores = parts.stores();
        this.world = parts.world();
        this.lease = new ModelLease(
                config.tuning().link().lease(),
                config.peers().size(),
                this::isLeader,
                this::realTerm,
                state::told,
                this::committed,
                process::nanoTime);
        this.link =
                new ModelLink(this, network, forwards, others(), config.tuning().link());
        this.election = new ModelElection(this, parts, config.tuning().election());
        this.replication = new ModelReplication(this, parts);
        this.applying = new ModelApplying(this, parts, state, fatal);
        this.checkpoints = new ModelCheckpoints(this, parts, state, fatal);
        this.cutAfter = 30 + process.random().nextInt(process.random().nextInt(2) == 0 ? SELDOM : OFTEN);
        this.keep = process.random().nextInt(60);
    }

    // ---- for its parts, and for those of other nodes

    String node() {
        return config.nodeId();
    }

    List<String> others() {
        return config.peers().stream()
                .map(RaftNodeConfig.Peer::id)
                .filter(id -> !id.equals(config.nodeId()))
                .toList();
    }

    VirtualProcess process() {
        return process;
    }

    World world() {
        return world;
    }

    ModelElection election() {
        return election;
    }

    ModelReplication replication() {
        return replication;
    }

    ModelApplying applying() {
        return applying;
    }

    ModelCheckpoints checkpoints() {
        return checkpoints;
    }

    ModelLease lease() {
        return lease;
    }

    boolean isStopped() {
        return stopped;
    }

    private Position committed() {
        return new Position(disk.term, replication.commit());
    }

    Position last() {
        return disk.lastPosition();
    }

    void sawEnd(String peer) {
        world.ended(peer, disk.term);
    }

    /** Whatever the product is shown. */
    long realTerm() {
        return disk.term;
    }

    /** A term as the product is shown it, which can't tell terms apart if all are the same one. */
    long shown(long term) {
        return world.without().contains(Fix.DECIDED_IN_TERM) ? 1 : term;
    }

    @Override
    public String toString() {
        return "log " + disk.base() + " to " + disk.last() + ", flushed " + disk.flushed() + ", committed "
                + replication.commit() + (checkpoints.isReloading() ? ", reloading" : "")
                + (replication.isFlushing() ? ", flushing" : "") + (applying.isUnderWay() ? ", applying" : "");
    }

    // ---- the product's side

    @Override
    public ModelLink link() {
        return link;
    }

    @Override
    public void countStart() {
        disk.starts++;
    }

    @Override
    public long starts() {
        return world.without().contains(Fix.UNIQUE_STARTS) ? 0 : disk.starts;
    }

    @Override
    public void start() {
        Position durable = state.durable();
        if (durable.index() > disk.last()
                || durable.index() > disk.base() && disk.termAt(durable.index()) != world.termOf(durable.index())) {
            disk.restart(durable.index(), world.termOf(durable.index()));
        } else if (durable.index() < disk.base()) {
            throw new AssertionError(
                    node() + ": the log begins at " + (disk.base() + 1) + ", the store ends at " + durable);
        }
        replication.committed(Math.max(durable.index(), Math.min(disk.mark, disk.flushed())));
        election.start();
        network.started(this);
        link.start();
        look();
        mark();
        tidy();
        applying.start();
    }

    @Override
    public CompletableFuture<Position> submit(byte[] bytes, int off, int len) {
        if (!election.leads() || stopped) {
            return refused(NotAcceptedException.Reason.NOT_LEADER);
        }
        if (!isLeader()) {
            return refused(NotAcceptedException.Reason.LEADER_NOT_READY);
        }
        CompletableFuture<Position> future = applying.expect(disk.last() + 1, disk.term);
        replication.append(Item.of(disk.term, bytes));
        return future;
    }

    private static CompletableFuture<Position> refused(NotAcceptedException.Reason reason) {
        return CompletableFuture.failedFuture(new NotAcceptedException(reason, "not now"));
    }

    @Override
    public boolean isLeader() {
        return election.leads() && !stopped && state.applied().index() >= replication.firstOfTerm();
    }

    @Override
    public boolean holdsLease() {
        boolean unbound = world.without().contains(Fix.DECIDED_IN_TERM) && isLeader();
        return !stopped && (unbound || lease.holds());
    }

    @Override
    public long leaseGaps() {
        return lease.gaps();
    }

    @Override
    public String leaderId() {
        return election.leader();
    }

    @Override
    public long term() {
        return shown(disk.term);
    }

    @Override
    public boolean readyToServe() {
        return !stopped && leaderId() != null && state.applied().term() == term();
    }

    @Override
    public RaftStatus.Role role() {
        return election.role();
    }

    @Override
    public long commitIndex() {
        var unused = durableIndex(); // what a node reports was asked for together
        return replication.commit();
    }

    private long durableIndex() {
        return world.without().contains(Fix.ABSENT_STORE)
                ? indexOf(stores.durable())
                : state.durable().index();
    }

    private static long indexOf(io.tallymq.broker.store.MessageStore.Applied a) {
        return a == null ? -1 : a.index();
    }

    @Override
    public RaftStatus status() {
        RaftStatus.Indexes indexes = new RaftStatus.Indexes(
                disk.flushed(), replication.commit(), state.applied().index(), durableIndex());
        return new RaftStatus(node(), role(), leaderId(), term(), indexes, applying.expected(), 0, Rank.FIT, List.of());
    }

    @Override
    public long failedTasks() {
        return 0;
    }

    @Override
    public boolean lead(String node) {
        return false; // nobody asks in a model
    }

    @Override
    public LogGauges gauges() {
        return new LogGauges(0, 0, 0, 0, -1, 0, Rank.FIT);
    }

    @Override
    public boolean isQuiet() {
        return quiet;
    }

    /** A crash has killed the process before this; else it is an orderly end. */
    @Override
    public void close() {
        stopped = true;
        if (process.isAlive()) {
            applying.flush();
            state.forceDurable();
            quiet = true;
        }
    }

    // ---- time

    private void look() {
        election.look();
        tellLeader();
        process.after(LOOK, "look", this::look);
    }

    private void tellLeader() {
        String leader = leaderId();
        if (!Objects.equals(leader, toldLeader) || toldTerm != disk.term && leader != null) {
            toldLeader = leader;
            toldTerm = disk.term;
            state.leaderChanged(leader, term());
        }
    }

    private void mark() {
        disk.mark = Math.max(disk.mark, replication.applicable());
        process.after(MARK, "mark", this::mark);
    }

    private void tidy() {
        if (!checkpoints.isReloading()) {
            applying.flush();
            long applied = state.applied().index();
            if (applied - cutAt >= cutAfter) {
                cutAt = applied;
                state.forceDurable();
                disk.cut(Math.min(state.durable().index() - keep, disk.last() - 1));
            } else if (process.random().nextInt(6) == 0) {
                state.forceDurable(); // as a store does by itself
            }
        }
        process.after(TIDY, "tidy", this::tidy);
    }
}
