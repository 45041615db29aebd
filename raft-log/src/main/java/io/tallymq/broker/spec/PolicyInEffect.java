package io.tallymq.broker.spec;

import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ArgumentsCodec;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * What policies say to a queue or an exchange. It is kept with each: after a change of the policies it takes some entries until all go by
 * the new ones.
 *
 * @param policy name of the policy, null for none
 * @param operatorPolicy name of the operator policy, null for none
 * @param definition keys and values of both together
 */
public record PolicyInEffect(String policy, String operatorPolicy, Arguments definition) {
    /** The same, if some keys were not there. */
    public PolicyInEffect without(Collection<String> keys) {
        Map<String, Object> rest = new TreeMap<>(definition.values());
        return rest.keySet().removeAll(keys) ? new PolicyInEffect(policy, operatorPolicy, new Arguments(rest)) : this;
    }

    public byte[] encode() {
        ByteWriter w = new ByteWriter(64);
        name(w, policy);
        name(w, operatorPolicy);
        ArgumentsCodec.write(w, definition);
        return w.toBytes();
    }

    /** What {@link #encode} wrote. */
    public static PolicyInEffect decode(ByteReader r) {
        return new PolicyInEffect(name(r), name(r), ArgumentsCodec.read(r));
    }

    private static void name(ByteWriter w, String name) {
        w.bool(name != null);
        if (name != null) {
            w.string(name);
        }
    }

    private static String name(ByteReader r) {
        return r.bool() ? r.string() : null;
    }
}
