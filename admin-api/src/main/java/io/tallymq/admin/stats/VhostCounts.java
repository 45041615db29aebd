package io.tallymq.admin.stats;

import io.tallymq.broker.view.BrokerView.Counters;
import io.tallymq.broker.view.BrokerView.ExchangeView;
import io.tallymq.broker.view.BrokerView.QueueInfo;

/**
 * What the queues and exchanges of a virtual host that are there have counted together.
 *
 * @param came messages that clients published to its exchanges
 */
public record VhostCounts(Counters queues, long came) {
    public static final VhostCounts NONE = new VhostCounts(CounterSums.NONE, 0);

    public VhostCounts with(QueueInfo queue) {
        return new VhostCounts(CounterSums.sum(queues, queue.counters()), came);
    }

    public VhostCounts with(ExchangeView exchange) {
        return new VhostCounts(queues, came + exchange.publishedIn());
    }
}
