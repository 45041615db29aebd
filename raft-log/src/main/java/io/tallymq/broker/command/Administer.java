package io.tallymq.broker.command;

import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.ChangeKind;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * Somebody changes who there is and who may do what. Whether he may is decided before it comes here.
 *
 * @param by his name; a node's duties have the node's
 * @param from his address; may be empty
 */
public record Administer(String by, String from, Change change) implements Command {
    /** The level of the state from which on it may be in the log. */
    public static final int LEVEL = 4;

    @Override
    public CommandKind kind() {
        return CommandKind.ADMINISTER;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.string(by).string(from).uint8(change.kind().code());
        change.write(w);
    }

    static Administer read(ByteReader r, InBatch in) {
        return new Administer(r.string(), r.string(), ChangeKind.read(r.uint8(), r));
    }
}
