package io.tallymq.broker.view;

import io.tallymq.broker.Broker;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.PolicyInEffect;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.store.Chunk;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The applied state, for looking only, within {@link Broker#read}; while somebody looks nothing is applied. Lists are in name or
 * number order, and may be read in steps, each within a read of its own: what is there all the time is in exactly one of them.
 */
public interface BrokerView {
    /** The last entry all of which is applied. Of the one in hand, some may be to be seen already: who reads comes in between its batches. */
    long appliedIndex();

    /** The replicated clock, milliseconds since the epoch. */
    long clock();

    /** The level of the log's commands and of how they act, see decision 013. It only rises. */
    int level();

    /** Names of the virtual hosts, in their order. */
    Collection<String> vhosts();

    /** What is to be had of messages [from, to] of a queue: at most so many ranges, as pairs of first and last number; none without such a queue. */
    long[] ready(long queue, long from, long to, int most);

    /** Whether settles added headers to messages of a queue. */
    boolean hasOverlays(long queue);

    /** Whether there is a consumer, or who fetches, of this number. One that is gone never comes again. */
    boolean isHolder(long number);

    /** Who there is and who may do what. May be kept: it goes on to tell how things are, until another state is installed. */
    AccessView access();

    /**
     * The messages [from, to] of a queue that have headers which settles added, and these; empty for those that the store has. Not more than
     * a chunk's are to be asked for.
     */
    SortedMap<Long, Optional<HeaderOverlay>> overlays(long queue, long from, long to);

    /**
     * Of a queue's chunks in memory, the one that has this message, or the first one behind it, without its messages if these are not; null
     * when there is none, or no such queue. What is not in memory is in the store, which is not asked.
     */
    Chunk chunkNear(long queue, long seq);

    /**
     * How the next messages of a queue stand, from this one on or, back, up to it: those of a chunk at most, if somebody had some of it. Null
     * when there is none, or no such queue. Nothing changes by looking.
     */
    Standing standing(long queue, long at, boolean back);

    /** Publishes that have names. */
    ReceiptsView receipts();

    /** Publishes that have ids. */
    IdsView ids();

    /** How many reports there were. */
    Reports reports();

    /**
     * The messages of a queue that are next, as far as memory tells without asking the store: it differs between replicas. Null for none, and
     * if it does not tell, or without such a queue.
     */
    QueueHead head(String vhost, String name);

    /** Where the queue ends now; nowhere without such a queue. */
    LaneEnds ends(long queue);

    /** The number that a queue has as long as it is there; 0 when there is none of that name. */
    long queueNumber(String vhost, String name);

    /**
     * What would become of a publish if it came now.
     *
     * @param record as {@link MessageRecord} says, with its body in it
     */
    Foreseen foresee(Route route, byte[] record);

    /** One queue; empty when there is none of that name. */
    Optional<QueueInfo> queue(String vhost, String name);

    /** Whether there is such a binding, to a queue or to an exchange. */
    boolean isBound(String vhost, BindingKey binding, boolean toQueue);

    /** @param from where the last step ended; null for the beginning */
    Step<QueueInfo> queues(Place from, int most);

    /** One exchange, of an empty name the default one; empty when there is none of that name. */
    Optional<ExchangeView> exchange(String vhost, String name);

    /** As {@link #queues(Place, int)}. */
    Step<ExchangeView> exchanges(Place from, int most);

    /** As {@link #queues(Place, int)}; without the default exchange's, of which every queue has one. */
    Step<BindingView> bindings(Place from, int most);

    /** As {@link #queues(Place, int)}. */
    Step<ConnectionView> connections(Place from, int most);

    /** As {@link #queues(Place, int)}. */
    Step<ConsumerView> consumers(Place from, int most);

    /** As {@link #queues(Place, int)}: messages whose time is still to come, in the order of their times. */
    Step<ScheduledView> scheduled(Place from, int most);

    /** The scheduled message with this key: its id, or its time and number with a dot between them. */
    Optional<ScheduledView> scheduled(String vhost, String key);

    /** All at once: for states that are known to be small. */
    default List<QueueInfo> queues() {
        return queues(null, Integer.MAX_VALUE).items();
    }

    /** All at once: for states that are known to be small. */
    default List<ExchangeView> exchanges() {
        return exchanges(null, Integer.MAX_VALUE).items();
    }

    /** All at once: for states that are known to be small. */
    default List<BindingView> bindings() {
        return bindings(null, Integer.MAX_VALUE).items();
    }

    /** All at once: for states that are known to be small. */
    default List<ConnectionView> connections() {
        return connections(null, Integer.MAX_VALUE).items();
    }

    /** All at once: for states that are known to be small. */
    default List<ConsumerView> consumers() {
        return consumers(null, Integer.MAX_VALUE).items();
    }

    /** All of them, by virtual host and name: they are few. */
    List<PolicyView> policies(boolean operator);

    /** How much there is of what people ask for first. Costs the same whatever there is. */
    Sizes sizes();

    /** How much there is of what has a limit. Costs the same whatever there is. */
    long used(StateLimit limit);

    /** How often queues, exchanges, bindings and policies came, went or became others. Costs the same whatever there is. */
    default Changes changes() {
        return Changes.NONE;
    }

    /** Cluster totals since the beginning of the log. */
    Counters totals();

    /** What clients published, all together. */
    Publishes publishes();

    /** A hash of the logical state: equal on all replicas at the same applied index. Costs O(state). */
    long digest();

    /** The digests of the last probes that asked for one since this replica's start, oldest first; no copy is needed. */
    List<DigestAt> recentDigests();

    /**
     * Reports that publishers asked for.
     *
     * @param told those that came into their queues, ever
     * @param lost those that had no queue, or none with room, ever
     * @param waiting queues, and pieces of purged and deleted ones, of which something is still to be told
     */
    record Reports(long told, long lost, int waiting) {}

    /** The state's digest right after the probe in the entry at {@code index}; of a large state, what entries from there on computed. */
    record DigestAt(long index, long digest) {}

    /**
     * Some rows of a list.
     *
     * @param next where it goes on, null at the end
     */
    record Step<T>(List<T> items, Place next) {}

    /** A place in a list: nobody's business but the list's. It is good for ever, whatever is removed. */
    interface Place {}

    /**
     * @param consumers of all queues, also those of channels that only get
     * @param uploads bodies on their way in
     */
    record Sizes(int queues, int exchanges, int bindings, int consumers, int connections, int uploads) {}

    /**
     * Changes that this replica has applied since its start, or since it got another's state: each replica counts all of the cluster's.
     *
     * @param version another one after each change of what does not go with a connection
     * @param queuesDeclared those that were there already, too
     */
    record Changes(long version, long queuesDeclared, long queuesCreated, long queuesDeleted) {
        public static final Changes NONE = new Changes(0, 0, 0, 0);
    }

    /**
     * A queue. Bytes are those of bodies: of all messages they are exact; how many of them are ready is estimated as long as a
     * consumer is assigned more than it was sent.
     *
     * @param exclusiveOwner null when it is not exclusive, as {@code owner}
     * @param resting messages that come again later by themselves
     * @param deferred messages that were put aside under a token
     * @param policy null for none
     * @param paused nobody is given anything
     */
    record QueueInfo(
            String vhost,
            String name,
            QueueSpec spec,
            ConnectionId exclusiveOwner,
            ConnectionInfo owner,
            long ready,
            long unacked,
            long readyBytes,
            long unackedBytes,
            int consumers,
            DeadLettersWaiting deadLetters,
            long resting,
            long deferred,
            Counters counters,
            PolicyInEffect policy,
            boolean paused) {
        /** Of a queue without dead letters that is not paused. */
        public QueueInfo(
                String vhost,
                String name,
                QueueSpec spec,
                ConnectionId exclusiveOwner,
                ConnectionInfo owner,
                long ready,
                long unacked,
                long readyBytes,
                long unackedBytes,
                int consumers,
                Counters counters,
                PolicyInEffect policy) {
            this(
                    vhost,
                    name,
                    spec,
                    exclusiveOwner,
                    owner,
                    ready,
                    unacked,
                    readyBytes,
                    unackedBytes,
                    consumers,
                    DeadLettersWaiting.NONE,
                    0,
                    0,
                    counters,
                    policy,
                    false);
        }
    }

    /**
     * Messages that died and are still in their queue, for nobody to have: on their way to the dead letter exchange.
     *
     * @param bytes of their bodies
     * @param stuck whether they wait for a queue to take them, as x-dead-letter-strategy at-least-once says
     * @param reason why they do, for people; empty if they don't
     */
    record DeadLettersWaiting(long messages, long bytes, boolean stuck, String reason) {
        public static final DeadLettersWaiting NONE = new DeadLettersWaiting(0, 0, false, "");
    }

    /**
     * A message whose time is still to come.
     *
     * @param id empty for none
     * @param due milliseconds since the epoch
     * @param bytes of its body
     */
    record ScheduledView(
            String vhost, String id, long due, long number, String exchange, String routingKey, long bytes) {}

    /**
     * An exchange.
     *
     * @param policy null for none
     * @param publishedIn messages that clients published to it, since it is there or this replica started; each replica counts all of them
     * @param publishedOut into how many queues they went, all together
     */
    record ExchangeView(
            String vhost, String name, ExchangeSpec spec, PolicyInEffect policy, long publishedIn, long publishedOut) {
        /** Of one to which nothing was published. */
        public ExchangeView(String vhost, String name, ExchangeSpec spec, PolicyInEffect policy) {
            this(vhost, name, spec, policy, 0, 0);
        }
    }

    /** A policy or an operator policy. */
    record PolicyView(String vhost, String name, PolicySpec spec) {}

    /** @param toQueue whether the destination is a queue */
    record BindingView(String vhost, BindingKey binding, boolean toQueue) {}

    /** @param channels those that consume or hold messages */
    record ConnectionView(ConnectionId id, ConnectionInfo info, List<ChannelView> channels) {
        public int consumers() {
            return channels.stream().mapToInt(ChannelView::consumers).sum();
        }
    }

    record ChannelView(int number, int consumers) {}

    /**
     * A consumer.
     *
     * @param info of its connection
     * @param oldest the lowest number of the messages that it holds, always the same for a message; -1 for none, and of a stream
     * @param active false for one that waits for its queue's single active consumer to go
     * @param single whether its queue has a single active consumer
     * @param timeout milliseconds that it may take for an ack; 0: for ever
     */
    record ConsumerView(
            ConnectionId connection,
            ConnectionInfo info,
            int channel,
            String vhost,
            String queue,
            ConsumerSpec spec,
            long unacked,
            long oldest,
            boolean active,
            boolean single,
            long timeout) {}

    /**
     * Messages since the beginning.
     *
     * @param droppedUnroutable reached no queue, and were not mandatory
     * @param overflowed went because a limit left no room for them
     * @param replaced went because a newer message with the same value came, see x-last-value
     */
    record Counters(
            long published,
            long delivered,
            long redelivered,
            long acked,
            long droppedUnroutable,
            long overflowed,
            long replaced,
            Deaths deaths,
            Ways ways) {
        /** Of queues where nothing else died. */
        public Counters(
                long published, long delivered, long redelivered, long acked, long droppedUnroutable, long overflowed) {
            this(published, delivered, redelivered, acked, droppedUnroutable, overflowed, 0, Deaths.NONE, Ways.NONE);
        }
    }

    /**
     * In which ways messages were delivered, where that was not to consumers who ack: as far as it is counted, which is from level 5 on.
     *
     * @param noAck to consumers who do not ack
     * @param got by basic.get, to be acked
     * @param gotNoAck by basic.get without acks
     * @param gotNothing how often there was nothing to get
     */
    record Ways(long noAck, long got, long gotNoAck, long gotNothing) {
        public static final Ways NONE = new Ways(0, 0, 0, 0);
    }

    /**
     * Messages that clients published, since the beginning; those that a missing or internal exchange refused do not count.
     *
     * @param came each once, into however many queues it went; before level 5, and what came before that: what queues took
     * @param returned reached no queue, and were mandatory; counted from level 5 on
     * @param dropped reached no queue, and were not; also those whose time came later
     */
    record Publishes(long came, long returned, long dropped) {}

    /**
     * Messages that left queues without having been consumed, beside those that had no room.
     *
     * @param expired outlived their time
     * @param rejected were not to be requeued, of queues with a dead letter exchange
     * @param failed were delivered too often in vain
     * @param deadLettered of all that died, went on to a dead letter exchange and from there to a queue
     * @param deadDropped of these, reached no queue
     * @param copiesLost what full queues did not get of those that went on to others: one for each queue
     */
    record Deaths(long expired, long rejected, long failed, long deadLettered, long deadDropped, long copiesLost) {
        public static final Deaths NONE = new Deaths(0, 0, 0, 0, 0, 0);
    }
}
