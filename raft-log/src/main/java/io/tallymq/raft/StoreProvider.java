package io.tallymq.raft;

import io.tallymq.broker.store.MessageStore;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The store on this node's disk, as a {@link RaftBroker} needs it: open, durable up to somewhere, copied to another node and
 * replaced by another node's copy. One store is open at a time; methods speak of that one.
 */
public interface StoreProvider {
    /**
     * Opens the store, or makes a new one. The one opened before was closed.
     *
     * @param onFailure told once, on any thread, when the store can take no more writes: the process has to end
     */
    MessageStore open(Consumer<String> onFailure);

    /** What a crash of process and machine leaves; null when nothing. Any thread. */
    MessageStore.Applied durable();

    /** Makes what is committed durable now. Any thread. */
    void forceDurable();

    /** A consistent copy in this directory, which does not exist yet. Any thread, while commits go on. */
    Path checkpoint(Path directory);

    /** Where a copy ends: null when that is in the middle of an entry. Any thread. */
    default MessageStore.Applied wholeAt(Path copy) {
        throw new UnsupportedOperationException("this store's copies can't be looked at");
    }

    /**
     * Reads all of a copy of another node's store, while this one is open.
     *
     * @throws RuntimeException it is damaged, or can't be read by this program: it must not be installed
     */
    void verify(Path copy);

    /** Puts a copy that was found good in the place of the store, which is closed. */
    void install(Path copy);
}
