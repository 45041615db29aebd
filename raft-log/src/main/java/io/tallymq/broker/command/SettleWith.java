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
 * @param defer under which token it is put aside in place of going back; null if it is not. {@code delay} is the time after which it comes
 *     back by itself then, 0: it does not
 */
public record SettleWith(long holder, Settle.Outcome outcome, long seq, long delay, HeaderOverlay headers, Defer defer)
        implements Command {
    /** The level from which on it may be in the log. */
    public static final int LEVEL = 3;

    /** The fields of a table, as they are encoded. */
    private static final int HEADERS = 1;
    /** Texts: token, reply-to; and the correlation id if there is one. */
    private static final int DEFER = 2;

    /**
     * A message is put aside.
     *
     * @param token by which it is found, 1 to 128 bytes
     * @param replyTo the queue that is told the token; empty for none
     * @param correlationId of what it is told; null for none
     */
    public record Defer(String token, String replyTo, String correlationId) {}

    /** Of a message that gets no headers. */
    public SettleWith(long holder, Settle.Outcome outcome, long seq, long delay) {
        this(holder, outcome, seq, delay, null, null);
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
        if (defer != null) {
            ByteWriter value = new ByteWriter(64).string(defer.token).string(defer.replyTo);
            TaggedFields.write(
                    w, DEFER, (defer.correlationId == null ? value : value.string(defer.correlationId)).toBytes());
        }
        TaggedFields.end(w);
    }

    static SettleWith read(ByteReader r, InBatch in) {
        final SettleWith s = new SettleWith(r.varint(), Settle.Outcome.of(r.uint8()), r.varint(), r.varint());
        HeaderOverlay[] headers = {null};
        Defer[] defer = {null};
        TaggedFields.readCommand(r, (tag, value) -> {
            if (tag == HEADERS) {
                headers[0] = new HeaderOverlay(value.rest());
            } else if (tag == DEFER) {
                defer[0] = new Defer(value.string(), value.string(), value.hasRemaining() ? value.string() : null);
            }
            return tag == HEADERS || tag == DEFER;
        });
        boolean plain = headers[0] == null && defer[0] == null;
        return plain ? s : new SettleWith(s.holder, s.outcome, s.seq, s.delay, headers[0], defer[0]);
    }

    @Override
    public String toString() {
        String more = (headers == null ? "" : ", headers=" + headers) + (defer == null ? "" : ", defer=" + defer);
        return "SettleWith[holder=" + holder + ", outcome=" + outcome + ", seq=" + seq + ", delay=" + delay + more
                + "]";
    }
}
