package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * Messages leave one queue and come into another, both by this entry: those of them that are to be had and that the other queue takes. What
 * was moved before is not there any more, so asking again moves nothing twice. Below level 4 it is not written.
 *
 * @param queue the number of the queue that has them
 * @param ranges pairs of first and last sequence number, ascending
 * @param to name of the queue that gets them, in the same virtual host; empty: each goes back to the one where it died last
 * @param by the user who asked for it, for the list of what was changed; empty: it is not noted
 * @param from the address he came from
 * @param reason what he said why, for people
 */
public record Redrive(long queue, long[] ranges, String to, String by, String from, String reason) implements Command {
    /** The level from which on it may be in the log. */
    public static final int LEVEL = 4;

    /** However many it moves: it goes on until it has done about so much. */
    private static final int UNITS = 1_000;

    @Override
    public CommandKind kind() {
        return CommandKind.REDRIVE;
    }

    @Override
    public int units() {
        return UNITS;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.varint(queue).string(to).string(by).string(from).string(reason);
        Fields.writeRanges(w, ranges, ranges.length);
    }

    static Redrive read(ByteReader r, InBatch in) {
        long queue = r.varint();
        String to = r.string();
        String by = r.string();
        String from = r.string();
        String reason = r.string();
        return new Redrive(queue, Fields.readRanges(r), to, by, from, reason);
    }
}
