package io.tallymq.raft;

import io.tallymq.broker.store.MessageStore;
import io.tallymq.disk.Directories;
import java.nio.file.Path;

/**
 * A copy of a node's store.
 *
 * @param applied the end of the last entry that is in it, whole
 */
public record StoreCopy(Path directory, MessageStore.Applied applied) implements AutoCloseable {
    /** Deletes it. */
    @Override
    public void close() {
        Directories.delete(directory);
    }
}
