package io.tallymq.login;

import io.tallymq.net.Origin;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Time that failed logins cost the address they come from (see {@link Origin}): twice as much each time, up to a limit. Any thread. */
final class Penalties {
    /** Addresses that are known, at most: those that failed last. */
    static final int MOST = 10_000;

    static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(3);
    /** Forgotten after this time without another one. */
    static final long FORGET_NANOS = TimeUnit.MINUTES.toNanos(1);

    private record Failures(int count, long last) {}

    private final LongSupplier nanoTime;
    private final long most;
    private final Map<InetAddress, Failures> failures = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, Failures> eldest) {
            return size() > MOST;
        }
    };

    /** @param most nanoseconds of one of them */
    Penalties(LongSupplier nanoTime, long most) {
        this.most = most;
        this.nanoTime = nanoTime;
    }

    /** A login failed. Returns for how long its answer is to be held back, nanoseconds. */
    synchronized long failed(InetAddress from) {
        InetAddress origin = Origin.of(from);
        long now = nanoTime.getAsLong();
        Failures before = failures.get(origin);
        int count = before == null || now - before.last > FORGET_NANOS ? 1 : before.count + 1;
        failures.put(origin, new Failures(count, now));
        int doubled = Math.min(count - 1, 10);
        return Math.min(most, FIRST_NANOS << doubled);
    }

    /** A login succeeded that was not known before. */
    synchronized void succeeded(InetAddress from) {
        failures.remove(Origin.of(from));
    }
}
