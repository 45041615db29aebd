package io.tallymq.broker.lane;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * Which priorities a queue tells apart, from 0 to {@code highest}: fixed for as long as it lives.
 *
 * @param highest what is above counts as this; 0: all its messages are alike
 * @param byDefault what a message has that does not say
 */
public record Priorities(int highest, int byDefault) {
    /** Of a message that does not say. */
    public static final int UNSAID = -1;
    /** The level of the state (decision 013) from which on queues have them. */
    public static final int LEVEL = 2;

    public static final Priorities NONE = new Priorities(0, 0);
    /** As RabbitMQ's. */
    private static final Priorities QUORUM = new Priorities(31, 4);

    /**
     * Those of a queue that is made now.
     *
     * @param isQuorum whether it was declared as a quorum queue
     * @param most x-max-priority; none above 0 for a queue without
     */
    public static Priorities of(boolean isQuorum, long most, int level) {
        if (level < LEVEL) {
            return NONE;
        }
        if (isQuorum) {
            return QUORUM;
        }
        return most <= 0 ? NONE : new Priorities((int) most, 0);
    }

    /** Which lane messages of this priority, or of {@link #UNSAID}, are in: the lower the sooner. */
    public int lane(int priority) {
        return highest - Math.min(priority == UNSAID ? byDefault : priority, highest);
    }

    /** Null for none. */
    public byte[] encode() {
        return highest == 0
                ? null
                : new ByteWriter(4).varint(highest).varint(byDefault).toBytes();
    }

    public static Priorities decode(ByteReader r) {
        return new Priorities((int) r.varint(), (int) r.varint());
    }
}
