package io.tallymq.broker;

import io.tallymq.broker.browse.Browse;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.filter.FilterScan;
import io.tallymq.broker.filter.MessageFilter;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.view.AccessView;
import io.tallymq.broker.view.BrokerView;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** All that a front end sees of the replicated broker. Any thread, except where a method says otherwise. */
public interface Broker {
    /**
     * Begins serving a client connection. It exists in the replicated state once an {@link OpenConnection} for
     * {@link Session#id} was answered with {@link Reply.Ok}.
     *
     * @param vhost the client's; it will decide which Raft group the session's batches go to, once there are several. Today one
     *     group has all vhosts
     * @param loop runs all of the listener's methods, one after the other, in log order (a Netty event loop)
     */
    Session connect(String vhost, SessionListener listener, Executor loop);

    /** Replicates a command that belongs to no connection. Completes exceptionally only when the node stops. */
    CompletableFuture<Reply> submit(Command command);

    /**
     * Looks at the state this node has applied. The function runs between two entries while nothing is applied: it must be
     * short and must copy what it keeps. It sees this replica's state, which may lag behind the leader's.
     */
    <T> T read(Function<BrokerView, T> look);

    /**
     * Who there is and who may do what, as this node has applied it. Never waits: may be asked for each thing that a client does. Another one
     * after a state of another node was installed.
     */
    default AccessView access() {
        return read(BrokerView::access);
    }

    /**
     * Why a command would not be taken now, as the state must not grow: the heap of a node is nearly full. Null: it may be submitted. Waits
     * for the entry at work while that is so, else never.
     */
    default Reply.Rejected refusal(Command command) {
        return null;
    }

    /** The level of the state as this node has applied it. Never waits: may be asked for each thing that a client does. */
    default int level() {
        return read(BrokerView::level);
    }

    /**
     * As {@link #read}, on a reader thread: for who must not wait for the entry that is being applied, as an event loop. Fails while too many wait to read.
     */
    default <T> CompletableFuture<T> readLater(Function<BrokerView, T> look) {
        return CompletableFuture.completedFuture(read(look));
    }

    /** The names of the nodes of which is known here that their logs have an entry: others may, too. Never waits if {@link #status} does not. */
    default List<String> durableOn(long index) {
        return status().durableOn(index);
    }

    /** Loads the messages of a chunk on a reader thread; completes with null when they were removed meanwhile. */
    CompletableFuture<ChunkBody> load(Chunk chunk);

    /**
     * The chunks of a stream from message {@code offset} on, or from what is kept of it, without their messages: at most so many. None when
     * there is nothing behind it yet. On a reader thread; what comes is what this node has applied.
     */
    CompletableFuture<List<Chunk>> chunks(long queue, long offset, int most);

    /** The first message of a stream that was published then (milliseconds since the epoch) or later, or the next one to come; as {@link #chunks}. */
    CompletableFuture<Long> offsetAt(long queue, long time);

    /**
     * Looks for what a filter wants among what a queue has ready: some of it, and how far that went. On a reader thread; what comes is what
     * this node has applied.
     *
     * @param where pairs of first and last number, ascending
     */
    CompletableFuture<FilterScan.Found> matching(long queue, MessageFilter filter, long[] where);

    /**
     * Looks at messages of a queue, one after the other, without anybody's getting them. On a reader thread, where the visitor is called; what
     * comes is what this node has applied.
     */
    CompletableFuture<Browse.Done> browse(Browse.Where where, Browse.Visitor visitor);

    /** Loads one part ({@link #PART_SIZE} bytes, the last one less) of an external body; null when removed meanwhile. */
    CompletableFuture<byte[]> loadShared(long id, int part);

    /**
     * Runs something once, perhaps at once, when all members of the cluster have, flushed in their logs, what this node has applied by now.
     * Never if a member never comes back. Runs on any thread, where it must not block.
     *
     * @return to be run by who does not want to wait any more
     */
    default Runnable onceOnAll(Runnable then) {
        then.run();
        return () -> {};
    }

    /** Who waits for what, of {@link #onceOnAll}. Never blocks. */
    default CopiesAwaited copiesAwaited() {
        return CopiesAwaited.NONE;
    }

    /** When a member was last known to have all that was committed, in milliseconds since the epoch; -1 for unknown. Never blocks. */
    default long completeAt(String member) {
        return -1;
    }

    /** What this node knows of the cluster. Never blocks, also without a majority. */
    ClusterStatus status();

    /**
     * Asks that a node lead; what comes of it is in {@link #status}. Never blocks.
     *
     * @param node its name
     * @return false when nobody could be asked: there is no such node, no leader is known, or it is not reached
     */
    default boolean lead(String node) {
        return false;
    }

    /** Why publishers are blocked, here or on all nodes, as {@link SessionListener#blocked} tells; null when they are not. Never blocks. */
    default String blockedReason() {
        return null;
    }

    /** Whether all processors of this machine are in use: then fewer, larger turns serve everybody better. Never blocks; cheap. */
    default boolean isMachineFull() {
        return false;
    }

    /** This node's name. */
    String node();

    /** Bodies above this many bytes travel in parts of this size, each in an entry of its own. */
    int PART_SIZE = 1 << 20;
}
