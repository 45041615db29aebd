package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.DirectReplyTo;

/**
 * basic.consume of {@link DirectReplyTo#QUEUE}, or its end.
 *
 * @param token by which others reach the channel from now on; empty for the end
 */
public record ConsumeReplies(ConnectionId connection, int channel, String token) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.CONSUME_REPLIES;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Fields.id(w, batch, connection).varint(channel).string(token);
    }

    static ConsumeReplies read(ByteReader r, InBatch in) {
        return new ConsumeReplies(Fields.id(r, in.node()), (int) r.varint(), r.string());
    }
}
