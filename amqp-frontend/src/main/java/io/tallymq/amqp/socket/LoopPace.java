package io.tallymq.amqp.socket;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Makes the turns of an event loop larger while the machine is full and the loop is busy: a client that sends each publish and each ack
 * on its own would cost a system call and a wake-up for each, while batches wait for the log anyway. Before it asks the sockets the loop
 * rests until about {@link #WORTH} more messages are there, {@link #MOST_NANOS} at most since its last turn. A loop with little to do
 * never rests, nor one on a machine with a processor to spare. The loop's thread.
 */
final class LoopPace implements SelectStrategy {
    /** So many publishes, acks and other methods are worth a turn. */
    static final int WORTH = 16;
    /** A rest ends after so long. */
    static final long MOST_NANOS = 1_000_000;
    /** Below so many methods a second a loop does not rest. */
    static final int BUSY_FROM = 4_000;
    /** The rate is measured over so long. */
    static final long WINDOW_NANOS = 4_000_000;
    /** A shorter rest would cost more than it saves. */
    private static final long LEAST_NANOS = 60_000;

    private static final double SECOND = 1e9;

    /** How a thread rests. */
    interface Rest {
        void nanos(long nanos);
    }

    private final BooleanSupplier machineFull;
    private final LongSupplier nanoTime;
    private final Rest rest;
    private final Runnable first;
    private boolean begun;
    private long windowFrom;
    private long windowMethods;
    private long methodsPerSecond;
    private long lastTurn;

    /** @param first run once, on the loop's thread */
    LoopPace(BooleanSupplier machineFull, LongSupplier nanoTime, Rest rest, Consumer<LoopPace> first) {
        this.machineFull = machineFull;
        this.nanoTime = nanoTime;
        this.rest = rest;
        this.first = () -> first.accept(this);
        this.windowFrom = nanoTime.getAsLong();
        this.lastTurn = windowFrom;
    }

    static void park(long nanos) {
        LockSupport.parkNanos(nanos);
    }

    /** So many methods came in with a read. */
    void came(int methods) {
        windowMethods += methods;
    }

    @Override
    public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
        if (!begun) {
            begun = true;
            first.run();
        }
        if (hasTasks) {
            return selectNow.get();
        }
        long now = nanoTime.getAsLong();
        measure(now);
        long left = lastTurn + gap() - now;
        if (left < LEAST_NANOS || !machineFull.getAsBoolean()) {
            lastTurn = now;
            return SELECT;
        }
        rest.nanos(left);
        lastTurn = nanoTime.getAsLong();
        // What was given to the loop meanwhile did not have to wake it up; it is looked for before the loop blocks.
        return selectNow.get();
    }

    private void measure(long now) {
        long took = now - windowFrom;
        if (took >= WINDOW_NANOS) {
            methodsPerSecond = (long) (windowMethods * SECOND / took);
            windowMethods = 0;
            windowFrom = now;
        }
    }

    /** Nanoseconds from one turn to the next, 0 for at once. */
    private long gap() {
        return methodsPerSecond < BUSY_FROM ? 0 : Math.min(MOST_NANOS, (long) (WORTH * SECOND / methodsPerSecond));
    }
}
