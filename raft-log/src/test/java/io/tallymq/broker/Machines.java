package io.tallymq.broker;

import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.store.MessageStore;

/** What tests of other packages need of a machine beside what everybody has. */
public final class Machines {
    private Machines() {}

    /** One with other limits than the format's. */
    public static BrokerMachine of(MessageStore store, MachineLimits limits) {
        return new BrokerMachine(store, limits);
    }

    /** The number of a queue that exists; it names the queue's chunks. */
    public static long queueNumber(BrokerMachine machine, String queue) {
        return machine.queueNumber("/", queue);
    }
}
