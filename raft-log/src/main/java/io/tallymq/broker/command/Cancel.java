package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** basic.cancel: no more deliveries; what the consumer holds stays with its channel. Unknown numbers are fine. */
public record Cancel(long consumer) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.CANCEL;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.varint(consumer);
    }

    static Cancel read(ByteReader r, InBatch in) {
        return new Cancel(r.varint());
    }
}
