package org.apache.ratis.util;

import io.netty.util.HashedWheelTimer;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.ratis.util.function.CheckedRunnable;

/**
 * Stands in for the class of the same name in ratis-common. Ratis starts a timeout of 3 s for every append it sends and never takes
 * one back, so under load its eight sorted {@link java.util.Timer}s hold thousands, and cost 3 to 5 % of a leader. Here they
 * lie in a wheel: putting one in is O(1), one thread wakes up twice a second. A timeout is late by two ticks at most, a second. It only takes effect when
 * this module comes before ratis-common on the class path; nothing breaks if it does not.
 */
public final class TimeoutTimer implements TimeoutExecutor {
    private static final long TICK_MILLIS = 500;
    /** One turn is longer than the usual timeout. */
    private static final int WHEEL = 32;

    private static final Supplier<TimeoutTimer> INSTANCE = JavaUtils.memoize(TimeoutTimer::new);

    private final HashedWheelTimer wheel = new HashedWheelTimer(
            new DefaultThreadFactory("ratis-timeouts", true), TICK_MILLIS, TimeUnit.MILLISECONDS, WHEEL, false);

    private final AtomicInteger tasks = new AtomicInteger();

    private TimeoutTimer() {}

    public static TimeoutTimer getInstance() {
        return INSTANCE.get();
    }

    @Override
    public int getTaskCount() {
        return tasks.get();
    }

    @Override
    public <THROWABLE extends Throwable> void onTimeout(
            TimeDuration timeout, CheckedRunnable<THROWABLE> task, Consumer<THROWABLE> errorHandler) {
        tasks.incrementAndGet();
        wheel.newTimeout(
                ignored -> {
                    tasks.decrementAndGet();
                    try {
                        task.run();
                    } catch (Throwable t) { // THROWABLE is erased: whatever it is, it is the handler's
                        errorHandler.accept(JavaUtils.cast(t));
                    }
                },
                timeout.toLong(TimeUnit.NANOSECONDS),
                TimeUnit.NANOSECONDS);
    }
}
