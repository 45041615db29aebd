package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * A consumer rests: what it holds beyond what its client was sent goes back, as if it had never left, and nothing is assigned
 * beyond its prefetch until it settles again. What it is told of between this command and its reply goes back with the rest,
 * so nothing later is delivered before it.
 *
 * @param sent what the client was sent and has not settled: pairs of first and last sequence number, inclusive, ascending
 */
public record TakeBack(long consumer, long[] sent) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.TAKE_BACK;
    }

    @Override
    public int units() {
        return Math.max(1, sent.length / 2 / Settle.PER_UNIT);
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Fields.writeRanges(w.varint(consumer), sent, sent.length);
    }

    static TakeBack read(ByteReader r, InBatch in) {
        return new TakeBack(r.varint(), Fields.readRanges(r));
    }
}
