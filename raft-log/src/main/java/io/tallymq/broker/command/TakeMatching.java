package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * A consumer with a filter takes messages that its node found to match: those of them that are still to be had, as many as it may have. Below
 * level 3 it is not written.
 *
 * @param consumer its number
 * @param ranges pairs of first and last sequence number, ascending
 */
public record TakeMatching(long consumer, long[] ranges) implements Command {
    /** The level from which on it may be in the log. */
    public static final int LEVEL = 3;

    @Override
    public CommandKind kind() {
        return CommandKind.TAKE_MATCHING;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.varint(consumer);
        Fields.writeRanges(w, ranges, ranges.length);
    }

    static TakeMatching read(ByteReader r, InBatch in) {
        return new TakeMatching(r.varint(), Fields.readRanges(r));
    }
}
