package io.tallymq.raft;

import io.tallymq.broker.store.MessageStore;
import io.tallymq.disk.Directories;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Makes a copy of the store that ends where an entry does. An entry with much work is written in several commits, and a copy made between
 * two of them would need the log to go on. So what was copied is looked at and made again if it is such a one; after some of these
 * entries have to wait for the copy.
 */
final class StoreCopying {
    /** Copies made while entries are applied. */
    static final int TRIES = 3;

    private final Function<Path, Path> copying;
    private final Function<Path, MessageStore.Applied> wholeAt;
    private final Consumer<Runnable> betweenEntries;

    /**
     * @param copying makes a copy in a new directory below the given one
     * @param wholeAt where a copy ends, null for within an entry
     * @param betweenEntries runs something while no entry is applied and all that was is written
     */
    StoreCopying(
            Function<Path, Path> copying,
            Function<Path, MessageStore.Applied> wholeAt,
            Consumer<Runnable> betweenEntries) {
        this.copying = copying;
        this.wholeAt = wholeAt;
        this.betweenEntries = betweenEntries;
    }

    StoreCopy make(Path parent) {
        betweenEntries.accept(() -> {}); // what is applied and told may wait to be written
        for (int i = 0; i < TRIES; i++) {
            StoreCopy copy = look(copying.apply(parent));
            if (copy != null) {
                return copy;
            }
        }
        Path[] made = {null};
        betweenEntries.accept(() -> made[0] = copying.apply(parent));
        StoreCopy copy = look(made[0]);
        if (copy == null) {
            throw new IllegalStateException("between two entries the store is in the middle of one");
        }
        return copy;
    }

    private StoreCopy look(Path directory) {
        try {
            MessageStore.Applied applied = wholeAt.apply(directory);
            if (applied != null) {
                return new StoreCopy(directory, applied);
            }
        } catch (RuntimeException e) {
            Directories.delete(directory);
            throw e;
        }
        Directories.delete(directory);
        return null;
    }
}
