package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * An import of definitions begins. It changes nothing: within a {@link ByUser} the list of changes tells of it in one line, whatever the file makes.
 *
 * @param vhost that all of it is of; empty for a file of the whole cluster
 * @param what the file has
 */
public record NoteImport(String vhost, String what) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.NOTE_IMPORT;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.string(vhost).string(what);
    }

    static NoteImport read(ByteReader r, InBatch in) {
        return new NoteImport(r.string(), r.string());
    }
}
