package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * Connections that are open now may not publish as a producer any more; those that did are closed. Below level 5 it is not written.
 *
 * @param by the user who asked for it, for the list of what was changed; empty: it is not noted
 * @param from the address he came from
 */
public record FenceProducer(String vhost, String producer, String by, String from) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.FENCE_PRODUCER;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.string(vhost).string(producer).string(by).string(from);
    }

    static FenceProducer read(ByteReader r, InBatch in) {
        return new FenceProducer(r.string(), r.string(), r.string(), r.string());
    }
}
