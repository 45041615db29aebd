package io.tallymq.raft.cluster;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * The leader's duty to let the log go on while the state has work left for later entries ({@link BrokerMachine#owes}): one
 * empty command after the other, for nobody else may want anything. Behind each it rests for as long as that one took: so others' entries find
 * the nodes idle half of the time, and the followers, who do the same work, do not fall behind. Any thread.
 */
public final class Continuation {
    private static final long MOST_PAUSE_NANOS = 100_000_000;
    /** Units of what is due that an entry does while others want something, too; about 5 us each on each node. */
    static final int FEWEST = 64;
    /** The same while nobody does. */
    static final int MOST = 1_000;

    private final ClusterView cluster;
    private final BooleanSupplier owes;
    private final IntSupplier level;
    private final LongSupplier batches;
    private final Function<Command, CompletableFuture<Reply>> submit;
    private final LongSupplier nanoTime;
    private final Pause pause;
    private final AtomicBoolean running = new AtomicBoolean();
    // Whoever runs it, one at a time.
    private long seen;
    private int work = FEWEST;

    /** Runs something later, once. */
    public interface Pause {
        void after(long nanos, Runnable next);
    }

    /**
     * Does nothing yet.
     *
     * @param level that was applied here
     * @param batches of all nodes that were applied here: tells whether others want something
     */
    public Continuation(
            ClusterView cluster,
            BooleanSupplier owes,
            IntSupplier level,
            LongSupplier batches,
            Function<Command, CompletableFuture<Reply>> submit,
            LongSupplier nanoTime,
            Pause pause) {
        this.nanoTime = nanoTime;
        this.pause = pause;
        this.cluster = cluster;
        this.owes = owes;
        this.level = level;
        this.batches = batches;
        this.submit = submit;
    }

    /** Adds an entry if this node leads, the state owes one, and nothing else brings one. Any thread; never blocks. */
    public void tick() {
        if (cluster.isLeader() && owes.getAsBoolean() && running.compareAndSet(false, true)) {
            next();
        }
    }

    /** While others want something little is done at a time, so that they do not wait; else more and more. */
    private Probe probe() {
        long now = batches.getAsLong();
        boolean alone = now - seen <= 1; // the one before
        seen = now;
        work = alone ? Math.min(MOST, 2 * work) : FEWEST;
        return new Probe(false, level.getAsInt() < Probe.WORK_LEVEL ? 0 : work);
    }

    private void next() {
        guarded(() -> {
            long begun = nanoTime.getAsLong();
            CompletableFuture<Reply> unused =
                    submit.apply(probe()).whenComplete((reply, failure) -> guarded(() -> answered(reply, begun)));
        });
    }

    private void answered(Reply reply, long begun) {
        if (reply instanceof Reply.Probed && cluster.isLeader() && owes.getAsBoolean()) {
            pause.after(Math.min(MOST_PAUSE_NANOS, nanoTime.getAsLong() - begun), this::next);
        } else {
            running.set(false);
        }
    }

    /** What throws ends this run only: the next tick begins another one. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            running.set(false);
            throw e;
        }
    }
}
