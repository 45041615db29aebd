package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;
import java.util.ArrayList;
import java.util.List;

/**
 * tx.commit: all that a channel settled and published since tx.select or the last commit. It takes effect as a whole, or is refused as a
 * whole, which ends the channel. One that its channel's end came before is void.
 *
 * @param publishes empty ({@code offset == end}) when nothing was published
 */
public record CommitTx(ConnectionId connection, int channel, List<Settle> settles, Publish publishes)
        implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.COMMIT_TX;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        writeHead(w, batch, connection, channel, settles);
        CommandCodec.write(w, batch, publishes);
    }

    /** All that stands before the publishes, which follow as a command of their own kind. */
    public static void writeHead(ByteWriter w, String batch, ConnectionId id, int channel, List<Settle> settles) {
        Fields.id(w, batch, id).varint(channel).varint(settles.size());
        settles.forEach(s -> s.write(w, batch));
    }

    static CommitTx read(ByteReader r, InBatch in) {
        ConnectionId id = Fields.id(r, in.node());
        int channel = (int) r.varint();
        int n = Fields.count(r, "settles");
        List<Settle> settles = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            settles.add(Settle.read(r, in));
        }
        return new CommitTx(id, channel, settles, (Publish) CommandCodec.read(r, in));
    }
}
