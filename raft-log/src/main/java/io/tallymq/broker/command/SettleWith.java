package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.TaggedFields;

/**
 * A publish to amq.settle: one message that {@code holder} held is settled, and the client is told whether it was. Below level 3 it is
 * not written.
 *
 * @param seq its sequence number
 * @param delay milliseconds that it rests before it comes again; 0: as the queue's arguments say
 * @param headers that it has from now on; null for none
 */
public record SettleWith(long holder, Settle.Outcome outcome, long seq, long delay, HeaderOverlay headers)
        implements Command {
    /** The level from which on it may be in the log. */
    public static final int LEVEL = 3;

    /** The fields of a table, as they are encoded. */
    private static final int HEADERS = 1;

    /** Of a message that gets no headers. */
    public SettleWith(long holder, Settle.Outcome outcome, long seq, long delay) {
        this(holder, outcome, seq, delay, null);
    }

    @Override
    public CommandKind kind() {
        return CommandKind.SETTLE_WITH;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.varint(holder).uint8(outcome.code()).varint(seq).varint(delay);
        if (headers != null) {
            TaggedFields.write(w, HEADERS, headers.fields());
        }
        TaggedFields.end(w);
    }

    static SettleWith read(ByteReader r, InBatch in) {
        SettleWith plain = new SettleWith(r.varint(), Settle.Outcome.of(r.uint8()), r.varint(), r.varint());
        HeaderOverlay[] headers = {null};
        TaggedFields.readCommand(r, (tag, value) -> {
            if (tag == HEADERS) {
                headers[0] = new HeaderOverlay(value.rest());
            }
            return tag == HEADERS;
        });
        return headers[0] == null
                ? plain
                : new SettleWith(plain.holder, plain.outcome, plain.seq, plain.delay, headers[0]);
    }

    @Override
    public String toString() {
        String more = headers == null ? "" : ", headers=" + headers;
        return "SettleWith[holder=" + holder + ", outcome=" + outcome + ", seq=" + seq + ", delay=" + delay + more
                + "]";
    }
}
