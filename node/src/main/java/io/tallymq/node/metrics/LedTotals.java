package io.tallymq.node.metrics;

import io.tallymq.broker.view.BrokerView.Changes;
import io.tallymq.broker.view.BrokerView.Counters;
import io.tallymq.broker.view.BrokerView.Deaths;
import io.tallymq.broker.view.BrokerView.Ways;

/**
 * Counts what the whole cluster did while this node led it. All nodes have the same totals, and Prometheus adds the nodes up: so each counts only what came
 * to the totals between two looks at whose end it led. What was between the last look of an old leader and the first one of the new is
 * counted by the new one; at a change of leader a look's worth may be missing or twice. Guarded by itself.
 */
final class LedTotals {
    private static final Deaths NO_DEATHS = Deaths.NONE;

    private Counters last;
    private Counters led = new Counters(0, 0, 0, 0, 0, 0, 0, NO_DEATHS, Ways.NONE);
    private Changes lastQueues = Changes.NONE;
    private Changes queues = Changes.NONE;

    /** @param changes of queues; counted anew where a node's state comes from another one */
    synchronized Counters look(Counters now, Changes changes, boolean leads) {
        if (leads && last != null) {
            led = plus(led, now, last);
            queues = plus(queues, changes, lastQueues);
        }
        last = now;
        lastQueues = changes;
        return led;
    }

    /** How often queues were declared, came and went, over all looks. */
    synchronized Changes queues() {
        return queues;
    }

    private static Changes plus(Changes sum, Changes now, Changes before) {
        return new Changes(
                0,
                sum.queuesDeclared() + more(now.queuesDeclared(), before.queuesDeclared()),
                sum.queuesCreated() + more(now.queuesCreated(), before.queuesCreated()),
                sum.queuesDeleted() + more(now.queuesDeleted(), before.queuesDeleted()));
    }

    private static Counters plus(Counters sum, Counters now, Counters before) {
        Deaths d = sum.deaths();
        Deaths n = now.deaths();
        Deaths b = before.deaths();
        return new Counters(
                sum.published() + more(now.published(), before.published()),
                sum.delivered() + more(now.delivered(), before.delivered()),
                sum.redelivered() + more(now.redelivered(), before.redelivered()),
                sum.acked() + more(now.acked(), before.acked()),
                sum.droppedUnroutable() + more(now.droppedUnroutable(), before.droppedUnroutable()),
                sum.overflowed() + more(now.overflowed(), before.overflowed()),
                sum.replaced() + more(now.replaced(), before.replaced()),
                new Deaths(
                        d.expired() + more(n.expired(), b.expired()),
                        d.rejected() + more(n.rejected(), b.rejected()),
                        d.failed() + more(n.failed(), b.failed()),
                        d.deadLettered() + more(n.deadLettered(), b.deadLettered()),
                        d.deadDropped() + more(n.deadDropped(), b.deadDropped()),
                        d.copiesLost() + more(n.copiesLost(), b.copiesLost())),
                plus(sum.ways(), now.ways(), before.ways()));
    }

    private static Ways plus(Ways sum, Ways now, Ways before) {
        return new Ways(
                sum.noAck() + more(now.noAck(), before.noAck()),
                sum.got() + more(now.got(), before.got()),
                sum.gotNoAck() + more(now.gotNoAck(), before.gotNoAck()),
                sum.gotNothing() + more(now.gotNothing(), before.gotNothing()));
    }

    /** Totals only grow; a copy of another node's state may be an older one. */
    private static long more(long now, long before) {
        return Math.max(0, now - before);
    }
}
