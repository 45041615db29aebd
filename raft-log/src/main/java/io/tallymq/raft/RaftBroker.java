package io.tallymq.raft;

import io.tallymq.broker.Broker;
import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.CopiesAwaited;
import io.tallymq.broker.Session;
import io.tallymq.broker.SessionListener;
import io.tallymq.broker.browse.Browse;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.filter.FilterScan;
import io.tallymq.broker.filter.MessageFilter;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.AccessView;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.format.Versions;
import io.tallymq.raft.anatomy.ClusterAnatomy;
import io.tallymq.raft.log.FatalHandler;
import io.tallymq.raft.log.LogGauges;
import io.tallymq.raft.log.RaftNode;
import io.tallymq.raft.log.ReplicatedLog;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.session.Epochs;
import io.tallymq.raft.session.RuntimeTuning;
import io.tallymq.raft.trace.TraceBook;
import io.tallymq.raft.vitals.NodeVitals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker of one node of a cluster: {@link BrokerRuntime} between the replicated log and the store on disk. Any thread,
 * except where {@link Broker} says otherwise.
 */
public final class RaftBroker implements Broker, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RaftBroker.class);

    /**
     * What a node's broker is made of.
     *
     * @param fatal told once when the node can't go on; the process has to end
     */
    public record Parts(RaftNodeConfig raft, StoreProvider stores, RuntimeTuning tuning, FatalHandler fatal) {}

    private final Parts parts;
    private final LogGateway gateway;
    private final BrokerRuntime runtime;
    private final ReplicatedLog raft;
    private final RaftState state;

    /**
     * Opens the store. Nothing is served before {@link #start}.
     *
     * @throws RuntimeException the store can't be used; the text says what to do
     */
    public RaftBroker(Parts parts) {
        this(parts, BrokerMachine.LEVELS);
    }

    /** As a program that knows other levels would be: for tests. */
    RaftBroker(Parts parts, Versions levels) {
        this(parts, levels, new SystemPlatform(), RaftNode::new);
    }

    /** As above, on another machine or with another log. */
    RaftBroker(Parts parts, Versions levels, Platform platform, ReplicatedLog.Factory log) {
        this.parts = parts;
        String node = parts.raft().nodeId();
        MessageStore store = open();
        gateway = new LogGateway(
                parts.raft(), platform, parts.fatal(), parts.tuning().batches().linger());
        runtime = new BrokerRuntime(
                new BrokerRuntime.Parts(
                        node, store, gateway, new Epochs(this::starts, platform::randomInt), platform, parts.tuning()),
                new BrokerMachine(store, levels),
                gateway);
        state = new RaftState(parts.stores(), this::open, store, runtime, gateway);
        raft = log.create(parts.raft(), state, gateway, parts.fatal());
        gateway.connect(raft, runtime, state::positions);
    }

    private long starts() {
        return raft.starts();
    }

    private MessageStore open() {
        return parts.stores().open(reason -> parts.fatal().onFatal(reason, null));
    }

    /**
     * Joins the cluster. Returns when the ports between the nodes listen; a leader may not be known yet.
     *
     * @throws RaftStartException this node must not or can not start; {@link #close} afterwards
     */
    public void start() throws RaftStartException {
        raft.countStart();
        runtime.start();
        raft.start();
        gateway.start();
    }

    /** Whether the node takes part: a leader is known, and what it had confirmed before is applied here. */
    public boolean readyToServe() {
        return raft.readyToServe();
    }

    @Override
    public Session connect(String vhost, SessionListener listener, Executor loop) {
        return runtime.connect(vhost, listener, loop);
    }

    @Override
    public CompletableFuture<Reply> submit(Command command) {
        return runtime.submit(command);
    }

    @Override
    public Reply.Rejected refusal(Command command) {
        return runtime.refusal(command);
    }

    @Override
    public <T> T read(Function<BrokerView, T> look) {
        return runtime.read(look);
    }

    @Override
    public <T> CompletableFuture<T> readLater(Function<BrokerView, T> look) {
        return runtime.readLater(look);
    }

    @Override
    public List<String> durableOn(long index) {
        return gateway.copies().durableOn(index);
    }

    @Override
    public AccessView access() {
        return runtime.access();
    }

    @Override
    public int level() {
        return runtime.level();
    }

    @Override
    public CompletableFuture<ChunkBody> load(Chunk chunk) {
        return runtime.load(chunk);
    }

    @Override
    public CompletableFuture<List<Chunk>> chunks(long queue, long offset, int most) {
        return runtime.chunks(queue, offset, most);
    }

    @Override
    public CompletableFuture<Long> offsetAt(long queue, long time) {
        return runtime.offsetAt(queue, time);
    }

    @Override
    public CompletableFuture<FilterScan.Found> matching(long queue, MessageFilter filter, long[] where) {
        return runtime.matching(queue, filter, where);
    }

    @Override
    public CompletableFuture<Browse.Done> browse(Browse.Where where, Browse.Visitor visitor) {
        return runtime.browse(where, visitor);
    }

    @Override
    public CompletableFuture<byte[]> loadShared(long id, int part) {
        return runtime.loadShared(id, part);
    }

    @Override
    public Runnable onceOnAll(Runnable then) {
        return gateway.copies().onceOnAll(then);
    }

    @Override
    public CopiesAwaited copiesAwaited() {
        return gateway.copies().awaited();
    }

    @Override
    public long completeAt(String member) {
        return gateway.copies().completeAt(member);
    }

    @Override
    public ClusterStatus status() {
        return gateway.status();
    }

    @Override
    public boolean lead(String node) {
        return status().members().stream()
                .filter(member -> member.name().equals(node))
                .anyMatch(member -> raft.lead(member.id()));
    }

    @Override
    public String blockedReason() {
        return runtime.blockedReason();
    }

    @Override
    public boolean isMachineFull() {
        return runtime.isMachineFull();
    }

    @Override
    public String node() {
        return parts.raft().self().name();
    }

    /** For what a node asks of its broker beyond {@link Broker}. */
    public BrokerRuntime runtime() {
        return runtime;
    }

    /**
     * How this node is now. With a disk that is low the publishers of all nodes are blocked, within a second, until this is
     * called with one that is not. Any thread.
     */
    public void vitals(NodeVitals own) {
        gateway.vitals(own);
    }

    /** How the nodes are, by name: this one, and all that it or the leader hears of. Any thread. */
    public SortedMap<String, NodeVitals> vitals() {
        return gateway.vitals();
    }

    /** Traced messages, the last of the log first. Any thread. */
    public List<TraceBook.Trace> traces() {
        runtime.tracing().complete();
        return runtime.tracing().book().all();
    }

    /** Where traced messages are kept. Any thread. */
    public TraceBook traceBook() {
        return runtime.tracing().book();
    }

    /** What the node with that name last told of the phases of confirms; null when nothing is heard of it, and for this node. Any thread. */
    public ClusterAnatomy.Told anatomy(String node) {
        return gateway.anatomy(node);
    }

    /**
     * Asks another node's front ends something, see {@link #answer}. Fails within a second when it does not answer. Any thread.
     *
     * @param node its id
     */
    public CompletableFuture<byte[]> ask(String node, byte[] question) {
        return gateway.questions().ask(node, question);
    }

    /** What answers other nodes that {@link #ask}: up to 64 KiB, on a thread of its own. */
    public void answer(UnaryOperator<byte[]> with) {
        gateway.questions().answerer(with);
    }

    /** This node's id, by which connections name it. */
    public String id() {
        return parts.raft().nodeId();
    }

    /** The ids of the other nodes. */
    public List<String> others() {
        return List.copyOf(gateway.others());
    }

    /** The name of the node with that id. */
    public String nameOf(String id) {
        return gateway.nameOf(id);
    }

    /** How often something that runs by the clock has failed. Any thread. */
    public long failedTasks() {
        return raft.failedTasks() + runtime.timers().failures();
    }

    /** What the nodes' ports refused and the log waits for. Any thread. */
    public LogGauges logGauges() {
        return raft.gauges();
    }

    /** Batches of all nodes that wait at this leader for the entry on its way. Any thread. */
    public int waitingBatches() {
        return gateway.waitingBatches();
    }

    /**
     * A copy of this node's store as it was at the end of some entry during the call, made of hard links: it costs space only as the store
     * changes. Entries are applied meanwhile. Blocks while the store's memtables are written. Any thread.
     *
     * @return to be closed, which deletes it; what a crash leaves of it goes with the next start
     * @throws IOException there is no room for it, say
     */
    public StoreCopy copy() throws IOException {
        Path parent = raft.copiesDirectory();
        Files.createDirectories(parent);
        return new StoreCopying(state::checkpoint, parts.stores()::wholeAt, raft::betweenEntries).make(parent);
    }

    /** Hands leadership over, makes what is applied durable and stops. */
    @Override
    public void close() {
        gateway.close();
        raft.close();
        runtime.close();
        if (raft.isQuiet()) {
            state.closeStore();
        } else {
            LOG.warn("The store stays open until the process ends: an entry may still be on its way into it");
        }
    }
}
