package io.tallymq.raft.session;

import io.tallymq.raft.anatomy.ConfirmPhases;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** What a runtime counts, since its start. Reading is for any thread and approximate. */
public final class RuntimeMetrics {
    /** Who waits for an entry should wait no longer: more is counted. */
    static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final ConfirmPhases phases;
    final LongAdder sentBatches = new LongAdder();
    final LongAdder sentBytes = new LongAdder();
    final LongAdder gatheredBytes = new LongAdder();
    final LongAdder resentBatches = new LongAdder();
    final LongAdder ownBatches = new LongAdder();
    final LongAdder ownMessages = new LongAdder();
    private final LongAdder entries = new LongAdder();
    final LongAdder batches = new LongAdder();
    private final LongAdder entryBytes = new LongAdder();
    final LongAdder duplicates = new LongAdder();
    final LongAdder gaps = new LongAdder();
    private final LongAdder applyNanos = new LongAdder();
    private final LongAdder slowEntries = new LongAdder();
    private final LongAccumulator slowest = new LongAccumulator(Math::max, 0);
    final LongAdder flushes = new LongAdder();
    final LongAdder flushNanos = new LongAdder();
    final LongAdder registrations = new LongAdder();
    final LongAdder blockings = new LongAdder();
    final LongAdder withholdings = new LongAdder();
    final LongAdder droppedReplies = new LongAdder();
    final LongAdder traced = new LongAdder();
    final LongAdder skippedTraces = new LongAdder();

    RuntimeMetrics() {
        this(System::nanoTime);
    }

    /** @param nanoTime as {@link System#nanoTime} */
    public RuntimeMetrics(LongSupplier nanoTime) {
        this.phases = new ConfirmPhases(nanoTime);
    }

    /** Where the time of confirms goes. */
    public ConfirmPhases phases() {
        return phases;
    }

    /** Batches sent for the first time. */
    public long sentBatches() {
        return sentBatches.sum();
    }

    /** Bytes sent, packed, also of batches that were sent again. */
    public long sentBytes() {
        return sentBytes.sum();
    }

    /** The same before they were packed. */
    public long gatheredBytes() {
        return gatheredBytes.sum();
    }

    /** Batches sent again. */
    public long resentBatches() {
        return resentBatches.sum();
    }

    /** Batches of this node that took effect. */
    public long ownBatches() {
        return ownBatches.sum();
    }

    /** Messages in {@link #ownBatches}. */
    public long ownMessages() {
        return ownMessages.sum();
    }

    /** Entries applied, of all nodes. */
    public long entries() {
        return entries.sum();
    }

    /** Batches in them, of all nodes. */
    public long batches() {
        return batches.sum();
    }

    /** Their bytes. */
    public long entryBytes() {
        return entryBytes.sum();
    }

    /** Entries that were applied before and dropped. */
    public long duplicates() {
        return duplicates.sum();
    }

    /** Entries dropped because an earlier one of their node was missing. */
    public long gaps() {
        return gaps.sum();
    }

    /** An entry was applied. */
    void applied(long nanos, int bytes) {
        entries.increment();
        entryBytes.add(bytes);
        applyNanos.add(nanos);
        slowest.accumulate(nanos);
        if (nanos > SLOW_NANOS) {
            slowEntries.increment();
        }
    }

    /** Entries that took more than 20 ms. */
    public long slowEntries() {
        return slowEntries.sum();
    }

    /** What one took at most, nanoseconds. */
    public long slowestEntryNanos() {
        return slowest.get();
    }

    /** Nanoseconds spent applying entries. */
    public long applyNanos() {
        return applyNanos.sum();
    }

    /** Commits to the store. */
    public long flushes() {
        return flushes.sum();
    }

    /** Nanoseconds spent in them and in telling the sessions. */
    public long flushNanos() {
        return flushNanos.sum();
    }

    /** How often this node lost its registration and began a new one. */
    public long registrations() {
        return registrations.sum();
    }

    /** How often publishers were blocked. */
    public long blockings() {
        return blockings.sum();
    }

    /** How often a connection's deliveries were withheld because this node's lease had run out. */
    public long withholdings() {
        return withholdings.sum();
    }

    /** Messages of this node's publishers whose times were noted, as these asked. */
    public long traced() {
        return traced.sum();
    }

    /** Those whose times were not noted although their publishers asked: too many in a batch, or none is kept. */
    public long skippedTraces() {
        return skippedTraces.sum();
    }

    /** Direct replies that were not delivered because their client reads too slowly. */
    public long droppedReplies() {
        return droppedReplies.sum();
    }
}
