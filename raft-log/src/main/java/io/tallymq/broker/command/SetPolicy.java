package io.tallymq.broker.command;

import io.tallymq.broker.message.ArgumentsCodec;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.PolicySpec;

/** A policy or an operator policy is made, or replaced by another one of its name. */
public record SetPolicy(String vhost, String name, boolean operator, PolicySpec spec) implements Command {
    /** Its expression is compiled, even if it is then found to be too large, and all policies are arranged anew: 0.1 to 1 ms. Who goes by it is looked for by later entries. */
    private static final int UNITS = 64;

    @Override
    public int units() {
        return UNITS;
    }

    @Override
    public CommandKind kind() {
        return CommandKind.SET_POLICY;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.string(vhost).string(name).bool(operator);
        w.string(spec.pattern()).string(spec.applyTo()).int64(spec.priority());
        ArgumentsCodec.write(w, spec.definition());
    }

    static SetPolicy read(ByteReader r, InBatch in) {
        String vhost = r.string();
        String name = r.string();
        boolean operator = r.bool();
        return new SetPolicy(
                vhost, name, operator, new PolicySpec(r.string(), r.string(), r.int64(), ArgumentsCodec.read(r)));
    }
}
