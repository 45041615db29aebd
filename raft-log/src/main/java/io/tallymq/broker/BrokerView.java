package io.tallymq.broker;

import java.util.Collection;
import java.util.List;

/** The applied state, for looking only, within {@link Broker#read}. Collections are in name or number order. */
public interface BrokerView {
    long appliedIndex();

    /** The replicated clock, milliseconds since the epoch. */
    long clock();

    /** The level of the log's commands and of how they act, see decision 013. It only rises. */
    int level();

    Collection<String> vhosts();

    List<QueueInfo> queues();

    List<ExchangeView> exchanges();

    List<BindingView> bindings();

    List<ConnectionView> connections();

    List<ConsumerView> consumers();

    /** Cluster totals since the beginning of the log. */
    Counters totals();

    /** A hash of the logical state: equal on all replicas at the same applied index. Costs O(state). */
    long digest();

    /** The digests of the last probes that asked for one since this replica's start, oldest first; no copy is needed. */
    List<DigestAt> recentDigests();

    /** The state's digest right after the probe in the entry at {@code index}. */
    record DigestAt(long index, long digest) {}

    record QueueInfo(
            String vhost,
            String name,
            QueueSpec spec,
            ConnectionId exclusiveOwner,
            long ready,
            long unacked,
            long readyBytes,
            int consumers,
            Counters counters) {}

    record ExchangeView(String vhost, String name, ExchangeSpec spec) {}

    /** @param toQueue whether the destination is a queue */
    record BindingView(String vhost, BindingKey binding, boolean toQueue) {}

    record ConnectionView(ConnectionId id, ConnectionInfo info, int consumers, List<Integer> channels) {}

    record ConsumerView(
            ConnectionId connection, int channel, String vhost, String queue, ConsumerSpec spec, long unacked) {}

    /** Messages since the beginning. */
    record Counters(
            long published, long delivered, long redelivered, long acked, long returned, long droppedUnroutable) {}
}
