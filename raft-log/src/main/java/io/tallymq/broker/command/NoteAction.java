package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * Somebody does something that changes nothing of the state, or that other commands do, and that others should be able to see afterwards. It changes
 * nothing: within a {@link ByUser} the list of changes tells of it.
 *
 * @param what as the list of changes names it
 * @param subject what it is about
 * @param rest more of it; may be empty
 * @param isRoutine whether programs do it all day: then it takes the place of the last one of its user, kind and subject
 */
public record NoteAction(String what, String subject, String rest, boolean isRoutine) implements Command {
    @Override
    public CommandKind kind() {
        return CommandKind.NOTE_ACTION;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.string(what).string(subject).string(rest).bool(isRoutine);
    }

    static NoteAction read(ByteReader r, InBatch in) {
        return new NoteAction(r.string(), r.string(), r.string(), r.bool());
    }
}
