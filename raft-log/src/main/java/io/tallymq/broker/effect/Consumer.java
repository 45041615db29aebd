package io.tallymq.broker.effect;

import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;

/** What the outside may know of a consumer: who it is and which node serves it. Immutable parts only; any thread. */
public interface Consumer {
    /** The number that settles and credits name. */
    long number();

    ConnectionId connection();

    int channel();

    ConsumerSpec spec();
}
