package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;

/**
 * What a client asked for on a channel. When it is refused, the channel has ended: what its client sent behind it (commands,
 * publishes, settles) is void, until the front end says {@link CloseChannel}.
 *
 * @param command has to be one that may be refused
 */
public record OnChannel(ConnectionId connection, int channel, Command command) implements Command {
    /** Whether its client published it: then a refusal may be a nack, which ends nothing. */
    public boolean isPublish() {
        return command instanceof VoidPublish || command instanceof VoidId;
    }

    @Override
    public CommandKind kind() {
        return CommandKind.ON_CHANNEL;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        CommandCodec.write(Fields.id(w, batch, connection).varint(channel), batch, command);
    }

    static OnChannel read(ByteReader r, InBatch in) {
        return new OnChannel(Fields.id(r, in.node()), (int) r.varint(), CommandCodec.read(r, in));
    }
}
