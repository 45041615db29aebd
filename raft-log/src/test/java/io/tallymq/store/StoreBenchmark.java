package io.tallymq.store;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore.Applied;
import io.tallymq.broker.store.MessageStore.Slice;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the store costs the applying thread, and how fast a backlog is read. Not a test: compare two runs on the same quiet
 * machine. Arguments: a directory that may be filled, then
 *
 * <ul>
 *   <li>{@code apply <message bytes> <messages per chunk> <chunks>}: puts a chunk and removes the one put 100 before it, with
 *       a queue record and the position, per commit
 *   <li>{@code fill <message bytes> <messages per chunk> <queues> <megabytes>}: a backlog, queue after queue in turn
 *   <li>{@code drain <queues>}: loads the whole backlog, each queue from its head, the queues in turn, with two threads
 * </ul>
 */
final class StoreBenchmark {
    private static final int DEPTH = 100;
    private static final int DRAIN_THREADS = 2;
    private static final int IN_TURN = 16;

    private StoreBenchmark() {}

    public static void main(String[] args) throws InterruptedException, ExecutionException {
        RocksStoreConfig config = RocksStoreConfig.in(Path.of(args[0]));
        try (RocksStore store = RocksStore.open(config, StoreScript.LEVELS, System.err::println)) {
            switch (args[1]) {
                case "apply" -> apply(store, number(args, 2), number(args, 3), number(args, 4));
                case "fill" -> fill(store, number(args, 2), number(args, 3), number(args, 4), number(args, 5));
                case "drain" -> drain(store, number(args, 2));
                default -> throw new IllegalArgumentException(args[1]);
            }
        }
    }

    private static int number(String[] args, int at) {
        return Integer.parseInt(args[at]);
    }

    private static Applied at(long index) {
        return new Applied(1, index, index, StoreScript.LEVELS.max());
    }

    private static void apply(RocksStore store, int bytes, int messages, int chunks) {
        ArrayDeque<Chunk> waiting = new ArrayDeque<>();
        byte[] record = new byte[60];
        byte[] recordKey = Keys.of(Keys.QUEUE_STATE, 1);
        List<Slice> parts = TestChunks.chunk(1, 0, messages, bytes).parts();
        long cpu = 0;
        for (int i = 0; i < 2 * chunks; i++) {
            if (i == chunks) {
                cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            }
            Chunk chunk = new Chunk(1, (long) i * messages, messages, (long) bytes * messages, 0);
            store.putChunk(chunk, parts);
            waiting.add(chunk);
            if (waiting.size() > DEPTH) {
                store.deleteChunk(waiting.remove());
            }
            store.put(recordKey, record);
            store.commit(at(i));
        }
        cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu;
        System.out.printf(
                "%d B x %d: %.3f us of the applying thread per message, %s%n",
                bytes, messages, cpu / 1e3 / chunks / messages, store.metrics());
    }

    private static void fill(RocksStore store, int bytes, int messages, int queues, int megabytes) {
        byte[] random = new byte[8 << 20];
        new SplittableRandom(1).nextBytes(random);
        List<Slice> parts = new ArrayList<>();
        long chunks = ((long) megabytes << 20) / ((long) bytes * messages) / queues;
        long index = 0;
        for (int i = 0; i < chunks; i++) {
            for (int q = 1; q <= queues; q++) {
                TestChunks.Made made = TestChunks.withBytes(q, (long) i * messages, messages, bytes, random);
                parts.clear();
                parts.addAll(made.parts());
                store.putChunk(made.chunk(), parts);
                store.commit(at(++index));
            }
        }
        store.put(Keys.of(Keys.NODE, 0), Keys.of(Keys.NODE, chunks, messages));
        store.commit(at(++index));
        store.forceDurable();
        System.out.println(store.metrics());
    }

    private static void drain(RocksStore store, int queues) throws InterruptedException, ExecutionException {
        long[] filled = new long[2];
        store.scan(Keys.of(Keys.NODE, 0), (k, v) -> {
            filled[0] = ByteReader.int64(v, 1);
            filled[1] = ByteReader.int64(v, 9);
        });
        ExecutorService readers = Executors.newFixedThreadPool(DRAIN_THREADS);
        long start = System.nanoTime();
        long bytes = 0;
        long cpu = 0;
        for (int first = 1; first <= queues; first += IN_TURN) {
            int from = first;
            List<Future<long[]>> parts = new ArrayList<>();
            for (int t = 0; t < DRAIN_THREADS; t++) {
                int thread = t;
                parts.add(readers.submit(() -> drainSome(
                        store, from + thread, Math.min(queues + 1, from + IN_TURN), filled[0], (int) filled[1])));
            }
            for (Future<long[]> p : parts) {
                bytes += p.get()[0];
                cpu += p.get()[1];
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        readers.shutdown();
        System.out.printf(
                "%d MB in %.1f s: %.0f MB/s, %.2f s of readers' CPU, %.2f us per KiB, %s%n",
                bytes >> 20, seconds, (bytes >> 20) / seconds, cpu / 1e9, cpu / 1e3 / (bytes >> 10), store.metrics());
    }

    private static long[] drainSome(RocksStore store, int fromQueue, int toQueue, long chunks, int messages) {
        long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        long bytes = 0;
        for (long i = 0; i < chunks; i++) {
            for (int q = fromQueue; q < toQueue; q += DRAIN_THREADS) {
                bytes += store.load(new Chunk(q, i * messages, messages, 0, 0)).bytes().length;
            }
        }
        return new long[] {bytes, ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu};
    }
}
