package io.tallymq.broker;

import io.tallymq.broker.access.Policies;
import io.tallymq.broker.dedup.SeenKeys;
import io.tallymq.broker.life.Connections;
import io.tallymq.broker.life.Uploads;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.queues.Queues;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.settings.ArgumentRoom;
import io.tallymq.broker.time.Schedule;
import io.tallymq.broker.view.BrokerView;

/** How much there is of what has a limit, and how often some of it changed. */
record StateUse(
        Queues queues,
        Topology topology,
        Connections connections,
        Uploads uploads,
        Policies policies,
        Schedule schedule,
        ArgumentRoom arguments,
        SeenKeys seen) {
    /** The level of the state from which on all counts by which a digest takes long. */
    private static final int DIGEST_LEVEL = 5;

    /** Since this replica's start. */
    BrokerView.Changes changes() {
        long version = topology.changes() + queues.churn.changes() + policies.changes();
        return new BrokerView.Changes(
                version, queues.churn.timesDeclared(), queues.churn.timesCreated(), queues.churn.timesDeleted());
    }

    /** About what a digest of all at once costs, in the units of a walk. */
    long digestCost(int level) {
        long cost = queues.all().size()
                + topology.exchangeCount()
                + topology.bindingCount() / 16
                + queues.holderCount()
                + connections.count();
        return level < DIGEST_LEVEL
                ? cost
                : cost
                        + schedule.size()
                        + seen.count()
                        + queues.begunChunks()
                        + queues.aside().resting()
                        + queues.aside().overlays()
                        + queues.aside().deferred();
    }

    /** Of all together, as {@link StateLimit} counts it. */
    long of(StateLimit limit) {
        return switch (limit) {
            case QUEUES -> queues.all().size();
            case EXCHANGES -> topology.exchangeCount();
            case BINDINGS -> topology.bindingCount();
            case CONSUMERS -> queues.holderCount();
            case CONNECTIONS -> connections.count();
            case POLICIES -> policies.count();
            case SCHEDULED -> schedule.size();
            case UPLOADS -> uploads.count();
            case ARGUMENTS -> arguments.used();
            case OVERLAYS -> queues.aside().overlays();
            case DEFERRED -> queues.aside().deferred();
            case RESTING -> queues.aside().resting();
            case LAST_VALUES -> queues.aside().lastValues();
            case READERS -> queues.aside().readers();
            case LANE_KEYS -> queues.aside().laneKeys();
            case LANES -> queues.aside().lanes();
            case HELD_RANGES -> queues.aside().heldRanges();
            case BEGUN_CHUNKS -> queues.begunChunks();
            case LAST_VALUE_CHUNKS -> queues.lastValueChunks();
            case DEAD_LETTERS -> queues.heldLetters();
            case SEEN_KEYS -> seen.count();
        };
    }
}
