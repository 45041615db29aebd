package io.tallymq.amqp.session;

import java.util.concurrent.atomic.LongAdder;

/**
 * What became of the messages that clients published, over all connections of a node since its start. Thread-safe.
 *
 * @param confirmed messages that were confirmed
 * @param returned messages that were given back, as no queue took them
 */
record MessageTotals(LongAdder confirmed, LongAdder returned) {
    MessageTotals() {
        this(new LongAdder(), new LongAdder());
    }
}
