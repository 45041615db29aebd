package io.tallymq.store;

import io.tallymq.broker.store.MessageStore.Applied;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * The process that gets killed: goes on with a {@link StoreScript} where the store stands, and prints a line now and then.
 * Arguments: directory, seed of the script, a number for this run, {@code whole} or {@code apart}.
 */
final class KilledStore {
    /** Ends by itself after so many commits, should nobody kill it. */
    private static final int MAX_COMMITS = 50_000;

    private static final int COMMITS_PER_LINE = 40;

    private KilledStore() {}

    public static void main(String[] args) {
        long seed = Long.parseLong(args[1]);
        SplittableRandom odd = new SplittableRandom(Long.parseLong(args[2]));
        boolean apart = args[3].equals("apart");
        RocksStore store = RocksStore.open(config(Path.of(args[0])), StoreScript.LEVELS, KilledStore::fail);
        StoreScript script = new StoreScript(seed);
        Applied start = store.applied();
        if (start != null) {
            script.run(new MemoryStore(0), start.index());
        }
        for (int i = 1; i <= MAX_COMMITS; i++) {
            Applied before = store.applied();
            script.step(store);
            boolean flush = odd.nextInt(200) == 0;
            if (apart && before != null) {
                // What the store must not do: the position comes in a batch of its own.
                store.commit(before);
                if (flush) {
                    store.forceDurable();
                }
                store.commit(script.applied());
            } else {
                store.commit(script.applied());
                if (flush) {
                    store.forceDurable();
                }
            }
            if (i % COMMITS_PER_LINE == 0) {
                System.out.println(script.index());
            }
        }
        Runtime.getRuntime().halt(3);
    }

    /** Memtables so small that flushes and compactions run all the time. */
    static RocksStoreConfig config(Path directory) {
        return RocksStoreConfig.in(directory).withMemtables(256 << 10, 4).withCaches(1 << 20, 100_000);
    }

    private static void fail(String text) {
        System.err.println(text);
        Runtime.getRuntime().halt(4);
    }
}
