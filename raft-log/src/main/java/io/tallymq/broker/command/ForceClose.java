package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;

/**
 * An operator wants a connection closed: its node tells its client 320 with the reason, and then says {@link CloseConnection}. Nothing has
 * changed until then, so that what the client was sent counts as sent.
 *
 * @param reason for the client; what of it is more than {@link #MOST_REASON} characters is not told
 */
public record ForceClose(ConnectionId connection, String reason) implements Command {
    /** The level of the state from which on it may be in the log. */
    public static final int LEVEL = 4;

    /** With the code's name it has to find room in a short string. */
    public static final int MOST_REASON = 200;

    @Override
    public CommandKind kind() {
        return CommandKind.FORCE_CLOSE;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Fields.id(w, batch, connection).string(reason);
    }

    static ForceClose read(ByteReader r, InBatch in) {
        return new ForceClose(Fields.id(r, in.node()), r.string());
    }
}
