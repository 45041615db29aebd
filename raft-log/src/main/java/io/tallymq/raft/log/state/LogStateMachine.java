package io.tallymq.raft.log.state;

import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import io.tallymq.timer.SparseLog;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.util.LifeCycle;
import org.slf4j.LoggerFactory;

/**
 * Connects Ratis to a {@link ReplicatedState}. Entries are applied on Ratis' updater thread itself: one hop less, and
 * the state writes in groups anyway, at {@link ReplicatedState#flush}.
 *
 * <p>A snapshot, for Ratis, is what the store holds durably: taking one writes nothing. A follower that needs one gets
 * a checkpoint of the leader's store, see {@link #notifyInstallSnapshotFromLeader}.
 */
public final class LogStateMachine extends BaseStateMachine {
    private static final CompletableFuture<Message> DONE = CompletableFuture.completedFuture(Message.EMPTY);

    /** What the node does when Ratis tells its state machine something. */
    public interface Node {
        /** The node must not go on, for this reason; {@code cause} may be null. Any thread. */
        void failed(String reason, Throwable cause);

        /**
         * Downloads a checkpoint of {@code leaderId}'s store and installs it by {@link #install}. Blocks.
         *
         * @throws IOException it could not be: Ratis asks again
         */
        void fetchCheckpoint(String leaderId, LogStateMachine machine) throws IOException;

        /** Another node leads, by its id; null: none is known. Must not block. */
        void leaderChanged(String leaderId);

        /** This node leads and takes entries from now on. Must not block. */
        default void leaderReady() {}

        /** One entry more is applied. The applying thread, cheap. */
        void applied();

        /** Ratis closed the server although the node did not ask for it. */
        void serverClosed();
    }

    /** Puts a checkpoint in the place of the store. */
    @FunctionalInterface
    public interface Installation {
        /**
         * Blocks; nothing is applied meanwhile.
         *
         * @return the last entry that the store holds now, durably
         * @throws IOException the store is as it was
         */
        Position run() throws IOException;
    }

    private final ReplicatedState state;
    private final Node node;
    private final Executor checkpoints;
    private final SparseLog unfetched = new SparseLog(LoggerFactory.getLogger(LogStateMachine.class));
    private final EntryBytes entryBytes = new EntryBytes();
    /** Guarded by {@link #applying}. */
    private final Gathered gathered;

    private final LogTail tail;
    private final LatestSnapshot latestSnapshot;

    /** Held while entries are applied and while a checkpoint replaces the store. */
    private final TimedLock applying = new TimedLock();

    /** Guarded by {@link #applying}: nothing may be applied any more. */
    private boolean stopped;

    /** An entry may be applied in part: what is gathered must not be written. */
    private volatile boolean broken;

    /** The log's own flush comes after this one; see {@link #flushAfter}. */
    private final DataApi flushes = new DataApi() {
        @Override
        public CompletableFuture<Void> flush(long index) {
            flushing = index;
            return flushGate;
        }
    };

    /** Up to where the flush on its way goes, or the last one. The log's own thread. */
    private long flushing = -1;

    private volatile CompletableFuture<Void> flushGate = CompletableFuture.completedFuture(null);
    private volatile long installedAtNanos;
    private volatile boolean awaitingReload;
    private volatile RaftLog log;

    /**
     * For one start of a node.
     *
     * @param checkpoints where checkpoints are fetched and installed, which takes minutes
     */
    public LogStateMachine(ReplicatedState state, RaftTuning tuning, Node node, Executor checkpoints) {
        this.state = state;
        this.gathered = new Gathered(tuning.apply());
        this.node = node;
        this.checkpoints = checkpoints;
        this.latestSnapshot = new LatestSnapshot(state::durable);
        this.tail = new LogTail(tuning.snapshot().keep());
        setLastAppliedTermIndex(of(state.applied()));
    }

    /** What lies behind which index. Any thread. */
    public LogTail tail() {
        return tail;
    }

    /**
     * An entry that the log holds at the start: if the store has it, it is not applied again but counts as kept. Before Ratis starts, in the
     * order of the log.
     *
     * @param bytes of the entry's content
     */
    public void logged(long index, int bytes) {
        if (index <= state.applied().index()) {
            tail.applied(index, bytes);
        }
    }

    /** For how many nanoseconds an installed checkpoint has been waiting for Ratis to take notice, 0 if none is. Any thread. */
    public long awaitingReloadNanos() {
        return awaitingReload ? Math.max(1, System.nanoTime() - installedAtNanos) : 0;
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage storage) throws IOException {
        super.initialize(server, groupId, storage);
        getLifeCycle().transition(LifeCycle.State.STARTING);
        getLifeCycle().transition(LifeCycle.State.RUNNING);
    }

    /** There is no data but the entries themselves. */
    @Override
    public DataApi data() {
        return flushes;
    }

    /** The log's flush is done, and took so many nanoseconds. The thread that asked for it. */
    public void flushed(long nanos) {
        state.logFlushed(flushing, nanos);
    }

    /** For tests: the log is flushed only after this completes, as if the disk hung. */
    public void flushAfter(CompletableFuture<Void> gate) {
        flushGate = gate;
    }

    /** Only what this node submitted itself: a stranger's bytes in the log would stop every node, at each start again. */
    @Override
    public TransactionContext startTransaction(RaftClientRequest request) throws IOException {
        TransactionContext transaction = super.startTransaction(request);
        if (!(request.getMessage() instanceof Entry)) {
            transaction.setException(
                    new StateMachineException("Entries come from the nodes themselves: publish over AMQP.", false));
        }
        return transaction;
    }

    @Override
    public TransactionContext preAppendTransaction(TransactionContext transaction) {
        if (entryOf(transaction) instanceof Entry entry) {
            entry.markAppended();
        }
        return transaction;
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto entry = Objects.requireNonNull(transaction.getLogEntry(), "log entry");
        long term = entry.getTerm();
        long index = entry.getIndex();
        if (entryOf(transaction) instanceof Entry submitted) {
            state.replicated(submitted.age());
        }
        try {
            beginApplying();
            try {
                if (index > state.applied().index()) {
                    entryBytes.read(entry.getStateMachineLogEntry().getLogData());
                    int len = entryBytes.len();
                    state.apply(term, index, entryBytes.bytes(), entryBytes.off(), len);
                    entryBytes.clear();
                    setLastAppliedTermIndex(TermIndex.valueOf(term, index));
                    applied(index, len);
                }
            } finally {
                applying.unlock();
            }
        } catch (RuntimeException | Error e) {
            broken = true;
            node.failed("Entry " + index + " could not be applied: " + e.getMessage(), e);
            throw e;
        }
        if (entryOf(transaction) instanceof Entry submitted) {
            submitted.future().complete(new Position(term, index));
        }
        return DONE;
    }

    @Override
    public void notifyTermIndexUpdated(long term, long index) {
        try {
            beginApplying();
            try {
                if (index > state.applied().index()) {
                    state.advance(term, index);
                    setLastAppliedTermIndex(TermIndex.valueOf(term, index));
                    applied(index, 0);
                }
            } finally {
                applying.unlock();
            }
        } catch (RuntimeException | Error e) {
            broken = true;
            node.failed("The position could not be moved to " + index + ": " + e.getMessage(), e);
            throw e;
        }
    }

    private void beginApplying() {
        applying.lock();
        if (stopped) {
            applying.unlock();
            throw new IllegalStateException("This node has stopped");
        }
    }

    /**
     * Nothing is applied or installed any more, whatever Ratis still does. An interrupt ends the wait.
     *
     * @return false if something is being applied all the time: what the log drives must not be closed then
     */
    public boolean stop(Duration most) {
        boolean held = false;
        try {
            held = applying.tryLock(most.toNanos());
            stopped |= held;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (held) {
                applying.unlock();
            }
        }
        return held;
    }

    private void applied(long index, int bytes) {
        node.applied();
        tail.applied(index, bytes);
        if (gathered.add(bytes)) {
            flush();
        } else if (state.isAwaited() && index >= log().getLastCommittedIndex()) {
            state.tell();
        }
    }

    /** What ends the writing leaves the state between two entries: nothing more may be applied, whichever thread it was. */
    private void flush() {
        gathered.clear();
        try {
            state.flush();
        } catch (RuntimeException | Error e) {
            broken = true;
            stopped = true;
            throw e;
        }
    }

    /** Whether the state may have something to write that nobody waits for. Any thread. */
    public boolean hasGathered() {
        return gathered.isSome();
    }

    /**
     * Lets the state write what it has gathered, which may be waiting for more. Waits for what is being
     * applied, and while the store has no room. Any thread.
     */
    public void flushGathered() {
        applying.lock();
        try {
            if (!broken && gathered.isSome()) {
                flush();
            }
        } finally {
            applying.unlock();
        }
    }

    /** How long what is being applied, written or done between two entries has taken by now, in nanoseconds; 0 for nothing. Any thread. */
    public long applyingNanos() {
        return applying.heldNanos();
    }

    /** Runs a task while nothing is applied and all that was is written. Any thread. */
    public void betweenEntries(Runnable task) {
        beginApplying();
        try {
            flushGathered();
            task.run();
        } finally {
            applying.unlock();
        }
    }

    private RaftLog log() {
        RaftLog known = log;
        if (known == null) {
            try {
                known = getServer().join().getDivision(getGroupId()).getRaftLog();
            } catch (IOException e) {
                throw new IllegalStateException("The Raft server does not know its own group", e);
            }
            log = known;
        }
        return known;
    }

    private static Message entryOf(TransactionContext transaction) {
        RaftClientRequest request = transaction.getClientRequest();
        return request == null ? null : request.getMessage();
    }

    /** The last index that the log may be cut at now, -1: nothing. Any thread. */
    public long cutUpTo() {
        long upTo = tail.cutUpTo(state.durable().index());
        // Ratis has to know that the store holds what is not in the log any more: it asks anew, and hears of this index
        // or a later one.
        latestSnapshot.forget();
        return upTo;
    }

    @Override
    public long takeSnapshot() {
        return cutUpTo();
    }

    @Override
    public SnapshotInfo getLatestSnapshot() {
        return latestSnapshot.get();
    }

    /**
     * The leader's log no longer has what this node needs. Ratis repeats this call until the future completes, then
     * calls {@link #pause} and {@link #reinitialize}. The store is replaced before the future completes: a crash
     * in between leaves a store that is ahead of the log, which a start can handle; the reverse it could not.
     */
    @Override
    public CompletableFuture<TermIndex> notifyInstallSnapshotFromLeader(RoleInfoProto role, TermIndex firstInLog) {
        String leaderId = role.getFollowerInfo().getLeaderInfo().getId().getId().toStringUtf8();
        CompletableFuture<TermIndex> installed = new CompletableFuture<>();
        checkpoints.execute(() -> {
            try {
                node.fetchCheckpoint(leaderId, this);
                installedAtNanos = System.nanoTime();
                awaitingReload = true;
                latestSnapshot.forget();
                requireOwnLog();
                installed.complete(of(state.durable()));
            } catch (IOException | RuntimeException e) {
                unfetched.warn("The checkpoint of {} could not be fetched, trying again: {}", leaderId, e.toString());
                installed.completeExceptionally(e);
            } catch (Error e) { // else Ratis would wait for it for ever
                node.failed("The checkpoint of another node could not be fetched: " + e, e);
                installed.completeExceptionally(e);
            }
        });
        return installed;
    }

    /**
     * Ratis drops what a checkpoint covers by whole files, and what lies in one with entries behind it stays. If those are an older leader's, so may
     * be what is covered: this node would send that to others as what was committed, were it to lead.
     *
     * @throws IOException the log did not fill the store: the node ends, and the next start drops it, see {@code LogScan}
     */
    private void requireOwnLog() throws IOException {
        Position durable = state.durable();
        TermIndex last = log().getLastEntryTermIndex();
        if (last != null && last.getIndex() > durable.index() && last.getTerm() < durable.term()) {
            node.failed(
                    "A checkpoint was installed, and the log goes on behind it with what an older leader had: start again to go on without that.",
                    null);
            throw new IOException("the log ends with " + last + ", the store with " + durable);
        }
    }

    /**
     * Replaces the store by a checkpoint, unless the store is further already. Waits for what is being applied; blocks.
     *
     * @param offered what the checkpoint has reached at least
     * @throws IOException the installation could not be begun: the store is as it was. What else it throws ends the node
     */
    public void install(Position offered, Installation installation) throws IOException {
        beginApplying();
        try {
            if (offered.index() <= state.applied().index()) {
                flushGathered();
                state.forceDurable();
                return;
            }
            Position installed = run(installation);
            if (state.durable().index() < installed.index()) {
                throw new IllegalStateException(
                        "The store is not durable after a checkpoint was installed: " + state.durable());
            }
            latestSnapshot.forget();
            setLastAppliedTermIndex(of(installed));
            tail.installed(installed.index());
            gathered.clear();
        } finally {
            applying.unlock();
        }
    }

    /** What throws may have left no store to go on with; the next start finishes it or takes it back. */
    private Position run(Installation installation) throws IOException {
        try {
            return installation.run();
        } catch (RuntimeException | Error e) {
            node.failed("The checkpoint of another node could not be installed: " + e.getMessage(), e);
            throw e;
        }
    }

    @Override
    public void pause() {
        latestSnapshot.forget();
        getLifeCycle().transition(LifeCycle.State.PAUSING);
        getLifeCycle().transition(LifeCycle.State.PAUSED);
    }

    @Override
    public void reinitialize() {
        latestSnapshot.forget();
        getLifeCycle().transition(LifeCycle.State.STARTING);
        setLastAppliedTermIndex(of(state.applied()));
        awaitingReload = false;
        getLifeCycle().transition(LifeCycle.State.RUNNING);
    }

    @Override
    public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
        node.leaderChanged(leader == null ? null : leader.toString());
    }

    @Override
    public void notifyLeaderReady() {
        node.leaderReady();
    }

    @Override
    public void notifyLogFailed(Throwable cause, LogEntryProto entry) {
        node.failed(
                "The log could not be written or read" + (entry == null ? "" : " at entry " + entry.getIndex())
                        + ": check the disk and its free space.",
                cause);
    }

    @Override
    public void notifyServerShutdown(RoleInfoProto role, boolean allServers) {
        node.serverClosed();
    }

    private static TermIndex of(Position position) {
        return TermIndex.valueOf(position.term(), position.index());
    }
}
