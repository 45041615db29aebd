package io.tallymq.admin.stats;

import io.tallymq.broker.view.BrokerView.Counters;
import io.tallymq.broker.view.BrokerView.Deaths;
import io.tallymq.broker.view.BrokerView.Ways;

/** What several queues have counted together. */
public final class CounterSums {
    public static final Counters NONE = new Counters(0, 0, 0, 0, 0, 0);

    private CounterSums() {}

    public static Counters sum(Counters a, Counters b) {
        return new Counters(
                a.published() + b.published(),
                a.delivered() + b.delivered(),
                a.redelivered() + b.redelivered(),
                a.acked() + b.acked(),
                a.droppedUnroutable() + b.droppedUnroutable(),
                a.overflowed() + b.overflowed(),
                a.replaced() + b.replaced(),
                sum(a.deaths(), b.deaths()),
                sum(a.ways(), b.ways()));
    }

    private static Ways sum(Ways a, Ways b) {
        return new Ways(
                a.noAck() + b.noAck(), a.got() + b.got(), a.gotNoAck() + b.gotNoAck(), a.gotNothing() + b.gotNothing());
    }

    private static Deaths sum(Deaths a, Deaths b) {
        return new Deaths(
                a.expired() + b.expired(),
                a.rejected() + b.rejected(),
                a.failed() + b.failed(),
                a.deadLettered() + b.deadLettered(),
                a.deadDropped() + b.deadDropped(),
                a.copiesLost() + b.copiesLost());
    }
}
