package io.tallymq.broker.access;

import io.tallymq.broker.message.ArgumentsCodec;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.store.Keys;

/** The stored form of a policy, complete without its key. */
final class PolicyRecord {
    private PolicyRecord() {}

    static byte[] key(Policy p) {
        return Keys.named(Keys.POLICY, p.operator ? "o" : "", p.vhost, p.name);
    }

    static byte[] value(Policy p) {
        ByteWriter w = new ByteWriter(96);
        w.string(p.vhost).string(p.name).bool(p.operator);
        w.string(p.spec.pattern()).string(p.spec.applyTo()).int64(p.spec.priority());
        ArgumentsCodec.write(w, p.spec.definition());
        return w.toBytes();
    }

    static Policy read(byte[] value) {
        ByteReader r = new ByteReader(value);
        String vhost = r.string();
        String name = r.string();
        boolean operator = r.bool();
        PolicySpec spec = new PolicySpec(r.string(), r.string(), r.int64(), ArgumentsCodec.read(r));
        TaggedFields.endRecord(r);
        return new Policy(vhost, name, operator, spec);
    }
}
