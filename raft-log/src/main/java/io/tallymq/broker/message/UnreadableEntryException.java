package io.tallymq.broker.message;

/**
 * The log holds an entry that this program can not read. It must not be passed over: this replica would differ from the
 * others from here on. The node has to stop. What to do when all nodes do: decision 016.
 */
public final class UnreadableEntryException extends IllegalStateException {
    public UnreadableEntryException(String message) {
        super(message);
    }

    public UnreadableEntryException(String message, Throwable cause) {
        super(message, cause);
    }
}
