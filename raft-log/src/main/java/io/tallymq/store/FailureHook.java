package io.tallymq.store;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.rocksdb.RocksDBException;

/** Turns what RocksDB reports into {@link StoreException}s, and tells the node once that the store has failed. */
final class FailureHook {
    private final Path directory;
    private final Consumer<String> onFailure;
    private final AtomicBoolean told = new AtomicBoolean();

    FailureHook(Path directory, Consumer<String> onFailure) {
        this.directory = directory;
        this.onFailure = onFailure;
    }

    StoreException write(RocksDBException e) {
        String text = StoreErrors.failed(directory, e);
        tell(text);
        return new StoreException(text, e);
    }

    /** A failed read is a broken disk or broken bytes: neither gets better by going on. */
    StoreException read(RocksDBException e) {
        String text = StoreErrors.unreadable(directory, e);
        tell(text);
        return new StoreException(text, e);
    }

    /** From now on errors are the closer's business. */
    void closing() {
        told.set(true);
    }

    private void tell(String text) {
        if (told.compareAndSet(false, true)) {
            onFailure.accept(text);
        }
    }
}
