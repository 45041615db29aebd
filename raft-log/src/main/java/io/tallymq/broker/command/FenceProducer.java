package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** Connections that are open now may not publish as a producer any more; those that did are closed. Below level 5 it is not written. */
public record FenceProducer(String vhost, String producer) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.FENCE_PRODUCER;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.string(vhost).string(producer);
    }

    static FenceProducer read(ByteReader r, InBatch in) {
        return new FenceProducer(r.string(), r.string());
    }
}
