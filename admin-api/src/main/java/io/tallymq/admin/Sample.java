package io.tallymq.admin;

import io.tallymq.broker.BrokerView;
import io.tallymq.broker.BrokerView.Counters;
import io.tallymq.broker.BrokerView.QueueInfo;
import io.tallymq.broker.ConnectionId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What this node saw at one moment.
 *
 * @param nanos when, on the monotonic clock
 */
record Sample(
        long nanos,
        Counters totals,
        long ready,
        long unacked,
        Map<QueueName, QueueInfo> queues,
        Optional<ClientTraffic.Totals> traffic,
        Map<ConnectionId, ClientTraffic.Counters> connections) {
    record QueueName(String vhost, String name) {
        static QueueName of(QueueInfo queue) {
            return new QueueName(queue.vhost(), queue.name());
        }
    }

    private record State(Counters totals, List<QueueInfo> queues) {
        static State of(BrokerView view) {
            return new State(view.totals(), List.copyOf(view.queues()));
        }
    }

    static Sample take(AdminContext context, long nanos) {
        State state = context.broker().read(State::of);
        long ready = 0;
        long unacked = 0;
        Map<QueueName, QueueInfo> queues = new HashMap<>();
        for (QueueInfo queue : state.queues) {
            ready += queue.ready();
            unacked += queue.unacked();
            queues.put(QueueName.of(queue), queue);
        }
        ClientTraffic traffic = context.stats().traffic();
        return new Sample(nanos, state.totals, ready, unacked, queues, traffic.totals(), traffic.connections());
    }
}
