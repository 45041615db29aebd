package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.BindingKey;

/** exchange.bind, and exchange.unbind when {@code add} is false. */
public record BindExchange(String vhost, BindingKey binding, boolean add) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.BIND_EXCHANGE;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Fields.binding(w.string(vhost), binding).uint8(Fields.bits(add));
    }

    static BindExchange read(ByteReader r, InBatch in) {
        return new BindExchange(r.string(), Fields.binding(r), Fields.bit(r.uint8(), 0));
    }
}
