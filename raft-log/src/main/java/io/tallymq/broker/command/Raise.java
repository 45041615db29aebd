package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * The leader's word that every configured node knows this level: from here on its commands and fields may be written, and
 * what it changes acts. A level that is not above the cluster's changes nothing.
 */
public record Raise(int level, long term) implements Decision {
    @Override
    public CommandKind kind() {
        return CommandKind.RAISE;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.varint(level).varint(term);
    }

    static Raise read(ByteReader r, InBatch in) {
        return new Raise((int) r.varint(), r.varint());
    }
}
