package io.tallymq.raft;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.format.Versions;

/** What another node said of itself. */
record NodeReport(
        String role, long term, long commit, long applied, long durable, boolean clients, int level, Versions levels) {
    static NodeReport read(ByteReader r) {
        return new NodeReport(
                r.string(),
                r.int64(),
                r.int64(),
                r.int64(),
                r.int64(),
                r.bool(),
                r.uint16(),
                new Versions(r.uint16(), r.uint16()));
    }

    void write(ByteWriter w) {
        w.string(role).int64(term).int64(commit).int64(applied).int64(durable).bool(clients);
        w.uint16(level).uint16(levels.min()).uint16(levels.max());
    }
}
