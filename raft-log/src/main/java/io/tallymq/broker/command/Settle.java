package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.UnreadableEntryException;

/**
 * basic.ack, basic.nack and basic.reject: what {@code holder} (a consumer or a getter) held is settled. Messages it
 * does not hold (any more) are passed over: the channel has checked the delivery tags.
 *
 * @param ranges pairs of first and last sequence number, inclusive, ascending
 */
public record Settle(long holder, Outcome outcome, long[] ranges) implements Command {
    /** What becomes of a settled message. */
    public enum Outcome {
        /** Consumed. */
        ACK(0),
        /** basic.nack with requeue: back to its place. */
        NACK_REQUEUE(1),
        /** basic.reject with requeue: back to its place; a delivery attempt that counts. */
        REJECT_REQUEUE(2),
        /** nack or reject without requeue: gone (dead-lettered where that is set up). */
        DISCARD(3),
        /** Assigned, but not sent to the client: back to its place as if it had never left it. */
        RELEASE(4);

        private static final Outcome[] ALL = values();

        private final int code;

        Outcome(int code) {
            this.code = code;
        }

        /** As it stands in the log. */
        int code() {
            return code;
        }

        static Outcome of(int code) {
            if (code >= ALL.length) {
                throw new UnreadableEntryException(
                        "The log holds a settle with outcome " + code
                                + ", which this program does not know: run the version of TallyMQ that wrote it, or a newer one.");
            }
            return ALL[code];
        }
    }

    /** Of what goes back in more ranges than this later entries do the most: {@link #units}. */
    private static final int MANY = 500;
    /** Then so many ranges are a unit of work: each is looked for, and hardly more. */
    static final int PER_UNIT = 8;

    @Override
    public int units() {
        int n = Math.max(1, ranges.length / 2);
        boolean later = outcome == Outcome.NACK_REQUEUE || outcome == Outcome.REJECT_REQUEUE;
        return later && n > MANY ? Math.max(MANY, n / PER_UNIT) : n;
    }

    @Override
    public CommandKind kind() {
        return CommandKind.SETTLE;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.varint(holder).uint8(outcome.code());
        Fields.writeRanges(w, ranges, ranges.length);
    }

    static Settle read(ByteReader r, InBatch in) {
        return new Settle(r.varint(), Outcome.of(r.uint8()), Fields.readRanges(r));
    }
}
