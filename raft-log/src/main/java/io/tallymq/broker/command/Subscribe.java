package io.tallymq.broker.command;

import io.tallymq.broker.message.ArgumentsCodec;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;

/** basic.consume. */
public record Subscribe(ConnectionId connection, int channel, String vhost, String queue, ConsumerSpec spec)
        implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.SUBSCRIBE;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        Fields.id(w, batch, connection).varint(channel).string(vhost).string(queue);
        w.string(spec.tag()).uint8(Fields.bits(spec.noAck(), spec.exclusive()));
        w.int32(spec.prefetch()).int32(spec.window());
        ArgumentsCodec.write(w, spec.arguments());
    }

    static Subscribe read(ByteReader r, InBatch in) {
        ConnectionId id = Fields.id(r, in.node());
        int channel = (int) r.varint();
        String vhost = r.string();
        String queue = r.string();
        String tag = r.string();
        int bits = r.uint8();
        int prefetch = r.int32();
        int window = r.int32();
        ConsumerSpec spec = new ConsumerSpec(
                tag, Fields.bit(bits, 0), Fields.bit(bits, 1), prefetch, window, ArgumentsCodec.read(r));
        return new Subscribe(id, channel, vhost, queue, spec);
    }
}
