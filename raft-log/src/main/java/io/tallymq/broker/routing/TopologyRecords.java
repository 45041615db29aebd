package io.tallymq.broker.routing;

import io.tallymq.broker.message.ArgumentsCodec;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.PolicyInEffect;
import io.tallymq.broker.store.Keys;

/** The stored form of exchanges and bindings: one record each, complete without its key. */
final class TopologyRecords {
    /** A stored binding, before its ends are looked up. The numbers tell them from later ones of the same names. */
    record StoredBinding(String vhost, BindingKey key, boolean toQueue, long sourceNumber, long destinationNumber) {}

    private static final int POLICY = 1;

    private TopologyRecords() {}

    /** Vhost names hold no zero, so the key is unique whatever the exchange's name holds. */
    static byte[] key(Exchange x) {
        return Keys.named(Keys.EXCHANGE, x.vhost(), x.name());
    }

    static byte[] value(Exchange x) {
        ByteWriter w = new ByteWriter(64);
        w.int64(x.number()).string(x.vhost()).string(x.name()).string(x.spec().type());
        w.bool(x.spec().durable()).bool(x.spec().autoDelete()).bool(x.spec().internal());
        ArgumentsCodec.write(w, x.spec().arguments());
        if (x.policy() != null) {
            TaggedFields.write(w, POLICY, x.policy().encode());
        }
        return w.toBytes();
    }

    static Exchange exchange(byte[] value) {
        ByteReader r = new ByteReader(value);
        long number = r.int64();
        String vhost = r.string();
        String name = r.string();
        String type = r.string();
        boolean durable = r.bool();
        boolean autoDelete = r.bool();
        boolean internal = r.bool();
        ExchangeSpec spec = new ExchangeSpec(type, durable, autoDelete, internal, ArgumentsCodec.read(r));
        Exchange x = new Exchange(number, vhost, name, spec);
        TaggedFields.readRecord(r, (tag, field) -> {
            if (tag == POLICY) {
                x.goBy(PolicyInEffect.decode(field));
            }
            return tag == POLICY;
        });
        return x;
    }

    /** Routing keys carry their length: they may hold any octet. */
    static byte[] key(Binding b) {
        ByteWriter w = new ByteWriter(128);
        w.uint8(Keys.BINDING).int64(b.source().number()).bool(b.toQueue()).int64(b.destinationNumber());
        w.string(b.key().routingKey());
        w.raw(b.argumentBytes(), 0, b.argumentBytes().length);
        return w.toBytes();
    }

    static byte[] value(Binding b) {
        ByteWriter w = new ByteWriter(128);
        w.string(b.source().vhost()).string(b.key().source()).bool(b.toQueue());
        w.int64(b.source().number()).int64(b.destinationNumber());
        w.string(b.key().destination()).string(b.key().routingKey());
        ArgumentsCodec.write(w, b.key().arguments());
        return w.toBytes();
    }

    static StoredBinding binding(byte[] value) {
        ByteReader r = new ByteReader(value);
        String vhost = r.string();
        String source = r.string();
        boolean toQueue = r.bool();
        long sourceNumber = r.int64();
        long destinationNumber = r.int64();
        String destination = r.string();
        String routingKey = r.string();
        BindingKey key = new BindingKey(source, destination, routingKey, ArgumentsCodec.read(r));
        TaggedFields.endRecord(r);
        return new StoredBinding(vhost, key, toQueue, sourceNumber, destinationNumber);
    }
}
