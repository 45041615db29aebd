package io.tallymq.store;

import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.MessageStore.Applied;
import io.tallymq.broker.store.MessageStore.Slice;
import io.tallymq.format.Versions;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A random but repeatable log: entry after entry of the writes a broker makes, each depending on nothing but the seed and the
 * entries before it.
 */
final class StoreScript {
    static final Versions LEVELS = new Versions(1, 1);
    private static final int QUEUES = 6;
    /** Live chunks per queue around which puts and removals balance. */
    private static final int DEPTH = 40;

    private static final class Queue {
        final long number;
        final List<Chunk> chunks = new ArrayList<>();
        long tail;

        Queue(long number) {
            this.number = number;
        }
    }

    private record Shared(long id, int parts) {}

    private final SplittableRandom random;
    private final List<Queue> queues = new ArrayList<>();
    private final List<Shared> shared = new ArrayList<>();
    private long lastQueue;
    private long lastShared;
    private long index = -1;

    StoreScript(long seed) {
        random = new SplittableRandom(seed);
        for (int i = 0; i < QUEUES; i++) {
            queues.add(new Queue(++lastQueue));
        }
    }

    long index() {
        return index;
    }

    Applied applied() {
        return new Applied(1 + index / 1_000, index, 5 * index, LEVELS.max());
    }

    /** Writes the next entries, as many as go into one commit, and leaves the commit to the caller. */
    void step(MessageStore store) {
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            index++;
            for (int writes = 1 + random.nextInt(6); writes > 0; writes--) {
                write(store);
            }
        }
    }

    /** Goes on to {@code end}, which must be the end of a commit, and commits each step. */
    void run(MessageStore store, long end) {
        while (index < end) {
            step(store);
            store.commit(applied());
        }
        if (index != end) {
            throw new IllegalStateException("no commit ends at " + end);
        }
    }

    private void write(MessageStore store) {
        Queue queue = queues.get(random.nextInt(QUEUES));
        int what = random.nextInt(1_000);
        if (what < 700) {
            if (random.nextInt(2 * DEPTH) >= queue.chunks.size()) {
                putChunk(store, queue);
            } else {
                // Mostly the head, as consumers do, sometimes a message in the middle.
                int at = random.nextInt(4) > 0 ? 0 : random.nextInt(queue.chunks.size());
                store.deleteChunk(queue.chunks.remove(at));
            }
        } else if (what < 900) {
            byte[] value = new byte[random.nextInt(200)];
            random.nextBytes(value);
            store.put(Keys.of(Keys.QUEUE_STATE, queue.number), value);
        } else if (what < 940) {
            store.delete(Keys.of(Keys.QUEUE_STATE, queue.number));
        } else if (what < 990) {
            shared(store);
        } else if (what < 997) {
            purge(store, queue);
        } else {
            store.deleteChunks(queue.number, 0, Long.MAX_VALUE);
            store.delete(Keys.of(Keys.QUEUE_STATE, queue.number));
            queues.set(queues.indexOf(queue), new Queue(++lastQueue));
        }
    }

    private void putChunk(MessageStore store, Queue queue) {
        int bytes = random.nextInt(100) == 0 ? 60_000 : random.nextInt(10, 1_500);
        TestChunks.Made made = TestChunks.chunk(queue.number, queue.tail, random.nextInt(1, 6), bytes, index);
        if (random.nextBoolean()) {
            made.withBody();
        }
        store.putChunk(made.chunk(), made.parts());
        queue.chunks.add(made.chunk());
        queue.tail = made.chunk().endSeq();
    }

    /** Everything from some chunk on, or up to another; what is published later gets larger numbers. */
    private void purge(MessageStore store, Queue queue) {
        if (queue.chunks.isEmpty()) {
            return;
        }
        int keep = random.nextInt(queue.chunks.size());
        int end = random.nextBoolean() ? queue.chunks.size() : random.nextInt(keep, queue.chunks.size());
        long from = queue.chunks.get(keep).firstSeq();
        store.deleteChunks(
                queue.number,
                from,
                end == queue.chunks.size() ? queue.tail : queue.chunks.get(end).firstSeq());
        queue.chunks.subList(keep, end).clear();
    }

    private void shared(MessageStore store) {
        if (shared.size() < 10 || random.nextBoolean()) {
            Shared body = new Shared(++lastShared, 1 + random.nextInt(3));
            for (int part = 0; part < body.parts; part++) {
                byte[] bytes = new byte[random.nextInt(5_000)];
                random.nextBytes(bytes);
                store.putShared(body.id, part, List.of(new Slice(bytes, 0, bytes.length)));
            }
            shared.add(body);
        } else {
            Shared body = shared.remove(random.nextInt(shared.size()));
            store.deleteShared(body.id, body.parts);
        }
    }
}
