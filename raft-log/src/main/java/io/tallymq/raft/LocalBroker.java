package io.tallymq.raft;

import io.tallymq.broker.Broker;
import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.ClusterStatus;
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
import io.tallymq.raft.session.Epochs;
import io.tallymq.raft.session.RuntimeTuning;
import io.tallymq.raft.trace.TraceBook;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * A broker of one node without a log: what is submitted is applied at once, by a thread of its own. For tests and tools. What
 * is in the store when it is closed is there when another one is opened on it.
 */
public final class LocalBroker implements Broker, AutoCloseable {
    private final MessageStore store;
    private final LocalLog log;
    private final BrokerRuntime runtime;

    /** @param store stays open when the broker is closed */
    public LocalBroker(String node, MessageStore store) {
        this(node, store, System::currentTimeMillis, RuntimeTuning.DEFAULTS);
    }

    /**
     * Opens the broker and starts its threads.
     *
     * @param store stays open when the broker is closed
     * @param clock milliseconds since the epoch, stamped on every entry; any thread
     */
    public LocalBroker(String node, MessageStore store, LongSupplier clock, RuntimeTuning tuning) {
        this.store = store;
        log = new LocalLog(node, clock, store.applied());
        // Nothing is applied again at a start, so what the store knows is all there is to be higher than.
        Platform platform = new SystemPlatform();
        Epochs epochs = new Epochs(() -> 0, platform::randomInt);
        runtime = new BrokerRuntime(
                new BrokerRuntime.Parts(node, store, log, epochs, platform, tuning), new BrokerMachine(store), log);
        log.start(runtime);
        runtime.start();
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
    public ClusterStatus status() {
        return runtime.status();
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
        return runtime.node();
    }

    /** The store it works on. */
    public MessageStore store() {
        return store;
    }

    /** While held, nothing is applied: as if the majority were gone. */
    public void hold() {
        log.hold(true);
    }

    /** Ends {@link #hold}. */
    public void release() {
        log.hold(false);
    }

    /** Whether consumers get what they are assigned: not while a node has lost the others. */
    public void lease(boolean holds) {
        log.lease(holds);
    }

    /** Traced messages, the last of the log first. */
    public List<TraceBook.Trace> traces() {
        return runtime.tracing().book().all();
    }

    /** For what a node asks of its broker beyond {@link Broker}. */
    public BrokerRuntime runtime() {
        return runtime;
    }

    /** Applies what was sent and stops the threads. */
    @Override
    public void close() {
        log.close();
        runtime.close();
    }
}
