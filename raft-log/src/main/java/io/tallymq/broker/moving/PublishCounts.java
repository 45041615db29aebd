package io.tallymq.broker.moving;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.view.BrokerView.Publishes;
import java.util.function.IntSupplier;

/** What became of publishes that is counted nowhere else, in messages, since the beginning of the log. */
public final class PublishCounts {
    /** The level of the state from which on all but those that were dropped are counted. */
    public static final int LEVEL = 5;

    private final IntSupplier level;
    private long came;
    private long returned;
    private long dropped;

    /** @param level of the state */
    public PublishCounts(IntSupplier level) {
        this.level = level;
    }

    /** Clients published so many to exchanges that there are. */
    public void came(int messages) {
        if (level.getAsInt() >= LEVEL) {
            came += messages;
        }
    }

    /** It reached no queue and went back to its publisher, who had wanted that. */
    public void returned() {
        if (level.getAsInt() >= LEVEL) {
            returned++;
        }
    }

    /** It reached no queue, and nobody wanted it back. */
    public void dropped() {
        dropped++;
    }

    /** Messages that were {@link #dropped()}. */
    public long droppedSoFar() {
        return dropped;
    }

    public void droppedSoFar(long messages) {
        dropped = messages;
    }

    /** The state comes to {@link #LEVEL}: what queues have counted until then stands for what came. */
    public void begin(long published) {
        came = published;
    }

    /** @param published what queues have counted: below {@link #LEVEL} it stands for what came */
    public Publishes view(long published) {
        return new Publishes(level.getAsInt() < LEVEL ? published : came, returned, dropped);
    }

    /** What {@link #LEVEL} brought; null for nothing. */
    public byte[] encode() {
        return (came | returned) == 0
                ? null
                : new ByteWriter(18).varint(came).varint(returned).toBytes();
    }

    public void decode(ByteReader r) {
        came = r.varint();
        returned = r.varint();
    }

    public void digest(StateDigest d) {
        d.add(dropped);
        if ((came | returned) != 0) {
            d.add(came).add(returned);
        }
    }
}
