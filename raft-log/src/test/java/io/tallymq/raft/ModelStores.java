package io.tallymq.raft;

import io.tallymq.broker.store.MessageStore;
import io.tallymq.store.MemoryStore;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** A node's store in memory, and what of it is durable. A copy goes from node to node under the name of its directory. */
final class ModelStores implements LossyStores {
    private final Map<Path, MemoryStore> copies;
    private final long bodyCacheBytes;
    private MemoryStore store;
    private MemoryStore durable;
    private boolean closed;
    private Runnable whileReplaced = () -> {};

    /** @param copies of all nodes */
    ModelStores(Map<Path, MemoryStore> copies, long bodyCacheBytes) {
        this.copies = copies;
        this.bodyCacheBytes = bodyCacheBytes;
    }

    static Map<Path, MemoryStore> copies() {
        return new HashMap<>();
    }

    @Override
    public void whileReplaced(Runnable task) {
        whileReplaced = task;
    }

    @Override
    public MessageStore open(Consumer<String> onFailure) {
        store = durable == null ? new MemoryStore(bodyCacheBytes) : durable.copy();
        closed = false;
        return store;
    }

    @Override
    public MessageStore.Applied durable() {
        if (closed) {
            throw new IllegalStateException("the store is closed");
        }
        return durable == null ? null : durable.applied();
    }

    @Override
    public void forceDurable() {
        if (closed) {
            throw new IllegalStateException("the store is closed");
        }
        if (store.applied() != null) {
            durable = store.copy();
        }
    }

    @Override
    public Path checkpoint(Path directory) {
        forceDurable();
        copies.put(directory, durable);
        return directory;
    }

    @Override
    public void verify(Path copy) {}

    @Override
    public void install(Path copy) {
        closed = true;
        whileReplaced.run();
        durable = copies.get(copy);
    }

    /** What was not durable is forgotten at the next {@link #open}. */
    @Override
    public void crash() {}
}
