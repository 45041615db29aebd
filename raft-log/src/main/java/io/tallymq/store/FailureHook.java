package io.tallymq.store;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.rocksdb.RocksDBException;

/**
 * Turns what RocksDB reports into {@link StoreException}s, and tells the node once that the store has failed, which is written down if it is
 * damaged: see {@link DamageMark}.
 */
final class FailureHook {
    private final Path directory;
    private final Consumer<String> onFailure;
    private final AtomicBoolean told = new AtomicBoolean();

    FailureHook(Path directory, Consumer<String> onFailure) {
        this.directory = directory;
        this.onFailure = onFailure;
    }

    StoreException write(RocksDBException e) {
        return tell(StoreErrors.failed(directory, e), e, StoreErrors.isCorruption(e));
    }

    /** A failed read is a broken disk or broken bytes: neither gets better by going on. */
    StoreException read(RocksDBException e) {
        return tell(StoreErrors.unreadable(directory, e), e, !StoreErrors.isLack(e));
    }

    /** From now on errors are the closer's business. */
    void closing() {
        told.set(true);
    }

    private StoreException tell(String text, RocksDBException e, boolean damage) {
        if (told.compareAndSet(false, true)) {
            if (damage) {
                DamageMark.set(directory, text);
            }
            onFailure.accept(text);
        }
        return damage ? StoreException.damage(text, e) : new StoreException(text, e);
    }
}
