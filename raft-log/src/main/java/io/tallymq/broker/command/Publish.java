package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import java.util.List;

/**
 * A run of messages, in publishing order, possibly of many channels. {@code bytes[offset..end)} are message records in
 * the layout of {@link MessageRecord}; each names one of {@code routes} by position.
 *
 * @param first the ordinal within its batch of the first message, for refusals
 * @param origins which channel each message of the batch is from
 */
public record Publish(List<Route> routes, byte[] bytes, int offset, int end, int first, Origins origins)
        implements Command {
    /** The messages from the one at {@code at} on, which is message {@code ordinal} of its batch. */
    public Publish from(int at, int ordinal) {
        return new Publish(routes, bytes, at, end, ordinal, origins);
    }

    @Override
    public CommandKind kind() {
        return CommandKind.PUBLISH;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.int32(end - offset).int32(first).raw(bytes, offset, end - offset);
    }

    static Publish read(ByteReader r, InBatch in) {
        int length = r.int32();
        int first = r.int32();
        int from = r.skip(length);
        return new Publish(in.routes(), r.array(), from, from + length, first, in.origins());
    }
}
