package io.tallymq.admin.stats;

import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.BrokerView.Counters;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What this node saw at one moment.
 *
 * @param nanos when, on the monotonic clock
 */
public record Sample(
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

    static Sample take(AdminContext context, long nanos) {
        QueueSums sums = new QueueSums();
        Map<QueueName, QueueInfo> queues = new HashMap<>();
        StateRows.queues(context.broker()).forEachRemaining(queue -> {
            sums.add(queue);
            queues.put(QueueName.of(queue), queue);
        });
        Counters totals = context.broker().read(BrokerView::totals);
        ClientTraffic traffic = context.stats().traffic();
        return new Sample(nanos, totals, sums.ready(), sums.unacked(), queues, traffic.totals(), traffic.connections());
    }
}
