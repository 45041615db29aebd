package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * A publish that has a name may not come any more, if it has not come yet. Below level 5 it is not written.
 *
 * @param producer who names it
 * @param seq its number
 * @param by the user who asked for it, for the list of what was changed; empty: it is not noted
 * @param from the address he came from
 */
public record VoidPublish(String vhost, String producer, long seq, String by, String from) implements Command {
    /** The level from which on publishes have names. */
    public static final int LEVEL = 5;

    @Override
    public CommandKind kind() {
        return CommandKind.VOID_PUBLISH;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.string(vhost).string(producer).varint(seq).string(by).string(from);
    }

    static VoidPublish read(ByteReader r, InBatch in) {
        return new VoidPublish(r.string(), r.string(), r.varint(), r.string(), r.string());
    }
}
