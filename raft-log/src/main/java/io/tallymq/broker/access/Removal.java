package io.tallymq.broker.access;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * How far what is in a virtual host that goes is taken out: each later entry takes some. Part of the state.
 *
 * @param at the last one that was looked at, in its order
 * @param number where that is not enough
 */
public record Removal(Stage stage, long at, long number) {
    /** What goes after what. Append only. */
    public enum Stage {
        EXCHANGES,
        QUEUES,
        SCHEDULED,
        PERMISSIONS,
        /** Nothing is taken out: what is told by itself of messages that were in it. From level 5 on. */
        REPORTS
    }

    public static final Removal BEGIN = new Removal(Stage.EXCHANGES, 0, 0);

    void write(ByteWriter w) {
        w.uint8(stage.ordinal()).int64(at).int64(number);
    }

    static Removal read(ByteReader r) {
        return new Removal(Stage.values()[r.uint8()], r.int64(), r.int64());
    }

    /** What goes behind that of this stage; null when nothing is left. */
    public Removal next() {
        return stage == Stage.REPORTS ? null : new Removal(Stage.values()[stage.ordinal() + 1], 0, 0);
    }
}
