package io.tallymq.broker.command;

import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ArgumentsCodec;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ExchangeSpec;

/** exchange.declare. */
public record DeclareExchange(String vhost, String name, ExchangeSpec spec, boolean passive) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.DECLARE_EXCHANGE;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.string(vhost).string(name).string(spec.type());
        w.uint8(Fields.bits(spec.durable(), spec.autoDelete(), spec.internal(), passive));
        ArgumentsCodec.write(w, spec.arguments());
    }

    static DeclareExchange read(ByteReader r, InBatch in) {
        String vhost = r.string();
        String name = r.string();
        String type = r.string();
        int bits = r.uint8();
        Arguments arguments = ArgumentsCodec.read(r);
        ExchangeSpec spec =
                new ExchangeSpec(type, Fields.bit(bits, 0), Fields.bit(bits, 1), Fields.bit(bits, 2), arguments);
        return new DeclareExchange(vhost, name, spec, Fields.bit(bits, 3));
    }
}
