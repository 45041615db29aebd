package io.tallymq.admin.stats;

import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.ClientTraffic.Churn;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.BrokerView.Changes;
import io.tallymq.broker.view.BrokerView.Counters;
import io.tallymq.broker.view.BrokerView.ExchangeView;
import io.tallymq.broker.view.BrokerView.Publishes;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What this node saw at one moment.
 *
 * @param nanos when, on the monotonic clock
 * @param changes of queues, as this node has applied them
 * @param churn of the clients of all nodes that tell
 * @param others the same of each other node
 * @param channels of this node's clients
 */
public record Sample(
        long nanos,
        Counters totals,
        Publishes publishes,
        Changes changes,
        long ready,
        long unacked,
        Map<QueueCounts.Name, QueueCounts> queues,
        Map<ExchangeName, ExchangeView> exchanges,
        Map<String, VhostCounts> vhosts,
        Optional<ClientTraffic.Totals> traffic,
        Optional<Churn> churn,
        Map<String, Churn> others,
        Map<ConnectionId, ClientTraffic.Counters> connections,
        Map<ConnectionId, Map<Integer, ClientTraffic.ChannelCounters>> channels) {
    /** In an order, as clients may choose names whose hashes are the same. */
    record ExchangeName(String vhost, String name) implements Comparable<ExchangeName> {
        static ExchangeName of(ExchangeView exchange) {
            return new ExchangeName(exchange.vhost(), exchange.name());
        }

        @Override
        public int compareTo(ExchangeName o) {
            int c = name.compareTo(o.name);
            return c == 0 ? vhost.compareTo(o.vhost) : c;
        }
    }

    /** @param before the sample before; null for none */
    static Sample take(AdminContext context, long nanos, Sample before) {
        QueueSums sums = new QueueSums();
        Map<QueueCounts.Name, QueueCounts> last = before == null ? Map.of() : before.queues;
        Map<QueueCounts.Name, QueueCounts> queues = new HashMap<>();
        Map<String, VhostCounts> vhosts = new HashMap<>();
        StateRows.queues(context.broker()).forEachRemaining(queue -> {
            sums.add(queue);
            QueueCounts.Name name = QueueCounts.Name.of(queue);
            QueueCounts counts = QueueCounts.of(name, queue, last.get(name));
            queues.put(counts.name(), counts);
            vhosts.compute(queue.vhost(), (v, c) -> (c == null ? VhostCounts.NONE : c).with(queue));
        });
        Map<ExchangeName, ExchangeView> exchanges = new HashMap<>();
        StateRows.exchanges(context.broker()).forEachRemaining(x -> {
            exchanges.put(ExchangeName.of(x), x);
            vhosts.compute(x.vhost(), (v, c) -> (c == null ? VhostCounts.NONE : c).with(x));
        });
        Counters totals = context.broker().read(BrokerView::totals);
        Publishes publishes = context.broker().read(BrokerView::publishes);
        ClientTraffic traffic = context.stats().traffic();
        return new Sample(
                nanos,
                totals,
                publishes,
                context.broker().read(BrokerView::changes),
                sums.ready(),
                sums.unacked(),
                queues,
                exchanges,
                vhosts,
                traffic.totals(),
                churn(context),
                Map.copyOf(context.stats().othersClients()),
                traffic.connections(),
                traffic.channelCounters());
    }

    /** What the clients of all nodes did, of those that tell; empty where nobody counts. */
    public static Optional<Churn> churn(AdminContext context) {
        return context.stats().traffic().totals().map(own -> context.stats().othersClients().values().stream()
                .reduce(own.churn(), Churn::plus));
    }
}
