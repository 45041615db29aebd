package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;

/**
 * Changes nothing by itself; its reply tells that the whole path works, and carries the state's digest when asked for.
 *
 * @param work units of what is due or owed that are done with it, beside the little that each entry does; only from {@link #WORK_LEVEL} on
 */
public record Probe(boolean digest, int work) implements Command {
    /** The level of the state from which on the leader says how much of what is due is done. */
    public static final int WORK_LEVEL = 4;

    /** Tag. */
    private static final int WORK = 1;

    public Probe(boolean digest) {
        this(digest, 0);
    }

    @Override
    public CommandKind kind() {
        return CommandKind.PROBE;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.bool(digest);
        if (work > 0) {
            TaggedFields.write(w, WORK, new ByteWriter(5).varint(work).toBytes());
        }
        TaggedFields.end(w);
    }

    static Probe read(ByteReader r, InBatch in) {
        boolean digest = r.bool();
        int[] work = {0};
        TaggedFields.readCommand(r, (tag, value) -> {
            if (tag == WORK) {
                work[0] = (int) value.varint();
            }
            return tag == WORK;
        });
        return new Probe(digest, work[0]);
    }

    @Override
    public String toString() {
        return "Probe[digest=" + digest + (work == 0 ? "" : ", work=" + work) + "]";
    }
}
