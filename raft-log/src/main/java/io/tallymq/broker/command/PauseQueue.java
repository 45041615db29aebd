package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * An operator pauses a queue, or lets it go on: while it is paused nobody is given any of its messages, and all else goes on, publishes and acks included.
 *
 * @param pause false: it goes on
 */
public record PauseQueue(String vhost, String name, boolean pause) implements Command {
    /** The level of the state from which on it may be in the log. */
    public static final int LEVEL = 5;

    @Override
    public CommandKind kind() {
        return CommandKind.PAUSE_QUEUE;
    }

    @Override
    public void write(ByteWriter w, String batch) {
        w.string(vhost).string(name).bool(pause);
    }

    static PauseQueue read(ByteReader r, InBatch in) {
        return new PauseQueue(r.string(), r.string(), r.bool());
    }
}
