package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * What a user asked for by HTTP that is no {@link Administer}: carried out as it is, and if it is not refused the list of changes tells of it.
 * Whether he may is decided before it comes here.
 *
 * @param by his name
 * @param from his address
 * @param command sets or clears a policy, makes a scheduled message or calls it off, closes a connection, changes queues, exchanges or bindings, or
 *     tells of an import or of something else that was done
 */
public record ByUser(String by, String from, Command command) implements Command {
    /** The level of the state from which on it may be in the log. */
    public static final int LEVEL = 5;

    @Override
    public CommandKind kind() {
        return CommandKind.BY_USER;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        CommandCodec.write(w.string(by).string(from), batch, command);
    }

    static ByUser read(ByteReader r, InBatch in) {
        return new ByUser(r.string(), r.string(), CommandCodec.read(r, in));
    }
}
