package io.tallymq.raft.entry;

import io.tallymq.raft.anatomy.Times;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The leader's way into the log: while an entry is on its way, the batches that arrive from all nodes wait and become the next
 * entry together, and under load the next one waits a moment for the nodes that are still missing ({@link Gathering}). So clients on
 * three nodes cost the entries of one. Any thread; batches of one caller keep their order.
 *
 * <p>What waits is bounded by what each node may have sent and not seen applied, for a batch waits once: a node that sees nothing applied sends all of it again and again, and
 * what it sent before it registered anew has nobody left who waits for it. The entry on its way is no reason to leave a batch out: it may come behind one
 * that the log misses, in vain.
 */
public final class EntryQueue {
    /** What a batch takes at most if others are to travel with it. */
    static final int MAX_BYTES = 1 << 20;
    /** The same once they are unpacked: what one entry brings to apply. */
    static final int MAX_UNPACKED = 4 << 20;
    /** Most batches of an entry: each may bring a little work that nothing interrupts. */
    static final int MAX_BATCHES = 12;
    /** Most units of {@link BatchCodec#work} of an entry of several batches: some microseconds each. */
    static final int MAX_WORK = 2 * BatchCodec.MAX_COMMANDS;

    private record Key(String node, long epoch, long seq) {}

    private record Waiting(
            Key key, byte[] batch, int unpacked, boolean patient, int work, Runnable refused, long since) {}

    /** What an entry waits on: some thread that runs an action after so many nanoseconds. */
    public interface Delay {
        void after(long nanos, Runnable action);
    }

    private final Function<byte[], CompletableFuture<?>> log;
    private final Executor afterFailure;
    private final Delay delay;
    private final LongSupplier nanoTime;
    private final Gathering gathering;
    private final Consumer<Throwable> failed;
    /** Null: nobody measures. */
    private volatile Times waits;

    private final LinkedHashMap<Key, Waiting> waiting = new LinkedHashMap<>();
    /** The batch of each node with the highest number since it registered. */
    private final Map<String, Key> newest = new HashMap<>();

    private long waitingBytes;
    /** Of those that wait, the batches with somebody in them who loses by a wait. */
    private int impatient;

    private boolean inFlight;
    /** The batches of the entry that was made last, and when it was. */
    private List<Waiting> last = List.of();

    private long made;
    /** Counts the entries: a delay that ends after its entry has gone means nothing. */
    private long entries;

    /**
     * Makes an empty queue.
     *
     * @param log appends an entry; the future completes when it is applied, or exceptionally
     * @param afterFailure where the next entry is submitted after one that failed: the failing thread may hold locks
     * @param most how many nanoseconds an entry waits for other nodes' batches at most; 0 for never
     * @param fullMachine whether all processors are in use
     * @param failed told of a bug or a lack of memory, after which no entry may ever be appended again: the node must not go on
     */
    public EntryQueue(
            Function<byte[], CompletableFuture<?>> log,
            Executor afterFailure,
            Delay delay,
            LongSupplier nanoTime,
            long most,
            BooleanSupplier fullMachine,
            Consumer<Throwable> failed) {
        this.log = log;
        this.failed = failed;
        this.afterFailure = afterFailure;
        this.delay = delay;
        this.nanoTime = nanoTime;
        this.gathering = new Gathering(most, fullMachine);
    }

    /** Counts from now on how long batches wait. */
    public void measure(Times times) {
        waits = times;
    }

    /**
     * Appends a batch as soon as it may.
     *
     * @param node whose batch it is
     * @param patient all in it is of sessions that lose nothing by a moment's wait
     * @param work units that its node has said it is, see {@link BatchCodec#work}: read before the time was stamped over it
     * @param refused told when it was not appended, or when that is not known
     */
    public void add(String node, byte[] batch, boolean patient, int work, Runnable refused) {
        Key key = new Key(node, BatchCodec.epoch(batch, 0), BatchCodec.seq(batch, 0));
        int unpacked = BatchCodec.unpackedLength(batch);
        submit(() -> {
            boolean again = isSentAgain(key);
            Waiting before = waiting.get(key);
            count(before, -1);
            put(new Waiting(
                    key,
                    batch,
                    unpacked,
                    patient,
                    work,
                    refused,
                    before == null ? nanoTime.getAsLong() : before.since));
            if (again && before == null) {
                moveBehind(key);
            }
            gathering.arrived(node);
            return inFlight ? List.of() : due();
        });
    }

    /** Whether its node has sent it, or one behind it, before. With a node's first batch since it registered anew nothing of its earlier ones waits any more. */
    private boolean isSentAgain(Key key) {
        Key last = newest.get(key.node);
        if (last != null && last.epoch == key.epoch && last.seq >= key.seq) {
            return true;
        }
        newest.put(key.node, key);
        if (last != null && last.epoch < key.epoch) {
            List<Key> older = waiting.keySet().stream()
                    .filter(k -> k.node.equals(key.node) && k.epoch < key.epoch)
                    .toList();
            older.forEach(this::remove);
        }
        return false;
    }

    /**
     * A batch that is sent again and does not wait goes before those of its node that it was sent before. One that waits keeps its place: what waits
     * as a whole would else be torn by being sent again while some of it goes on its way.
     */
    private void moveBehind(Key key) {
        List<Key> behind = waiting.keySet().stream()
                .filter(k -> k.node.equals(key.node) && k.epoch == key.epoch && k.seq > key.seq)
                .toList();
        behind.forEach(k -> waiting.put(k, waiting.remove(k)));
    }

    /** One that waits keeps its place. */
    private void put(Waiting w) {
        waiting.put(w.key, w);
        count(w, 1);
    }

    private Waiting remove(Key key) {
        Waiting w = waiting.remove(key);
        count(w, -1);
        return w;
    }

    private void count(Waiting w, int by) {
        if (w != null) {
            waitingBytes += (long) by * w.unpacked;
            impatient += w.patient ? 0 : by;
        }
    }

    /** The next entry, if it need not wait; empty for nothing. */
    private List<Waiting> due() {
        if (waiting.isEmpty()) {
            return List.of();
        }
        boolean had = gathering.isActive();
        if (waitingBytes < MAX_BYTES && gathering.waits(waitingBytes, impatient == 0)) {
            if (!had) {
                long of = entries;
                delay.after(gathering.length(), () -> over(of));
            }
            return List.of();
        }
        return next();
    }

    private void over(long of) {
        submit(() -> inFlight || entries != of ? List.of() : next());
    }

    /** What waits, as much as one entry holds. */
    private List<Waiting> next() {
        List<Waiting> entry = new ArrayList<>();
        Set<String> nodes = new HashSet<>();
        int bytes = 0;
        long unpacked = 0;
        int work = 0;
        for (Waiting w : waiting.values()) {
            bytes += w.batch.length;
            unpacked += w.unpacked;
            work += w.work;
            boolean full = bytes > MAX_BYTES || unpacked > MAX_UNPACKED || work > MAX_WORK;
            if (!entry.isEmpty() && (full || entry.size() == MAX_BATCHES)) {
                break;
            }
            entry.add(w);
            nodes.add(w.key.node);
        }
        entry.forEach(w -> remove(w.key));
        inFlight = true;
        entries++;
        last = entry;
        made = nanoTime.getAsLong();
        gathering.sent(nodes, made);
        waiting.values().forEach(w -> gathering.arrived(w.key.node));
        return entry;
    }

    /**
     * Takes what is to be appended, with the lock, and appends it. One thread at a time: the next entry is taken when this one is done. What throws here would leave an
     * entry on its way for ever, and a node that leads and takes nothing.
     */
    private void submit(Supplier<List<Waiting>> take) {
        try {
            List<Waiting> entry;
            synchronized (this) {
                entry = take.get();
            }
            if (!entry.isEmpty()) {
                submit(entry);
            }
        } catch (RuntimeException | Error e) {
            failed.accept(e);
        }
    }

    private void submit(List<Waiting> entry) {
        Times times = waits;
        if (times != null) {
            long now = nanoTime.getAsLong();
            entry.forEach(w -> times.add(now - w.since, now));
        }
        List<byte[]> batches = entry.stream().map(Waiting::batch).toList();
        byte[] bytes = batches.size() == 1 ? batches.get(0) : BatchCodec.join(batches);
        append(bytes).whenComplete((done, e) -> {
            if (e == null) {
                goOn();
            } else {
                refuse(entry);
            }
        });
    }

    /** Also when its fate is unknown: a batch that comes twice is dropped the second time. */
    private void refuse(List<Waiting> entry) {
        try {
            entry.forEach(w -> w.refused.run());
            afterFailure.execute(this::goOn);
        } catch (RuntimeException | Error e) {
            failed.accept(e);
        }
    }

    /** A log that throws is one that failed: otherwise nothing would ever follow this entry. */
    private CompletableFuture<?> append(byte[] bytes) {
        try {
            return log.apply(bytes);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void goOn() {
        submit(() -> {
            inFlight = false;
            gathering.applied(nanoTime.getAsLong());
            return due();
        });
    }

    /** How long a batch of the entry on its way waited for it, in nanoseconds; -1 when it is not one of these. */
    public synchronized long waited(String node, long epoch, long seq) {
        Key key = new Key(node, epoch, seq);
        for (Waiting w : inFlight ? last : List.<Waiting>of()) {
            if (w.key.equals(key)) {
                return Math.max(0, made - w.since);
            }
        }
        return -1;
    }

    /** Batches that wait for the entry on its way. */
    public synchronized int waiting() {
        return waiting.size();
    }
}
