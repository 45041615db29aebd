package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * A reader of a stream is done with all messages before this one, and goes on there when it comes back under the same consumer tag.
 *
 * @param consumer its number
 */
public record StoreOffset(long consumer, long offset) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.STORE_OFFSET;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.varint(consumer).varint(offset);
    }

    static StoreOffset read(ByteReader r, InBatch in) {
        return new StoreOffset(r.varint(), r.varint());
    }
}
