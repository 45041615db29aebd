package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** More room for a consumer without prefetch: {@code messages} were written to its socket. */
public record Credit(long consumer, int messages) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.CREDIT;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.varint(consumer).int32(messages);
    }

    static Credit read(ByteReader r, InBatch in) {
        return new Credit(r.varint(), r.int32());
    }
}
