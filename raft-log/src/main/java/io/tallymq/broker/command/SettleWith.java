package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * A publish to amq.settle: one message that {@code holder} held is settled, and the client is told whether it was. Below level 3 it is
 * not written.
 *
 * @param seq its sequence number
 * @param delay milliseconds that it rests before it comes again; 0: as the queue's arguments say
 */
public record SettleWith(long holder, Settle.Outcome outcome, long seq, long delay) implements Command {
    /** The level from which on it may be in the log. */
    public static final int LEVEL = 3;

    @Override
    public CommandKind kind() {
        return CommandKind.SETTLE_WITH;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.varint(holder).uint8(outcome.code()).varint(seq).varint(delay);
    }

    static SettleWith read(ByteReader r, InBatch in) {
        return new SettleWith(r.varint(), Settle.Outcome.of(r.uint8()), r.varint(), r.varint());
    }
}
