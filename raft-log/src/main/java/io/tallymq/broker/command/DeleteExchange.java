package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** exchange.delete; a missing exchange is fine. */
public record DeleteExchange(String vhost, String name, boolean ifUnused) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.DELETE_EXCHANGE;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.string(vhost).string(name).uint8(Fields.bits(ifUnused));
    }

    static DeleteExchange read(ByteReader r, InBatch in) {
        return new DeleteExchange(r.string(), r.string(), Fields.bit(r.uint8(), 0));
    }
}
