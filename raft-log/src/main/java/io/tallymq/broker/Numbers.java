package io.tallymq.broker;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;

/** Numbers that the broker gives, none of them twice. */
final class Numbers {
    private long nextNumber = 1;
    private long nextShared = 1;

    /** For what is declared. */
    long newNumber() {
        return nextNumber++;
    }

    /** For a body that several messages or several entries have in common. */
    long newShared() {
        return nextShared++;
    }

    void write(ByteWriter w) {
        w.int64(nextNumber).int64(nextShared);
    }

    void read(ByteReader r) {
        nextNumber = r.int64();
        nextShared = r.int64();
    }

    StateDigest digest(StateDigest d) {
        return d.add(nextNumber).add(nextShared);
    }
}
