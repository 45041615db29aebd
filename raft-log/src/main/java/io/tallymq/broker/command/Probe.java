package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** Changes nothing; its reply tells that the whole path works, and carries the state's digest when asked for. */
public record Probe(boolean digest) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.PROBE;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.bool(digest);
    }

    static Probe read(ByteReader r, InBatch in) {
        return new Probe(r.bool());
    }
}
