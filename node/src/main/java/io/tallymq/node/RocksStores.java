package io.tallymq.node;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.raft.StoreProvider;
import io.tallymq.store.RocksStore;
import io.tallymq.store.RocksStoreConfig;
import io.tallymq.store.StoreMetrics;
import io.tallymq.store.StoredCopy;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The node's RocksDB, behind what the replicated broker asks of a store. */
public final class RocksStores implements StoreProvider {
    private final RocksStoreConfig config;
    private volatile RocksStore store;

    public RocksStores(RocksStoreConfig config) {
        this.config = config;
    }

    @Override
    public MessageStore open(Consumer<String> onFailure) {
        store = RocksStore.open(config, BrokerMachine.LEVELS, onFailure);
        return store;
    }

    @Override
    public MessageStore.Applied durable() {
        return store.durable();
    }

    @Override
    public void forceDurable() {
        store.forceDurable();
    }

    @Override
    public Path checkpoint(Path directory) {
        return store.checkpoint(directory);
    }

    @Override
    public MessageStore.Applied wholeAt(Path copy) {
        StoredCopy.Contents found = new StoredCopy(copy, BrokerMachine.LEVELS).inspect();
        return BrokerMachine.isWithinEntry(found.machine()) ? null : found.applied();
    }

    @Override
    public void verify(Path copy) {
        new StoredCopy(copy, BrokerMachine.LEVELS).verify();
    }

    @Override
    public void install(Path copy) {
        RocksStore.install(config, copy);
    }

    /** How often the open store could not be looked after. Any thread. */
    long failedTasks() {
        return store.failedTasks();
    }

    /** Sizes of the open store. Any thread. */
    StoreMetrics metrics() {
        return store.metrics();
    }
}
