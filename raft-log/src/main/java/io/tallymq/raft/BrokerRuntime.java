package io.tallymq.raft;

import io.tallymq.broker.Broker;
import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.Session;
import io.tallymq.broker.SessionListener;
import io.tallymq.broker.browse.Browse;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.CommandCodec;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.filter.FilterScan;
import io.tallymq.broker.filter.MessageFilter;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.UnreadableEntryException;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.AccessView;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.format.Versions;
import io.tallymq.raft.cluster.ClusterView;
import io.tallymq.raft.cluster.Fencing;
import io.tallymq.raft.pace.Pacer;
import io.tallymq.raft.session.Applier;
import io.tallymq.raft.session.Blocking;
import io.tallymq.raft.session.ClientSession;
import io.tallymq.raft.session.Epochs;
import io.tallymq.raft.session.Outbox;
import io.tallymq.raft.session.PendingReply;
import io.tallymq.raft.session.Replica;
import io.tallymq.raft.session.Replicator;
import io.tallymq.raft.session.RuntimeMetrics;
import io.tallymq.raft.session.RuntimeTuning;
import io.tallymq.raft.session.Submitter;
import io.tallymq.raft.session.Tracing;
import io.tallymq.raft.session.Withholding;
import io.tallymq.timer.Timers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The broker of one node on top of some replicated log: gathers commands into batches, sends them through a
 * {@link Replicator}, applies what the log brings, and tells the sessions.
 *
 * <p>Threads: sessions on their event loops, one that submits, one that applies (the log's: {@link #apply},
 * {@link #advance}, {@link #flush}, {@link #restart}), a clock, and the readers.
 */
public final class BrokerRuntime implements Broker, AutoCloseable {
    /**
     * What a runtime is made of.
     *
     * @param epochs numbers of the node's registrations
     * @param platform clocks and threads
     */
    public record Parts(
            String node,
            MessageStore store,
            ClusterView cluster,
            Epochs epochs,
            Platform platform,
            RuntimeTuning tuning) {}

    private final String node;
    private final ClusterView cluster;
    private final RuntimeTuning tuning;
    private final Platform platform;
    private final RuntimeMetrics metrics;
    private final Replica replica;
    private final Outbox outbox;
    private final Applier applier;
    private final Readers readers;
    private final Blocking blocking;
    private final Growth growth = new Growth(this::read);
    private final Withholding withholding;
    private final Duties duties;
    private final Versions levels;
    private final Submitter submitter;
    private final Pacer pacer;
    private final Tracing tracing;
    /** Waits for the end of submitting; null before {@link #start}. */
    private Runnable submitting;

    BrokerRuntime(Parts parts, BrokerMachine machine, Replicator replicator) {
        this.node = parts.node();
        this.cluster = parts.cluster();
        this.tuning = parts.tuning();
        this.platform = parts.platform();
        this.metrics = new RuntimeMetrics(platform::nanoTime);
        this.replica = new Replica(machine, platform::awaitRoom);
        this.readers = new Readers(node, parts.store(), tuning.reading());
        this.pacer = new Pacer(tuning.pace(), platform::nanoTime, platform::processorsInUse);
        this.outbox = new Outbox(node, tuning, platform::nanoTime, pacer::isFull, (vhost, name) -> replica.policyWork()
                .steps(vhost, name));
        this.tracing = new Tracing(node, tuning.traces(), platform::nanoTime, metrics);
        outbox.measure(metrics.phases(), tracing);
        this.applier = new Applier(node, replica, outbox, parts.epochs(), pacer, metrics, tracing, platform.answers());
        this.blocking = new Blocking(outbox, metrics);
        Fencing fencing = Fencing.of(tuning.timing().nodeLostAfter());
        this.withholding =
                new Withholding(cluster, outbox, metrics, fencing.reset().toNanos(), platform::nanoTime);
        this.levels = machine.levels();
        this.submitter =
                new Submitter(outbox, replicator, metrics, tuning.batches().packing());
        this.duties = new Duties(
                parts,
                fencing,
                levels,
                replica,
                outbox,
                replicator,
                pacer,
                metrics,
                blocking,
                withholding,
                this::submit);
    }

    /** Registers the node and begins to send. Entries may be applied from now on. */
    public void start() {
        BrokerMachine machine = replica.lock();
        try {
            applier.registerAnew(machine);
        } finally {
            replica.unlock();
        }
        submitting = platform.run(node + "-submit", submitter);
        duties.start();
    }

    // ---- for front ends

    @Override
    public Session connect(String vhost, SessionListener listener, Executor loop) {
        ClientSession session = outbox.connect(listener, loop, withholding::mayDeliver);
        withholding.joined(session);
        blocking.joined(session);
        return session;
    }

    @Override
    public CompletableFuture<Reply> submit(Command command) {
        Reply.Rejected refusal = refusal(command);
        if (refusal != null) {
            return CompletableFuture.completedFuture(refusal);
        }
        ByteWriter w = new ByteWriter();
        CommandCodec.write(w, node, command);
        CompletableFuture<Reply> future = new CompletableFuture<>();
        outbox.command(w, outbox.units(command), future);
        return future;
    }

    @Override
    public Reply.Rejected refusal(Command command) {
        return growth.refusal(command);
    }

    @Override
    public <T> T read(Function<BrokerView, T> look) {
        return replica.read(look);
    }

    @Override
    public <T> CompletableFuture<T> readLater(Function<BrokerView, T> look) {
        return readers.look(() -> read(look));
    }

    @Override
    public AccessView access() {
        return replica.access();
    }

    @Override
    public CompletableFuture<ChunkBody> load(Chunk chunk) {
        return readers.load(chunk);
    }

    @Override
    public CompletableFuture<List<Chunk>> chunks(long queue, long offset, int most) {
        return readers.chunks(queue, offset, most, seq -> read(view -> view.chunkNear(queue, seq)));
    }

    @Override
    public CompletableFuture<Long> offsetAt(long queue, long time) {
        return readers.offsetAt(queue, time, seq -> read(view -> view.chunkNear(queue, seq)));
    }

    @Override
    public CompletableFuture<FilterScan.Found> matching(long queue, MessageFilter filter, long[] where) {
        return readers.matching(queue, filter, FilterScan.state(queue, this::read), where);
    }

    @Override
    public CompletableFuture<Browse.Done> browse(Browse.Where where, Browse.Visitor visitor) {
        return readers.browse(where, this::read, visitor);
    }

    @Override
    public CompletableFuture<byte[]> loadShared(long id, int part) {
        return readers.loadShared(id, part);
    }

    @Override
    public ClusterStatus status() {
        return cluster.status();
    }

    @Override
    public boolean isMachineFull() {
        return pacer.isFull();
    }

    @Override
    public String node() {
        return node;
    }

    // ---- for the log

    /** One committed entry: a batch. The applying thread. */
    public void apply(long term, long index, byte[] bytes, int offset, int length) {
        if (index == tuning.skipEntry() && NamedEntry.isPassedOver(replica, index, bytes, offset, length)) {
            applier.advance(term, index);
            return;
        }
        try {
            applier.apply(term, index, bytes, offset, length);
            if (applier.owes()) {
                duties.owes(); // at once: somebody may wait for it
            }
            duties.applied(applier.nextDue(), applier.time());
        } catch (UnreadableEntryException | IndexOutOfBoundsException e) {
            throw new UnreadableEntryException(
                    "Entry " + index + " of the log can't be read (" + e.getMessage()
                            + "). If other nodes go on, set this node's data aside and let it join again. If all nodes end at this"
                            + " entry, keep their data: see raft.skip-entry in deploy/tallymq --help.",
                    e);
        }
    }

    /** An entry of the log's own. The applying thread. */
    public void advance(long term, long index) {
        applier.advance(term, index);
        duties.applied(applier.nextDue(), applier.time());
    }

    /** Tells the sessions what was applied. The applying thread. */
    public void tell() {
        applier.tell();
    }

    /** Tells the sessions what was applied and writes it. The applying thread. */
    public void flush() {
        applier.flush();
    }

    /** The replicated time, in milliseconds since 1970. The applying thread. */
    long time() {
        return applier.time();
    }

    /** Whether somebody on this node waits for the next {@link #tell}. The applying thread. */
    public boolean isAwaited() {
        return applier.isAwaited();
    }

    /**
     * Another state takes the place of the one applied to; the applying thread stands still, who reads waits. Ends all sessions.
     *
     * @param replacement closes the store and opens the other one
     */
    void restart(Supplier<MessageStore> replacement) {
        replica.lock();
        try {
            MessageStore store = replacement.get();
            BrokerMachine machine = new BrokerMachine(store, levels);
            readers.readFrom(store);
            replica.replace(machine);
            applier.restart(machine);
        } finally {
            replica.unlock();
        }
    }

    /** The leader has said something: what it refused for a passing reason need not wait longer. Any thread. */
    void goOn() {
        outbox.goOn();
    }

    /** There is a leader to send to now, and what was sent before may be lost. Any thread. */
    public void connected() {
        outbox.connected();
    }

    /** A batch was refused for a reason that passes. Any thread. */
    public void retryLater() {
        outbox.retryLater();
    }

    // ---- for the node

    /**
     * This node's publishers are blocked for a reason that an alarm of some node is, such as a full disk, until called with null. Any thread.
     */
    public void alarm(String reason) {
        blocking.alarm(reason);
    }

    /** Queues, exchanges and bindings are not added for this reason, until called with null. Any thread. */
    public void fullHeap(String reason) {
        growth.full(reason);
    }

    /** What holds confirms back while the machine is full. */
    public Pacer pacer() {
        return pacer;
    }

    public RuntimeMetrics metrics() {
        return metrics;
    }

    /** The times of single messages. */
    Tracing tracing() {
        return tracing;
    }

    /** For what else this node does by the clock. Any thread. */
    Timers timers() {
        return duties.timers();
    }

    /** Batches of this node sent and not applied. Any thread. */
    public int inFlightBatches() {
        return outbox.load().inFlight();
    }

    /** Bytes of this node gathered or sent and not applied. Any thread. */
    public long pendingBytes() {
        return outbox.load().pendingBytes();
    }

    /** Messages of this node gathered or sent and not applied. Any thread. */
    public long pendingMessages() {
        return outbox.load().messages();
    }

    /** Reads of the store that wait for a thread. Any thread. */
    public int waitingReads() {
        return readers.waiting();
    }

    /** Things that later entries are still to do or take out, see {@link BrokerMachine#owes}. Any thread. */
    public int owed() {
        BrokerMachine machine = replica.lock();
        try {
            return machine.owed();
        } finally {
            replica.unlock();
        }
    }

    /** Sessions of this node. Any thread. */
    public int sessions() {
        return outbox.sessions().size();
    }

    @Override
    public String blockedReason() {
        return blocking.reason();
    }

    /** The cluster's level as applied here, see decision 013. Any thread. */
    @Override
    public int level() {
        return replica.level();
    }

    /** The levels that this program knows. */
    Versions levels() {
        return levels;
    }

    /** Whether no majority confirms at the moment. Any thread. */
    boolean isStuck() {
        return blocking.isStuck();
    }

    /** The registered epoch of a node, 0 when unknown. Any thread. */
    long epochOf(String name) {
        BrokerMachine machine = replica.lock();
        try {
            return machine.epochOf(name);
        } finally {
            replica.unlock();
        }
    }

    /** Something is not as it was at the last look: another leader, a node that is gone or back. Any thread. */
    void lookSoon() {
        duties.lookSoon();
    }

    /** Stops the threads; nothing may be applied any more. What was pending is not answered. */
    @Override
    public void close() {
        duties.stop();
        IllegalStateException stopping = new IllegalStateException("The node is stopping.");
        for (PendingReply p : outbox.close()) {
            if (p.future() != null) {
                p.future().completeExceptionally(stopping);
            }
        }
        if (submitting != null) {
            submitting.run();
        }
        readers.close();
    }
}
