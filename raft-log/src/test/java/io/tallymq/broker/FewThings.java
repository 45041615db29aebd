package io.tallymq.broker;

import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;

/** Small limits of the state. */
public final class FewThings {
    private FewThings() {}

    public static StateLimits of(
            int queues, int exchanges, int bindings, int consumers, int connections, int policies, int scheduled) {
        return StateLimits.DEFAULTS
                .with(StateLimit.QUEUES, queues)
                .with(StateLimit.EXCHANGES, exchanges)
                .with(StateLimit.BINDINGS, bindings)
                .with(StateLimit.CONSUMERS, consumers)
                .with(StateLimit.CONNECTIONS, connections)
                .with(StateLimit.POLICIES, policies)
                .with(StateLimit.SCHEDULED, scheduled);
    }
}
