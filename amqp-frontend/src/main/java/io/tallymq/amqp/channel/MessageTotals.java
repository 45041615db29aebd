package io.tallymq.amqp.channel;

import java.util.concurrent.atomic.LongAdder;

/**
 * What became of the messages that clients published, over all connections of a node since its start. Thread-safe.
 *
 * @param toConfirm messages that came on channels with confirms
 * @param confirmed messages that were confirmed
 * @param returned messages that were given back, as no queue took them
 */
public record MessageTotals(LongAdder toConfirm, LongAdder confirmed, LongAdder returned) {
    /** None yet. */
    public MessageTotals() {
        this(new LongAdder(), new LongAdder(), new LongAdder());
    }
}
